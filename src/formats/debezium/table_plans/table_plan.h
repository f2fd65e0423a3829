#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "formats/debezium/table_plans/column_wire.h"
#include "formats/debezium/table_plans/connector_settings.h"
#include "formats/debezium/table_plans/row_plan.h"
#include "formats/debezium/table_plans/schema_types.h"
#include "model/change_row.h"
#include "model/source_catalog.h"
#include "model/table.h"

namespace cdclake::debezium {

/// How to read the records of one table, and what its rows look like.
struct TablePlan {
  model::TableSchemaPtr schema;
  const SchemaBlock* block = nullptr;  ///< Whose types these are; null: the catalog's.
  bool has_record_key = false;
  RowPlan row;  ///< Every column of the schema, in its order.
  RowPlan key;  ///< The key columns, in key order.
};

/// The names in a record's key, in its order; nothing where the record has none.
using KeyNames = std::optional<std::vector<std::string>>;

/// Makes and keeps the plans. Equal table schemas give the same pointer.
class PlanBook {
 public:
  using Answer = std::variant<const TablePlan*, model::RejectedRecord, model::UndecidedRecord>;

  /// `catalog` may be null; it must outlive the book.
  PlanBook(const ConnectorSettings& settings, const model::SourceCatalog* catalog);

  /// The plan for a record of `table` with that schema block (null: bare JSON) and that key.
  Answer plan_for(const model::TableId& table, const SchemaBlock* block, const KeyNames& key);

  /// How to read the key of a tombstone of a table with that schema: by the key's own schema block,
  /// else as the table's rows were read, else by the catalog, else by the types alone where these
  /// have one spelling under the settings. Null where none of them tells.
  const RowPlan* tombstone_key_plan(const model::TableSchemaPtr& schema,
                                    const SchemaBlock* key_block);

  /// Fields of all plans; grows with the schemas seen.
  std::size_t field_count() const { return field_count_; }
  /// Forgets all plans. Schemas keep their pointers as long as anyone holds them.
  void clear();

 private:
  struct Declared {
    std::vector<model::Column> columns;
    std::vector<ColumnWire> wires;
  };
  using DeclaredOrUndecided = std::variant<Declared, model::UndecidedRecord>;

  const model::CatalogTable* catalog_table(const model::TableId& table) const;
  DeclaredOrUndecided declare(const model::TableId& table, const SchemaBlock* block) const;
  Answer make_plan(const model::TableId& table, const SchemaBlock* block, const KeyNames& key);
  std::optional<ColumnWire> tombstone_wire(const model::TableSchema& schema,
                                           const model::Column& column,
                                           const SchemaBlock* key_block) const;
  model::TableSchemaPtr intern(model::TableSchemaPtr schema);

  const ConnectorSettings settings_;
  const model::SourceCatalog* catalog_;
  std::map<std::string, std::unique_ptr<TablePlan>> plans_;
  std::map<std::string, std::unique_ptr<RowPlan>> key_plans_;
  std::map<model::SchemaId, std::weak_ptr<const model::TableSchema>> schemas_;
  std::size_t field_count_ = 0;
};

}  // namespace cdclake::debezium
