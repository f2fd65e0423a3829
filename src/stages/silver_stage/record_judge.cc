#include "stages/silver_stage/record_judge.h"

#include <algorithm>
#include <utility>

#include "base/shortened.h"

namespace cdclake::silver_stage {
namespace {

/// How many offsets of a partition are read again.
constexpr std::int64_t kReadAgainMax = 1000;

std::string place_of(const model::RawRecord& record) {
  return shortened(record.partition->topic) + "/" + std::to_string(record.partition->partition) +
         " at offset " + std::to_string(record.offset);
}

/// A row of a snapshot that begins a new order: the sequence is there, and names no commit. Rows of
/// incremental and blocking snapshots name the last commit before them.
bool begins_order(const model::ChangeRow& row) {
  return row.op == model::Op::kSnapshotRead && row.is_snapshot && row.seq_lsn && !row.seq_commit;
}

/// Why the row cannot be of the same life of its source as the rows before it; null: it can.
const char* break_of_order(const model::ChangeRow& row, const PartitionTrace::Order& before) {
  if (!begins_order(row)) return nullptr;
  if (before.streamed) return "a new snapshot begins after streamed changes";
  if (before.snapshot_lsn && *before.snapshot_lsn != *row.seq_lsn) {
    return "the initial snapshot begins again, and may lack rows of its first attempt";
  }
  return nullptr;
}

/// Null: it may be judged.
const std::string* conflict_of(const KnownTable& table, model::SchemaOrigin origin) {
  const bool is_held = origin == model::SchemaOrigin::kOutside && !table.settings_conflict.empty();
  return is_held ? &table.settings_conflict : nullptr;
}

void note_order(const model::ChangeRow& row, PartitionTrace::Order& order) {
  if (!row.seq_lsn) return;
  order.streamed = row.seq_commit.has_value();
  if (begins_order(row)) order.snapshot_lsn = row.seq_lsn;
}

/// Remembers a delete for the tombstone that may follow it.
void note_delete(const model::ChangeRow& row, metadata::TableKey table,
                 const model::RawRecord& record, PartitionTrace& trace) {
  if (row.op != model::Op::kDelete || !record.key) return;
  trace.delete_table = table;
  trace.delete_key.assign(*record.key);
}

}  // namespace

RecordJudge::RecordJudge(const debezium::ConnectorSettings& settings,
                         const model::SourceCatalog* catalog, TableBook& book, ReadAgain read_again)
    : signal_table_(settings.signal_table),
      decoder_(settings, catalog),
      book_(&book),
      read_again_(std::move(read_again)) {}

Result<Verdict> RecordJudge::judge(const model::RawRecord& record, PartitionState& partition) {
  if (!record.value) {
    auto verdict = judge_tombstone(record, partition);
    partition.trace.delete_table = 0;
    return verdict;
  }
  model::DecodedRecord decoded = decoder_.decode(record);
  if (needs_recall(decoded, partition)) {
    CDCLAKE_RETURN_IF_ERROR(recall_trace(partition));
    decoded = decoder_.decode(record);  // What it gave before is gone.
  }
  partition.trace.delete_table = 0;
  if (const auto* row = std::get_if<model::ChangeRow>(&decoded)) {
    return judge_row(*row, record, partition);
  }
  if (const auto* rejected = std::get_if<model::RejectedRecord>(&decoded)) {
    return judge_rejected(*rejected, partition.id.topic);
  }
  if (const auto* undecided = std::get_if<model::UndecidedRecord>(&decoded)) {
    return judge_undecided(*undecided, partition.id.topic);
  }
  return std::get<model::NoRow>(decoded);
}

Result<Verdict> RecordJudge::judge_row(const model::ChangeRow& row, const model::RawRecord& record,
                                       PartitionState& partition) {
  CDCLAKE_ASSIGN_OR_RETURN(KnownTable * table, table_of(row.schema, partition.id.topic));
  if (table == nullptr) return refuse_foreign_table(row.schema->table, partition.id.topic);
  if (const std::string* conflict = conflict_of(*table, row.schema_origin)) {
    return WaitOrder{table->stored.id, *conflict};
  }
  PartitionTrace& trace = partition.trace;
  const metadata::TableKey key = table->stored.key;
  PartitionTrace::Order& order = trace.order[key];
  if (const char* why = break_of_order(row, order)) {
    CDCLAKE_RETURN_IF_ERROR(
        book_->stop(*table, "SOURCE_ORDER_BROKEN: " + std::string(why) + " in " + place_of(record) +
                                "; merging it over the rows from before is not supported yet"));
  }
  note_order(row, order);
  note_delete(row, key, record, trace);
  CDCLAKE_RETURN_IF_ERROR(book_->use_schema(*table, row.schema, row.schema_origin));
  return StagedRow{table, row};
}

Result<Verdict> RecordJudge::judge_rejected(const model::RejectedRecord& rejected,
                                            const std::string& topic) {
  if (!rejected.table) return unnamed(rejected.reason, rejected.detail, topic);
  CDCLAKE_ASSIGN_OR_RETURN(KnownTable * table, book_->find_or_register(*rejected.table, topic));
  if (table == nullptr) return refuse_foreign_table(*rejected.table, topic);
  if (!table->settings_conflict.empty()) {
    return WaitOrder{table->stored.id, table->settings_conflict};
  }
  return QuarantineOrder{rejected.reason, rejected.detail, table, table};
}

Result<Verdict> RecordJudge::judge_undecided(const model::UndecidedRecord& undecided,
                                             const std::string& topic) {
  const bool topic_feeds_a_table = !book_->fed_by(topic).empty();
  CDCLAKE_ASSIGN_OR_RETURN(KnownTable * table, book_->find_or_register(undecided.table, topic));
  if (table == nullptr) return refuse_foreign_table(undecided.table, topic);
  if (table->was_typed_outside()) {
    return WaitOrder{undecided.table,
                     "its earlier rows were typed by a catalog of the source, "
                     "which must be given again: " +
                         undecided.need};
  }
  if (topic_feeds_a_table) {
    return QuarantineOrder{"UNSUPPORTED_TABLE", undecided.need, table, table};
  }
  if (!table->newest_schema) {
    CDCLAKE_RETURN_IF_ERROR(book_->refuse(*table, undecided.need));
  }
  return WaitOrder{undecided.table, undecided.need};
}

Result<Verdict> RecordJudge::judge_tombstone(const model::RawRecord& record,
                                             PartitionState& partition) {
  const std::string& topic = partition.id.topic;
  if (!signal_table_.empty() && topic.ends_with("." + signal_table_)) return model::NoRow{"signal"};
  if (!record.key) return unnamed("KEY_MISSING", "key and value are both null", topic);
  if (book_->fed_by(topic).empty() && !partition.has_held_changes()) {
    CDCLAKE_ASSIGN_OR_RETURN(auto wait, look_ahead(record, partition));
    if (wait) return *std::move(wait);
  }
  CDCLAKE_ASSIGN_OR_RETURN(KnownTable * table, owner_of_tombstone(record, partition));
  if (table == nullptr) {
    return unnamed("TOMBSTONE_NO_TABLE",
                   "the value is null, and nothing says which table of the topic is meant", topic);
  }
  model::DecodedRecord decoded = decoder_.decode_tombstone(record, table->newest_schema);
  if (auto* row = std::get_if<model::ChangeRow>(&decoded)) {
    if (const std::string* conflict = conflict_of(*table, row->schema_origin)) {
      return WaitOrder{table->stored.id, *conflict};
    }
    row->schema_origin =
        table->was_typed_outside() ? model::SchemaOrigin::kOutside : model::SchemaOrigin::kMessage;
    return StagedRow{table, *row};
  }
  if (const auto* rejected = std::get_if<model::RejectedRecord>(&decoded)) {
    return QuarantineOrder{rejected->reason, rejected->detail, table, table};
  }
  if (const auto* undecided = std::get_if<model::UndecidedRecord>(&decoded)) {
    return judge_undecided(*undecided, topic);
  }
  return std::get<model::NoRow>(decoded);
}

Result<KnownTable*> RecordJudge::owner_of_tombstone(const model::RawRecord& record,
                                                    PartitionState& partition) {
  const auto fed = book_->fed_by(partition.id.topic);
  if (fed.empty()) return nullptr;
  if (fed.size() == 1) return fed.front();
  PartitionTrace& trace = partition.trace;
  if (trace.delete_table == 0 && !trace.complete) CDCLAKE_RETURN_IF_ERROR(recall_trace(partition));
  if (trace.delete_table == 0 || trace.delete_key != *record.key) return nullptr;
  const auto owner = std::ranges::find_if(
      fed, [&](const KnownTable* table) { return table->stored.key == trace.delete_table; });
  return owner == fed.end() ? nullptr : *owner;
}

/// The name belongs to a table of another database or server, with which it must not be mixed.
Result<Verdict> RecordJudge::refuse_foreign_table(const model::TableId& id,
                                                  const std::string& topic) {
  if (book_->is_full()) {
    return unnamed("UNSUPPORTED_TABLE",
                   "the lake holds as many tables as it can: " + std::to_string(kTablesMax), topic);
  }
  const std::string detail =
      "the table " + id.display() + " of server '" + shortened(id.source) + "', database '" +
      shortened(id.database) +
      "' is refused: its name belongs to a table of another one in this lake";
  for (KnownTable* table : book_->named_in(topic)) {
    const model::TableId& known = table->stored.id;
    if (known.schema != id.schema || known.table != id.table) continue;
    if (known.source != id.source) {
      CDCLAKE_RETURN_IF_ERROR(
          book_->stop(*table, "SOURCE_ORDER_BROKEN: the topic " + shortened(topic) +
                                  " was fed by the connector '" + shortened(known.source) +
                                  "' and now is by '" + shortened(id.source) +
                                  "'; going over to another connector is not supported yet"));
    }
    return QuarantineOrder{"TABLE_MISMATCH", detail, table, table};
  }
  return QuarantineOrder{"TABLE_MISMATCH", detail, nullptr, nullptr};
}

Result<KnownTable*> RecordJudge::table_of(const model::TableSchemaPtr& schema,
                                          const std::string& topic) {
  if (schema == last_schema_ && topic == last_topic_) return last_table_;
  CDCLAKE_ASSIGN_OR_RETURN(last_table_, book_->find_or_register(schema->table, topic));
  last_schema_ = schema;
  last_topic_ = topic;
  return last_table_;
}

bool RecordJudge::needs_recall(const model::DecodedRecord& decoded,
                               const PartitionState& partition) const {
  const auto* row = std::get_if<model::ChangeRow>(&decoded);
  if (row == nullptr || partition.trace.complete || !begins_order(*row)) return false;
  const auto& here = book_->named_in(partition.id.topic);
  const auto table = std::ranges::find_if(
      here, [&](const KnownTable* known) { return known->stored.id == row->schema->table; });
  return table != here.end() && !partition.trace.order.contains((*table)->stored.key);
}

Status RecordJudge::recall_trace(PartitionState& partition) {
  const auto& here = book_->named_in(partition.id.topic);
  PartitionTrace& trace = partition.trace;
  const model::OffsetRange before{std::max<std::int64_t>(0, partition.next - kReadAgainMax),
                                  partition.next};
  CDCLAKE_RETURN_IF_ERROR(read_again_(partition.id, before, [&](const model::RawRecord& record) {
    trace.delete_table = 0;
    if (!record.value) return true;
    const model::DecodedRecord decoded = decoder_.decode(record);
    const auto* row = std::get_if<model::ChangeRow>(&decoded);
    if (row == nullptr) return true;
    for (const KnownTable* table : here) {
      if (table->stored.id != row->schema->table) continue;
      note_order(*row, trace.order[table->stored.key]);
      note_delete(*row, table->stored.key, record, trace);
    }
    return true;
  }));
  trace.complete = true;
  return {};
}

/// Tombstones may come first in a partition: where its topic was compacted, or is read from its
/// middle. Then the first change after them, readable or not, says which table they mean; until it
/// comes they wait, so that the answer does not depend on how much had been read.
Result<std::optional<WaitOrder>> RecordJudge::look_ahead(const model::RawRecord& tombstone,
                                                         PartitionState& partition) {
  const std::string& topic = partition.id.topic;
  CDCLAKE_ASSIGN_OR_RETURN(const model::DecodedRecord change, first_change(tombstone, partition));
  if (std::holds_alternative<model::NoRow>(change)) {
    const std::int64_t count = partition.trace.ahead.tombstones;
    return WaitOrder{
        {},
        std::to_string(count) + (count == 1 ? " tombstone waits" : " tombstones wait") +
            " for the first change of the topic, which says the table that is meant; there is "
            "nothing to do, unless the topic holds no changes of a table: then leave it "
            "out of TOPICS"};
  }
  partition.trace.ahead = {};
  if (const auto* undecided = std::get_if<model::UndecidedRecord>(&change)) {
    CDCLAKE_ASSIGN_OR_RETURN(const Verdict verdict, judge_undecided(*undecided, topic));
    const auto* wait = std::get_if<WaitOrder>(&verdict);
    return wait == nullptr ? std::nullopt : std::optional(*wait);
  }
  if (const auto* rejected = std::get_if<model::RejectedRecord>(&change)) {
    if (!rejected->table) return std::nullopt;
    CDCLAKE_RETURN_IF_ERROR(book_->find_or_register(*rejected->table, topic));
    return std::nullopt;
  }
  const auto& row = std::get<model::ChangeRow>(change);
  CDCLAKE_ASSIGN_OR_RETURN(KnownTable * table, table_of(row.schema, topic));
  if (table != nullptr) {
    CDCLAKE_RETURN_IF_ERROR(book_->use_schema(*table, row.schema, row.schema_origin));
  }
  return std::nullopt;
}

/// The first change at or after the tombstone, of a row only its types; no row where there is none.
Result<model::DecodedRecord> RecordJudge::first_change(const model::RawRecord& tombstone,
                                                       PartitionState& partition) {
  PartitionTrace::Ahead& ahead = partition.trace.ahead;
  if (ahead.reached < tombstone.offset) ahead = {.reached = tombstone.offset};
  model::DecodedRecord change = model::NoRow{};
  const Visit look = [&](const model::RawRecord& later) {
    if (later.offset < ahead.reached) return true;
    if (!later.value) {
      ++ahead.tombstones;
    } else {
      change = decoder_.decode(later);
    }
    if (!std::holds_alternative<model::NoRow>(change)) return false;
    ahead.reached = later.offset + 1;
    return true;
  };
  CDCLAKE_RETURN_IF_ERROR(read_again_(partition.id, {ahead.reached, partition.end}, look));
  if (const auto* row = std::get_if<model::ChangeRow>(&change)) {
    model::ChangeRow types;  // The cells borrow from what was read.
    types.schema = row->schema;
    types.schema_origin = row->schema_origin;
    change = types;
  }
  if (std::holds_alternative<model::NoRow>(change)) ahead.reached = partition.end;
  return change;
}

QuarantineOrder RecordJudge::unnamed(std::string reason, std::string detail,
                                     const std::string& topic) const {
  const auto& here = book_->named_in(topic);
  const KnownTable* only = here.size() == 1 ? here.front() : nullptr;
  return {std::move(reason), std::move(detail), nullptr, only};
}

}  // namespace cdclake::silver_stage
