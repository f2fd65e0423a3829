#pragma once

#include <string>

#include "platform/source_catalog/source_database.h"

namespace cdclake::source_catalog {

/// A PostgreSQL cluster in a temporary folder, reachable by a Unix socket in it only; gone with the
/// object. Its programs are found on PATH or where distributions keep them.
class ThrowawayPostgres {
 public:
  ThrowawayPostgres();
  ~ThrowawayPostgres();
  ThrowawayPostgres(const ThrowawayPostgres&) = delete;
  ThrowawayPostgres& operator=(const ThrowawayPostgres&) = delete;

  /// Why there is none; empty where it runs.
  const std::string& trouble() const { return trouble_; }
  /// Runs statements with psql; what psql says, if it fails.
  std::string run(const std::string& statements) const;
  SourceDatabaseConfig config() const;

 private:
  std::string folder_;
  std::string programs_;
  std::string trouble_;
};

}  // namespace cdclake::source_catalog
