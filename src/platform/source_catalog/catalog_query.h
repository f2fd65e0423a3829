#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/source_catalog.h"

namespace cdclake::source_catalog {

/// The statement that lists the columns of every table that is not PostgreSQL's own, table by
/// table, in attnum order. PostgreSQL 12 or newer.
extern const char* const kCatalogQuery;

/// One of its rows.
struct CatalogRow {
  std::string schema;
  std::string table;
  std::string replica_identity;  ///< One of PostgreSQL's letters.
  std::string column;
  std::string type;
  std::string base_type;
  bool not_null = false;
  std::optional<std::string> default_expression{};
  bool generated = false;
  std::string storage{};
  int key_position = 0;  ///< From 1 in the primary key; 0: not in it.
};

model::SourceCatalog catalog_of(const std::vector<CatalogRow>& rows);

}  // namespace cdclake::source_catalog
