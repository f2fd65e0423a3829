#include "formats/debezium/record_decoder.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "formats/debezium/envelope.h"
#include "formats/debezium/json_reader.h"
#include "formats/debezium/message_unwrapper.h"
#include "formats/debezium/strict_json/byte_arena.h"
#include "formats/debezium/table_plans/table_plan.h"

namespace cdclake::debezium {
namespace {

using model::Cell;
using model::CellState;
using model::ChangeRow;
using model::DecodedRecord;
using model::NoRow;
using model::Op;
using model::RawRecord;
using model::RejectedRecord;
using model::TableId;
using model::UndecidedRecord;

constexpr std::string_view kNewKeyHeader = "__debezium.newkey";
constexpr std::string_view kOldKeyHeader = "__debezium.oldkey";

// What is kept of schemas has a bound, whatever the topics hold. Past it all is learnt anew.
constexpr std::size_t kTopicsMax = 20'000;
constexpr std::size_t kBlockBytesMax = std::size_t{32} * 1024 * 1024;
constexpr std::size_t kPlanFieldsMax = 500'000;

RejectedRecord rejected(Fault fault, std::optional<TableId> table = std::nullopt) {
  return {std::string(fault.reason), std::move(fault.detail), std::move(table)};
}

std::optional<TableId> table_of(const Envelope& envelope) {
  const SourceBlock& source = envelope.source;
  if (!source.has_identity) return std::nullopt;
  return TableId{std::string(source.name), std::string(source.database), std::string(source.schema),
                 std::string(source.table)};
}

bool is_equal(const Cell& a, const Cell& b) {
  const bool same_real = a.real == b.real || (a.real != a.real && b.real != b.real);
  return a.state == b.state && a.integer == b.integer && same_real && a.bytes == b.bytes &&
         std::ranges::equal(a.items, b.items, is_equal);
}

std::optional<std::string_view> header(const RawRecord& record, std::string_view key) {
  for (const model::Header& entry : record.headers) {
    if (entry.key == key) return entry.value.value_or(std::string_view());
  }
  return std::nullopt;
}

}  // namespace

class RecordDecoder::Impl {
 public:
  Impl(const ConnectorSettings& settings, const model::SourceCatalog* catalog)
      : signal_table_(settings.signal_table),
        unwrapper_(arena_),
        value_reader_(arena_),
        key_reader_(arena_),
        moved_reader_(arena_),
        book_(settings, catalog) {}

  DecodedRecord decode(const RawRecord& record) {
    CDCLAKE_ASSERT(record.value.has_value());
    Topic& topic = start(record);
    auto answer = unwrapper_.unwrap(*record.value, topic.value);
    Envelope envelope;
    auto fault = read_message(answer, topic, envelope);
    if (may_be_wrapped(answer, fault, envelope)) {
      answer = unwrapper_.unwrap_any_order(*record.value);
      envelope = {};
      fault = read_message(answer, topic, envelope);
    }
    if (fault) return rejected(*std::move(fault));
    return decode_message(record, topic, std::get<Unwrapped>(answer), envelope);
  }

  DecodedRecord decode_tombstone(const RawRecord& record, const model::TableSchemaPtr& schema) {
    Topic& topic = start(record);
    if (!record.key || schema->key_columns.empty()) {
      return rejected({reason::kKeyMissing, "a tombstone without a key deletes nothing"},
                      schema->table);
    }
    auto answer = unwrapper_.unwrap(*record.key, topic.key);
    if (auto* fault = std::get_if<Fault>(&answer)) {
      return rejected(std::move(*fault), schema->table);
    }
    const auto& key = std::get<Unwrapped>(answer);
    const RowPlan* plan = book_.tombstone_key_plan(schema, key.block);
    if (plan == nullptr) {
      return UndecidedRecord{schema->table,
                             "the types of the tombstone's key are not known for table " +
                                 schema->table.display() +
                                 ": enable schema blocks in keys "
                                 "(key.converter.schemas.enable=true), or let us read the source's "
                                 "catalog (SOURCE_DB_*, --catalog)"};
    }
    RowOutcome outcome = read_key(key.payload, *plan);
    if (outcome.fault) return rejected(key_fault(*std::move(outcome.fault)), schema->table);
    ChangeRow row;
    row.schema = schema;
    if (key.block == nullptr) row.schema_origin = model::SchemaOrigin::kOutside;
    row.op = Op::kTombstone;
    set_key_only(*schema);
    row.cells = cells_;
    auto fault = check_key(record, *schema);
    if (!fault) fault = read_moved(record, topic, *plan, row);
    if (fault) return rejected(*std::move(fault), schema->table);
    return row;
  }

