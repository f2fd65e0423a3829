#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/change_row.h"
#include "model/table.h"
#include "platform/metadata/metadata_store.h"

namespace cdclake::silver_stage {

/// A table as the stage knows it.
struct KnownTable {
  metadata::Table stored;
  model::TableSchemaPtr newest_schema;  ///< Of its last staged row; null: none was staged yet.
  /// Why what is typed from outside now would not mean what it meant in earlier rows; empty: it
  /// would.
  std::string settings_conflict;

  bool was_typed_outside() const { return !stored.outside_settings.empty(); }
};

inline constexpr std::size_t kTablesMax = 20'000;

/// The tables of the lake and what each topic feeds, kept in step with the metadata store.
///
/// Everything that it records by itself is idempotent and comes before the commit that relies on
/// it, so a crash between the two leaves nothing that a restart would not record again.
class TableBook {
 public:
  using Settings = std::map<std::string, std::string>;

  /// `settings` are those by which rows are typed from outside. Store and lease must outlive the
  /// book.
  static Result<TableBook> load(metadata::MetadataStore& store, const metadata::LeaseGrant& lease,
                                Settings settings);

  /// The table, registered on first sight in this topic. Null where the name already belongs to
  /// a table of another database or server, or where the lake holds `kTablesMax` tables: names are
  /// chosen by whoever writes to a topic.
  Result<KnownTable*> find_or_register(const model::TableId& id, const std::string& topic);

  /// Null where it is not registered.
  const KnownTable* find(const model::TableId& id) const;
  bool is_full() const { return tables_.size() >= kTablesMax; }
  /// All tables that were named in the topic.
  const std::vector<KnownTable*>& named_in(const std::string& topic) const;
  /// The tables that the topic has given rows of.
  std::vector<KnownTable*> fed_by(const std::string& topic) const;

  /// Every table that is refused or stopped.
  std::vector<metadata::Table> not_active() const;

  /// Records that rows of this schema are about to be staged. Refuses a table whose key cannot be
  /// one.
  Status use_schema(KnownTable& table, const model::TableSchemaPtr& schema,
                    model::SchemaOrigin origin);
  /// Adds by which settings the tables are typed whose first rows from outside may be in its files:
  /// they bind from those rows on. After a commit that failed the book is of no use.
  void add_settings(metadata::StageCommit& commit);
  /// Marks a table that can have no current table as it is. One that is stopped keeps its reason.
  Status refuse(KnownTable& table, const std::string& reason);
  /// Stops a table at an event that must not be merged. A table that is stopped already keeps its
  /// first reason.
  Status stop(KnownTable& table, const std::string& reason);

 private:
  TableBook(metadata::MetadataStore& store, const metadata::LeaseGrant& lease, Settings settings)
      : store_(&store), lease_(&lease), settings_(std::move(settings)) {}
  Status set_state(KnownTable& table, metadata::TableState state, const std::string& reason);

  metadata::MetadataStore* store_;
  const metadata::LeaseGrant* lease_;
  Settings settings_;
  std::map<model::TableId, std::unique_ptr<KnownTable>> tables_;
  std::map<std::string, std::vector<KnownTable*>> by_topic_;
  std::set<std::pair<std::string, std::string>> names_;  ///< (schema, table) of every table.
  std::set<model::SchemaId> saved_schemas_;
  std::set<metadata::TableKey> unrecorded_;  ///< Typed from outside, and no commit says so yet.
};

}  // namespace cdclake::silver_stage
