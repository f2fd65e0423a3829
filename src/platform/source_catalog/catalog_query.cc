#include "platform/source_catalog/catalog_query.h"

#include <algorithm>
#include <utility>

namespace cdclake::source_catalog {

// Columns that an index only includes are not part of its key. A domain over an array, and an array
// of domains, rest on nothing whose spelling is known: their base stays empty.
const char* const kCatalogQuery = R"sql(
WITH RECURSIVE chain(domain, base, typmod) AS (
    SELECT oid, typbasetype, typtypmod FROM pg_type WHERE typtype = 'd'
  UNION ALL
    SELECT chain.domain, inner_type.typbasetype, inner_type.typtypmod
    FROM chain JOIN pg_type inner_type ON inner_type.oid = chain.base
    WHERE inner_type.typtype = 'd'),
ground(domain, base_type) AS (
    SELECT chain.domain,
           CASE WHEN t.typtype = 'e' THEN 'text'
                WHEN t.typtype = 'b' AND t.typcategory <> 'A'
                THEN format_type(chain.base, chain.typmod) END
    FROM chain JOIN pg_type t ON t.oid = chain.base
    WHERE t.typtype <> 'd')
SELECT n.nspname, c.relname, c.relreplident, a.attname,
       format_type(a.atttypid, a.atttypmod),
       CASE WHEN t.typtype = 'd' THEN ground.base_type
            WHEN t.typtype = 'e' THEN 'text'
            WHEN element.typtype = 'e' AND t.typcategory = 'A' THEN 'text[]' END,
       a.attnotnull, a.attgenerated <> '', coalesce(key.position, 0),
       pg_get_expr(d.adbin, d.adrelid), a.attstorage
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_type element ON element.oid = t.typelem
LEFT JOIN ground ON ground.domain = t.oid
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
LEFT JOIN LATERAL (
    SELECT k.position FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, position)
    WHERE k.attnum = a.attnum AND k.position <= i.indnkeyatts) key ON true
WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema'
  AND n.nspname NOT LIKE 'pg\_%'
ORDER BY n.nspname, c.relname, a.attnum)sql";

model::SourceCatalog catalog_of(const std::vector<CatalogRow>& rows) {
  model::SourceCatalog catalog;
  std::map<std::pair<std::string, std::string>, std::vector<std::pair<int, std::string>>> keys;
  for (const CatalogRow& row : rows) {
    const auto name = std::pair(row.schema, row.table);
    model::CatalogTable& table = catalog.tables[name];
    table.schema = row.schema;
    table.table = row.table;
    if (!row.replica_identity.empty()) {
      table.replica_identity = static_cast<model::ReplicaIdentity>(row.replica_identity.front());
    }
    table.columns.push_back({.name = row.column,
                             .type = row.type,
                             .base_type = row.base_type,
                             .not_null = row.not_null,
                             .default_expression = row.default_expression,
                             .generated = row.generated,
                             .storage = row.storage});
    if (row.key_position > 0) keys[name].emplace_back(row.key_position, row.column);
  }
  for (auto& [name, columns] : keys) {
    std::ranges::sort(columns);
    for (auto& [position, column] : columns) {
      catalog.tables[name].primary_key.push_back(std::move(column));
    }
  }
  return catalog;
}

}  // namespace cdclake::source_catalog