 private:
  /// What was learnt of a topic.
  struct Topic {
    std::string name;
    LastBlock value = nullptr;
    LastBlock key = nullptr;
    LastBlock moved = nullptr;
    SourceTemplate source;
    const TablePlan* last_plan = nullptr;
  };

  Topic& start(const RawRecord& record) {
    shrink();
    speculation_ = nullptr;
    if (topics_.size() > kTopicsMax || unwrapper_.bytes() > kBlockBytesMax ||
        book_.field_count() > kPlanFieldsMax) {
      topics_.clear();
      last_topic_ = nullptr;
      book_.clear();
      unwrapper_.clear();
    }
    const std::string& name = record.partition->topic;
    if (last_topic_ == nullptr || last_topic_->name != name) {
      last_topic_ = &topics_[name];
      last_topic_->name = name;
    }
    return *last_topic_;
  }

  /// Gives back what the record before needed more than records do.
  void shrink() {
    arena_.reset();
    unwrapper_.shrink();
    for (JsonReader* reader : {&value_reader_, &key_reader_, &moved_reader_}) reader->shrink();
  }

  /// Whether a message that was taken for what converters write may be wrapped otherwise: with its
  /// members in another order, or with more of them.
  static bool may_be_wrapped(const MessageUnwrapper::Answer& answer,
                             const std::optional<Fault>& fault, const Envelope& envelope) {
    const auto* message = std::get_if<Unwrapped>(&answer);
    if (message == nullptr) return false;
    const bool is_bare = message->block == nullptr;
    if (fault) return fault->reason == (is_bare ? reason::kTooDeep : reason::kJsonParse);
    return is_bare && envelope.has(Member::kSchema) && envelope.has(Member::kPayload);
  }

  /// Reads the envelope, and the row with it, as if the record were of the topic's last table.
  std::optional<Fault> read_message(MessageUnwrapper::Answer& answer, Topic& topic,
                                    Envelope& envelope) {
    if (auto* fault = std::get_if<Fault>(&answer)) return std::move(*fault);
    const auto& message = std::get<Unwrapped>(answer);
    if (auto fault = value_reader_.open(message.payload)) return fault;
    const bool has_guess = topic.last_plan != nullptr && topic.last_plan->block == message.block;
    if (!has_guess) return value_reader_.read_envelope({.source = &topic.source}, envelope);
    speculation_ = topic.last_plan;
    const RowTarget target = row_target(*speculation_, Marks::kAreUnchanged);
    return value_reader_.read_envelope({&target, &speculation_->schema->table, &topic.source},
                                       envelope);
  }

  DecodedRecord decode_message(const RawRecord& record, Topic& topic, const Unwrapped& message,
                               Envelope& envelope) {
    const auto control = message.block != nullptr ? control_message_kind(message.block->name)
                                                  : control_message_kind(envelope);
    if (control) return NoRow{*control};
    if (envelope.op == "m") return NoRow{"message"};
    if (auto fault = change_fault(envelope)) {
      return rejected(*std::move(fault), table_of(envelope));
    }
    if (is_signal(envelope.source)) return NoRow{"signal"};

    auto answer = plan_of(record, topic, message, envelope);
    if (auto* reject = std::get_if<RejectedRecord>(&answer)) return std::move(*reject);
    if (auto* undecided = std::get_if<UndecidedRecord>(&answer)) return std::move(*undecided);
    const TablePlan& plan = *std::get<const TablePlan*>(answer);
    topic.last_plan = &plan;
    return decode_change(record, topic, envelope, plan);
  }

  bool is_signal(const SourceBlock& source) const {
    return signal_table_.size() == source.schema.size() + 1 + source.table.size() &&
           signal_table_.starts_with(source.schema) && signal_table_.ends_with(source.table) &&
           signal_table_[source.schema.size()] == '.';
  }

