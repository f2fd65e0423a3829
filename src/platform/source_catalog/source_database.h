#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/source_catalog.h"

namespace cdclake::source_catalog {

/// Where the source database is. The user needs no privilege beyond connecting.
struct SourceDatabaseConfig {
  /// A name, an address or the folder of a Unix socket, or several with commas between, of which
  /// the first that can be reached is taken. Required.
  std::string host;
  std::string port = "5432";
  std::string name;        ///< Required.
  std::string user;        ///< Required.
  std::string password{};  ///< Never appears in a message.
  std::string sslmode{};   ///< libpq's words; empty: verify-full, on this machine prefer.
  std::chrono::milliseconds wait_max{8'000};  ///< For all of it, however many addresses there are.

  Status validate() const;
  /// The mode that is used for one of the hosts.
  std::string effective_sslmode(std::string_view one_host) const;
};

/// Reads every table of the database that is not PostgreSQL's own, in one read-only transaction.
/// kUnavailable where the database cannot be reached, refuses us or takes too long; kCancelled soon
/// after `stop` is asked for.
Result<model::SourceCatalog> read_source_catalog(const SourceDatabaseConfig& config,
                                                 const std::stop_token& stop = {});

}  // namespace cdclake::source_catalog
