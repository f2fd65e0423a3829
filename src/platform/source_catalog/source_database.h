#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "model/source_catalog.h"

namespace cdclake::source_catalog {

/// Where the source database is. The user needs no privilege beyond connecting.
struct SourceDatabaseConfig {
  std::string host;  ///< A name, an address, or the folder of a Unix socket. Required.
  std::string port = "5432";
  std::string name;        ///< Required.
  std::string user;        ///< Required.
  std::string password{};  ///< Never appears in a message.
  std::string sslmode{};   ///< libpq's words; empty: verify-full, and prefer on this machine.
  std::chrono::seconds connect_wait_max{3};  ///< For each address of the host.
  std::chrono::seconds wait_max{8};          ///< For all of it. Below what a shutdown may take.

  Status validate() const;
  /// The mode that is used.
  std::string effective_sslmode() const;
};

/// Reads every table of the database that is not PostgreSQL's own, in one read-only transaction.
/// kUnavailable where the database cannot be reached, refuses us or takes too long.
Result<model::SourceCatalog> read_source_catalog(const SourceDatabaseConfig& config);

}  // namespace cdclake::source_catalog
