#pragma once

#include <map>
#include <optional>
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
  std::optional<std::string> default_expression{};  ///< As SQL; of a generated column, its rule.
  bool generated = false;
  std::string storage{};  ///< `attstorage`: p, e, m or x; empty: not known.

  bool operator==(const CatalogColumn&) const = default;
};

enum class ReplicaIdentity : char { kDefault = 'd', kFull = 'f', kNothing = 'n', kIndex = 'i' };

struct CatalogTable {
  std::string schema;
  std::string table;
  ReplicaIdentity replica_identity = ReplicaIdentity::kDefault;
  std::vector<std::string> primary_key{};  ///< In index order; empty: no key.
  std::vector<CatalogColumn> columns{};    ///< In attnum order.

  bool operator==(const CatalogTable&) const = default;
};

/// What the source database says of its tables, by (schema, table).
struct SourceCatalog {
  std::map<std::pair<std::string, std::string>, CatalogTable> tables;

  bool operator==(const SourceCatalog&) const = default;
};

}  // namespace cdclake::model