  /// The plan of the record's table; its key, if it has one, has been read with it.
  PlanBook::Answer plan_of(const RawRecord& record, Topic& topic, const Unwrapped& message,
                           const Envelope& envelope) {
    Unwrapped key;
    if (record.key) {
      auto answer = unwrapper_.unwrap(*record.key, topic.key);
      if (auto* fault = std::get_if<Fault>(&answer)) {
        return rejected(key_fault(std::move(*fault)), table_of(envelope));
      }
      key = std::get<Unwrapped>(answer);
    }
    if (speculation_ != nullptr && envelope.source.is_as_expected &&
        speculation_->has_record_key == record.key.has_value()) {
      if (!record.key) return speculation_;
      const RowOutcome outcome = read_key(key.payload, speculation_->key);
      if (!outcome.fault && outcome.is_in_order) return speculation_;
    }
    return learn_plan(record, message, key, *table_of(envelope));
  }

  PlanBook::Answer learn_plan(const RawRecord& record, const Unwrapped& message,
                              const Unwrapped& key, const TableId& table) {
    KeyNames names;
    if (record.key) {
      names.emplace();
      auto fault = key_reader_.open(key.payload);
      if (!fault) fault = key_reader_.read_names(*names);
      if (fault) return rejected(key_fault(*std::move(fault)), table);
    }
    auto answer = book_.plan_for(table, message.block, names);
    const auto* plan = std::get_if<const TablePlan*>(&answer);
    if (plan == nullptr || !record.key) return answer;
    RowOutcome outcome = read_key(key.payload, (*plan)->key);
    if (outcome.fault) return rejected(key_fault(*std::move(outcome.fault)), table);
    return answer;
  }

  RowOutcome read_key(std::string_view payload, const RowPlan& plan) {
    key_cells_.resize(plan.fields().size());
    RowOutcome outcome;
    outcome.fault = key_reader_.open(payload);
    if (outcome.fault) return outcome;
    return key_reader_.read_document({plan, key_cells_, Marks::kAreValues});
  }

  static Fault key_fault(Fault fault) {
    fault.detail = "the record's key: " + fault.detail;
    return fault;
  }

  DecodedRecord decode_change(const RawRecord& record, Topic& topic, Envelope& envelope,
                              const TablePlan& plan) {
    const SourceBlock& source = envelope.source;
    ChangeRow row;
    row.schema = plan.schema;
    if (plan.block == nullptr) row.schema_origin = model::SchemaOrigin::kOutside;
    row.op = *op_of(envelope.op);
    row.commit_ts_us = commit_time(source);
    row.lsn = source.lsn;
    row.tx_id = source.tx_id;
    row.seq_commit = source.seq_commit;
    row.seq_lsn = source.seq_lsn;
    row.is_snapshot = source.is_snapshot;
    auto fault = row.op == Op::kDelete ? read_deleted(record, envelope, plan)
                                       : read_image(record, row.op, envelope, plan);
    row.cells = cells_;
    if (!fault) fault = read_moved(record, topic, plan.key, row);
    if (fault) return rejected(*std::move(fault), plan.schema->table);
    return row;
  }

  RowTarget row_target(const TablePlan& plan, Marks marks) {
    cells_.resize(plan.row.fields().size());
    return {plan.row, cells_, marks};
  }

  /// The row after an insert, an update or a snapshot's read.
  std::optional<Fault> read_image(const RawRecord& record, Op op, Envelope& envelope,
                                  const TablePlan& plan) {
    const bool may_be_unchanged =
        op == Op::kUpdate || (op == Op::kCreate && header(record, kOldKeyHeader).has_value());
    const Marks marks = may_be_unchanged ? Marks::kAreUnchanged : Marks::kAreValues;
    std::optional<Fault> fault = std::move(envelope.after_fault);
    const bool was_read = envelope.after_was_read && speculation_ == &plan;
    if (!was_read || (envelope.after_has_unchanged && !may_be_unchanged)) {
      fault = value_reader_.read_row(envelope.after_place, row_target(plan, marks)).fault;
    }
    return fault ? fault : check_key(record, *plan.schema);
  }

  /// The key columns of the row must be those of the record's key, and hold values.
  std::optional<Fault> check_key(const RawRecord& record, const model::TableSchema& schema) {
    for (std::size_t i = 0; i < schema.key_columns.size(); ++i) {
      Cell& cell = cells_[schema.key_columns[i]];
      if (record.key) {
        // A key is never left out; a text in it that looks like the mark is a value.
        if (cell.state == CellState::kUnchanged) cell = key_cells_[i];
        if (!is_equal(cell, key_cells_[i])) {
          return Fault{reason::kKeyMismatch, "the row's key is not the record's key"};
        }
      }
      if (cell.state != CellState::kValue) {
        return Fault{reason::kKeyMissing, "a key column has no value"};
      }
    }
    return std::nullopt;
  }

