#include "stages/silver_stage/table_book.h"

#include <algorithm>

namespace cdclake::silver_stage {
namespace {

constexpr const char* kNotInCurrent =
    ", and Current does not support that yet; its changes are in stage_events";

std::string describe_conflict(const TableBook::Settings& before, const TableBook::Settings& now) {
  std::string text;
  for (const auto& [name, value] : before) {
    const auto found = now.find(name);
    const std::string today = found == now.end() ? "not set" : found->second;
    if (today == value) continue;
    if (!text.empty()) text += ", ";
    text.append(name).append(" was ").append(value).append(" and is ").append(today);
  }
  if (text.empty()) return text;
  return "its earlier rows were read by other settings of the connector: " + text +
         "; give the connector's configuration as it was (--connector-config), or, if the "
         "connector itself was changed, take a new snapshot into a new lake";
}

}  // namespace

Result<TableBook> TableBook::load(metadata::MetadataStore& store, const metadata::LeaseGrant& lease,
                                  Settings settings) {
  TableBook book(store, lease, std::move(settings));
  CDCLAKE_ASSIGN_OR_RETURN(auto tables, store.tables());
  for (metadata::Table& stored : tables) {
    auto table = std::make_unique<KnownTable>();
    CDCLAKE_ASSIGN_OR_RETURN(table->newest_schema, store.newest_schema(stored.key));
    if (table->newest_schema) book.saved_schemas_.insert(table->newest_schema->id);
    for (const std::string& topic : stored.topics) book.by_topic_[topic].push_back(table.get());
    book.names_.emplace(stored.id.schema, stored.id.table);
    table->stored = std::move(stored);
    table->settings_conflict = describe_conflict(table->stored.outside_settings, book.settings_);
    const model::TableId id = table->stored.id;
    book.tables_.emplace(id, std::move(table));
  }
  return book;
}

Result<KnownTable*> TableBook::find_or_register(const model::TableId& id,
                                                const std::string& topic) {
  const auto found = tables_.find(id);
  if (found != tables_.end()) {
    const auto& here = named_in(topic);
    if (std::ranges::find(here, found->second.get()) != here.end()) return found->second.get();
  } else if (names_.contains({id.schema, id.table}) || is_full()) {
    return nullptr;
  }
  CDCLAKE_ASSIGN_OR_RETURN(auto stored, store_->register_table(*lease_, id, topic));
  auto& table = tables_[id];
  if (table) {
    stored.outside_settings = std::move(table->stored.outside_settings);  // They may wait yet.
  } else {
    table = std::make_unique<KnownTable>();
  }
  table->stored = std::move(stored);
  names_.emplace(id.schema, id.table);
  by_topic_[topic].push_back(table.get());
  return table.get();
}

const KnownTable* TableBook::find(const model::TableId& id) const {
  const auto found = tables_.find(id);
  return found == tables_.end() ? nullptr : found->second.get();
}

const std::vector<KnownTable*>& TableBook::named_in(const std::string& topic) const {
  static const std::vector<KnownTable*> kNone;
  const auto found = by_topic_.find(topic);
  return found == by_topic_.end() ? kNone : found->second;
}

std::vector<KnownTable*> TableBook::fed_by(const std::string& topic) const {
  std::vector<KnownTable*> fed;
  std::ranges::copy_if(named_in(topic), std::back_inserter(fed),
                       [](const KnownTable* table) { return table->newest_schema != nullptr; });
  return fed;
}

std::vector<metadata::Table> TableBook::not_active() const {
  std::vector<metadata::Table> found;
  for (const auto& [id, table] : tables_) {
    if (table->stored.state != metadata::TableState::kActive) found.push_back(table->stored);
  }
  return found;
}

Status TableBook::use_schema(KnownTable& table, const model::TableSchemaPtr& schema,
                             model::SchemaOrigin origin) {
  if (origin == model::SchemaOrigin::kOutside && !table.was_typed_outside()) {
    table.stored.outside_settings = settings_;
    unrecorded_.insert(table.stored.key);
  }
  if (table.newest_schema == schema) return {};
  if (saved_schemas_.insert(schema->id).second) {
    CDCLAKE_RETURN_IF_ERROR(store_->save_schema(*lease_, *schema));
  }
  table.newest_schema = schema;
  const auto refusal = model::key_refusal(*schema);
  if (refusal) return refuse(table, *refusal + kNotInCurrent);
  if (table.stored.state != metadata::TableState::kRefused) return {};
  return set_state(table, metadata::TableState::kActive, "");
}

void TableBook::add_settings(metadata::StageCommit& commit) {
  for (const metadata::StageFile& file : commit.files) {
    if (unrecorded_.erase(file.table) > 0) commit.outside_settings.emplace(file.table, settings_);
  }
}

Status TableBook::refuse(KnownTable& table, const std::string& reason) {
  if (table.stored.state == metadata::TableState::kStopped) return {};
  if (table.stored.state == metadata::TableState::kRefused && table.stored.reason == reason)
    return {};
  return set_state(table, metadata::TableState::kRefused, reason);
}

Status TableBook::stop(KnownTable& table, const std::string& reason) {
  if (table.stored.state == metadata::TableState::kStopped) return {};
  return set_state(table, metadata::TableState::kStopped, reason);
}

Status TableBook::set_state(KnownTable& table, metadata::TableState state,
                            const std::string& reason) {
  CDCLAKE_RETURN_IF_ERROR(store_->set_table_state(*lease_, table.stored.key, state, reason));
  table.stored.state = state;
  table.stored.reason = reason;
  return {};
}

}  // namespace cdclake::silver_stage
