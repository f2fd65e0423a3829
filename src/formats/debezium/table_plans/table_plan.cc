#include "formats/debezium/table_plans/table_plan.h"

#include <algorithm>
#include <utility>

#include "base/shortened.h"
#include "formats/debezium/table_plans/catalog_types.h"
#include "formats/debezium/table_plans/rejection.h"

namespace cdclake::debezium {
namespace {

using model::CatalogColumn;
using model::CatalogTable;
using model::RejectedRecord;
using model::TableId;
using model::TypeKind;
using model::UndecidedRecord;

constexpr std::size_t kSchemasMax = 4096;

/// What a plan depends on, as one key. A schema block is known by its address, which its owner
/// keeps as long as the plans.
std::string plan_name(const TableId& table, const SchemaBlock* block, const KeyNames& key) {
  std::string name = std::to_string(reinterpret_cast<std::uintptr_t>(block));
  const auto add = [&name](std::string_view part) {
    name += std::to_string(part.size());
    name += ':';
    name += part;
  };
  for (const std::string* part : {&table.source, &table.database, &table.schema, &table.table}) {
    add(*part);
  }
  name += key ? "key" : "none";
  if (key) std::ranges::for_each(*key, add);
  return name;
}

UndecidedRecord no_types(const TableId& table) {
  return {table, "table " + table.display() +
                     " has no declared types, and JSON values do not tell them: enable schema "
                     "blocks in its messages (value.converter.schemas.enable=true), or let us read "
                     "the source's catalog (SOURCE_DB_*, or a file of it: --catalog); a schema "
                     "registry or a contract file would do too, but this version reads neither"};
}

UndecidedRecord refused(const TableId& table, const std::string& column, const RefusedType& type) {
  return {table, "table " + table.display() + ", column " + shortened(column) + " of type " +
                     shortened(type.type) + ": " + type.mending};
}

RejectedRecord key_mismatch(const TableId& table, std::string detail) {
  return {std::string(reason::kKeyMismatch), std::move(detail), table};
}

const CatalogColumn* find_column(const CatalogTable* table, std::string_view name) {
  if (table == nullptr) return nullptr;
  const auto found = std::ranges::find(table->columns, name, &CatalogColumn::name);
  return found == table->columns.end() ? nullptr : &*found;
}

std::string list(const std::vector<std::string>& names) {
  std::string text = "(";
  for (const std::string& name : names) text += (text.size() > 1 ? ", " : "") + name;
  return shortened(text + ")");
}

/// PostgreSQL logs the columns of the index alone: where Debezium keys by the primary key, it makes
/// up that of a deleted row.
bool deletes_have_another_key(const CatalogTable& table) {
  return table.replica_identity == model::ReplicaIdentity::kIndex && !table.primary_key.empty();
}

UndecidedRecord other_key_in_deletes(const TableId& table) {
  return {table,
          "table " + table.display() +
              " has a primary key and REPLICA IDENTITY USING INDEX, so that its deletes do "
              "not say which row they mean: ALTER TABLE … REPLICA IDENTITY DEFAULT (or FULL), "
              "take a new snapshot, and let us read the catalog again"};
}

/// Why a record's key cannot be that of a table in the catalog, or nothing. Without a primary key
/// only REPLICA IDENTITY USING INDEX makes a key that is known to be unique.
std::optional<std::string> key_conflict(const CatalogTable& table, const KeyNames& key) {
  if (!key) return std::nullopt;
  if (table.primary_key.empty()) {
    if (table.replica_identity == model::ReplicaIdentity::kIndex) return std::nullopt;
    return "the record has the key " + list(*key) +
           ", but the catalog knows no key of the table (message.key.columns is not supported)";
  }
  auto ours = table.primary_key;
  auto theirs = *key;
  std::ranges::sort(ours);
  std::ranges::sort(theirs);
  if (ours == theirs) return std::nullopt;
  return "the record's key is " + list(*key) + ", the catalog's " + list(table.primary_key);
}

/// The only spelling of a type under the settings, where there is one.
std::optional<ColumnWire> wire_of_type(const model::ColumnType& type,
                                       const ConnectorSettings& settings) {
  CatalogColumn column;
  switch (type.kind) {
    case TypeKind::kBool:
      return ColumnWire{.form = WireForm::kBool, .type = type};
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return ColumnWire{.form = WireForm::kInteger, .type = type};
    case TypeKind::kText:
    case TypeKind::kJson:
      return ColumnWire{.form = WireForm::kText, .type = type};
    case TypeKind::kUuid:
      return ColumnWire{.form = WireForm::kUuid, .type = type};
    case TypeKind::kTimestampTz:
      return ColumnWire{.form = WireForm::kIsoTimestamp, .type = type};
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return ColumnWire{.form = WireForm::kFloat, .type = type};
    case TypeKind::kBinary:
      column.type = "bytea";
      break;
    case TypeKind::kDate:
      column.type = "date";
      break;
    case TypeKind::kDecimal:
      column.type =
          "numeric(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
      break;
    default:
      return std::nullopt;
  }
  WireOrRefusal wire = wire_of_catalog_column(column, settings);
  auto* known = std::get_if<ColumnWire>(&wire);
  return known == nullptr ? std::nullopt : std::optional(std::move(*known));
}

}  // namespace

PlanBook::PlanBook(const ConnectorSettings& settings, const model::SourceCatalog* catalog)
    : settings_(settings), catalog_(catalog) {}

const CatalogTable* PlanBook::catalog_table(const TableId& table) const {
  if (catalog_ == nullptr) return nullptr;
  const auto found = catalog_->tables.find({table.schema, table.table});
  return found == catalog_->tables.end() ? nullptr : &found->second;
}

PlanBook::DeclaredOrUndecided PlanBook::declare(const TableId& table,
                                                const SchemaBlock* block) const {
  const CatalogTable* stored = catalog_table(table);
  if (block == nullptr && stored == nullptr) return no_types(table);
  Declared declared;
  const auto add = [&](const std::string& name,
                       WireOrRefusal wire) -> std::optional<UndecidedRecord> {
    if (const auto* type = std::get_if<RefusedType>(&wire)) return refused(table, name, *type);
    auto& known = std::get<ColumnWire>(wire);
    declared.columns.push_back({name, known.type});
    declared.wires.push_back(std::move(known));
    return std::nullopt;
  };
  if (block != nullptr) {
    for (const DeclaredColumn& column : block->row) {
      const CatalogColumn* stored_column = find_column(stored, column.name);
      if (auto need = add(column.name, settle(column, stored_column, settings_))) return *need;
    }
    return declared;
  }
  for (const CatalogColumn& column : stored->columns) {
    if (column.generated) continue;
    if (auto need = add(column.name, wire_of_catalog_column(column, settings_))) return *need;
  }
  return declared;
}

model::TableSchemaPtr PlanBook::intern(model::TableSchemaPtr schema) {
  if (schemas_.size() > kSchemasMax) {
    std::erase_if(schemas_, [](const auto& entry) { return entry.second.expired(); });
  }
  auto& known = schemas_[schema->id];
  if (auto earlier = known.lock()) return earlier;
  known = schema;
  return schema;
}

PlanBook::Answer PlanBook::make_plan(const TableId& table, const SchemaBlock* block,
                                     const KeyNames& key) {
  const CatalogTable* stored = catalog_table(table);
  if (stored != nullptr) {
    if (deletes_have_another_key(*stored)) return other_key_in_deletes(table);
    if (auto conflict = key_conflict(*stored, key))
      return key_mismatch(table, *std::move(conflict));
  }
  auto answer = declare(table, block);
  if (auto* undecided = std::get_if<UndecidedRecord>(&answer)) return std::move(*undecided);
  auto& declared = std::get<Declared>(answer);

  std::vector<std::string> key_names = key.value_or(std::vector<std::string>{});
  if (!key && block == nullptr) key_names = stored->primary_key;
  std::vector<std::size_t> key_columns;
  for (const std::string& name : key_names) {
    const auto found = std::ranges::find(declared.columns, name, &model::Column::name);
    if (found == declared.columns.end()) {
      return key_mismatch(table,
                          "the key column " + shortened(name) + " is no column of the table");
    }
    key_columns.push_back(static_cast<std::size_t>(found - declared.columns.begin()));
  }

  auto plan = std::make_unique<TablePlan>();
  plan->block = block;
  plan->has_record_key = key.has_value();
  for (const std::size_t index : key_columns) {
    plan->key.add(declared.columns[index].name, declared.wires[index], settings_.placeholder);
  }
  for (std::size_t i = 0; i < declared.columns.size(); ++i) {
    plan->row.add(declared.columns[i].name, std::move(declared.wires[i]), settings_.placeholder);
  }
  if (block == nullptr) {
    for (const CatalogColumn& column : stored->columns) {
      if (column.generated) plan->row.ignore(column.name);
    }
  }
  plan->schema =
      intern(model::make_table_schema(table, std::move(declared.columns), std::move(key_columns)));
  field_count_ += plan->row.fields().size() + plan->key.fields().size() + 1;
  return plans_.emplace(plan_name(table, block, key), std::move(plan)).first->second.get();
}

PlanBook::Answer PlanBook::plan_for(const TableId& table, const SchemaBlock* block,
                                    const KeyNames& key) {
  const auto found = plans_.find(plan_name(table, block, key));
  if (found != plans_.end()) return found->second.get();
  return make_plan(table, block, key);
}

std::optional<ColumnWire> PlanBook::tombstone_wire(const model::TableSchema& schema,
                                                   const model::Column& column,
                                                   const SchemaBlock* key_block) const {
  const CatalogColumn* stored = find_column(catalog_table(schema.table), column.name);
  WireOrRefusal wire = RefusedType{};
  if (key_block != nullptr) {
    const auto declared = std::ranges::find(key_block->row, column.name, &DeclaredColumn::name);
    if (declared == key_block->row.end()) return std::nullopt;
    wire = settle(*declared, stored, settings_);
  } else if (stored != nullptr) {
    wire = wire_of_catalog_column(*stored, settings_);
  }
  auto* known = std::get_if<ColumnWire>(&wire);
  if (known != nullptr && known->type == column.type) return std::move(*known);
  return key_block == nullptr ? wire_of_type(column.type, settings_) : std::nullopt;
}

const RowPlan* PlanBook::tombstone_key_plan(const model::TableSchemaPtr& schema,
                                            const SchemaBlock* key_block) {
  std::string name = schema->id.value + std::to_string(reinterpret_cast<std::uintptr_t>(key_block));
  if (const auto found = key_plans_.find(name); found != key_plans_.end()) {
    return found->second.get();
  }
  const auto seen = std::ranges::find_if(
      plans_, [&](const auto& entry) { return entry.second->schema->id == schema->id; });
  auto plan = std::make_unique<RowPlan>();
  for (std::size_t i = 0; i < schema->key_columns.size(); ++i) {
    const model::Column& column = schema->columns[schema->key_columns[i]];
    auto wire = key_block == nullptr && seen != plans_.end()
                    ? std::optional(seen->second->key.fields()[i].wire)
                    : tombstone_wire(*schema, column, key_block);
    if (!wire) return nullptr;
    plan->add(column.name, *std::move(wire), settings_.placeholder);
  }
  field_count_ += plan->fields().size() + 1;
  return key_plans_.emplace(std::move(name), std::move(plan)).first->second.get();
}

void PlanBook::clear() {
  plans_.clear();
  key_plans_.clear();
  field_count_ = 0;
}

}  // namespace cdclake::debezium