  /// The key of a deleted row. The rest of `before` is not the row: columns that the source did not
  /// send are filled in with defaults.
  std::optional<Fault> read_deleted(const RawRecord& record, const Envelope& envelope,
                                    const TablePlan& plan) {
    if (!record.key && !plan.key.fields().empty()) {
      if (envelope.before != RowMember::kObject) {
        return Fault{reason::kBeforeNull, "neither the key nor \"before\" says which row"};
      }
      key_cells_.resize(plan.key.fields().size());
      const RowTarget target{plan.key, key_cells_, Marks::kAreValues, Strangers::kPassBy};
      auto fault = value_reader_.read_row(envelope.before_place, target).fault;
      if (fault) return fault;
    }
    set_key_only(*plan.schema);
    return check_key(record, *plan.schema);
  }

  void set_key_only(const model::TableSchema& schema) {
    cells_.assign(schema.columns.size(), cell_of(CellState::kUnset));
    for (std::size_t i = 0; i < schema.key_columns.size(); ++i) {
      cells_[schema.key_columns[i]] = key_cells_[i];
    }
  }

  /// The other key of a key move: the new one on d and tombstone, the old one on c.
  std::optional<Fault> read_moved(const RawRecord& record, Topic& topic, const RowPlan& key,
                                  ChangeRow& row) {
    if (row.op == Op::kUpdate || row.op == Op::kSnapshotRead || key.fields().empty()) {
      return std::nullopt;
    }
    const bool is_arrival = row.op == Op::kCreate;
    const auto text = header(record, is_arrival ? kOldKeyHeader : kNewKeyHeader);
    if (!text) return std::nullopt;
    auto answer = unwrapper_.unwrap(*text, topic.moved);
    std::optional<Fault> fault;
    if (auto* unreadable = std::get_if<Fault>(&answer)) {
      fault = std::move(*unreadable);
    } else {
      fault = read_moved_key(std::get<Unwrapped>(answer).payload, key);
    }
    (is_arrival ? row.moved_from : row.moved_to) = moved_cells_;
    if (!fault) return std::nullopt;
    return Fault{reason::kMovedKey,
                 "the header with the other key of a key move: " + fault->detail};
  }

  std::optional<Fault> read_moved_key(std::string_view payload, const RowPlan& key) {
    moved_cells_.resize(key.fields().size());
    if (auto fault = moved_reader_.open(payload)) return fault;
    auto fault = moved_reader_.read_document({key, moved_cells_, Marks::kAreValues}).fault;
    const auto has_value = [](const Cell& cell) { return cell.state == CellState::kValue; };
    if (fault || std::ranges::all_of(moved_cells_, has_value)) return fault;
    return Fault{reason::kMovedKey, "a column has no value"};
  }

  std::string signal_table_;
  ByteArena arena_;
  MessageUnwrapper unwrapper_;
  JsonReader value_reader_;
  JsonReader key_reader_;
  JsonReader moved_reader_;
  PlanBook book_;
  std::unordered_map<std::string, Topic> topics_;
  Topic* last_topic_ = nullptr;
  const TablePlan* speculation_ = nullptr;  ///< The plan with which `after` was read, if it was.
  std::vector<Cell> cells_;
  std::vector<Cell> key_cells_;
  std::vector<Cell> moved_cells_;
};

RecordDecoder::RecordDecoder(ConnectorSettings settings, const model::SourceCatalog* catalog)
    : impl_(std::make_unique<Impl>(settings, catalog)) {}
RecordDecoder::RecordDecoder(RecordDecoder&&) noexcept = default;
RecordDecoder& RecordDecoder::operator=(RecordDecoder&&) noexcept = default;
RecordDecoder::~RecordDecoder() = default;

DecodedRecord RecordDecoder::decode(const RawRecord& record) { return impl_->decode(record); }

DecodedRecord RecordDecoder::decode_tombstone(const RawRecord& record,
                                              const model::TableSchemaPtr& schema) {
  return impl_->decode_tombstone(record, schema);
}

}  // namespace cdclake::debezium
