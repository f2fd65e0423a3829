#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cdclake::model {

/// A column as PostgreSQL's catalog describes it.
struct CatalogColumn {
  std::string name;
  /// `format_type`: `numeric(10,2)`, `timestamp(3) without time zone`, `text[]`.
  std::string type;
  /// What `type` rests on where it is a domain or an enum (`text`); else empty.
  std::string base_type{};
  bool not_null = false;
  bool generated = false;
};

enum class ReplicaIdentity : char { kDefault = 'd', kFull = 'f', kNothing = 'n', kIndex = 'i' };

struct CatalogTable {
  std::string schema;
  std::string table;
  ReplicaIdentity replica_identity = ReplicaIdentity::kDefault;
  std::vector<std::string> primary_key{};  ///< In index order; empty: no key.
  std::vector<CatalogColumn> columns{};    ///< In attnum order.
};

/// What the source database says of its tables, by (schema, table).
struct SourceCatalog {
  std::map<std::pair<std::string, std::string>, CatalogTable> tables;
};

}  // namespace cdclake::model
