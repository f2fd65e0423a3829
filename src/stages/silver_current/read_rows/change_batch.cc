#include "stages/silver_current/read_rows/change_batch.h"

#include <arrow/array.h>
#include <arrow/table.h>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "formats/parquet/arrow_result.h"
#include "formats/parquet/parquet_reader.h"
#include "formats/parquet/table_columns.h"

namespace cdclake::silver_current {
namespace {

/// The columns of one record batch of a stage file that decide what an event is.
struct EventColumns {
  const arrow::StringArray* op = nullptr;
  const arrow::StringArray* topic = nullptr;
  const arrow::StringArray* incarnation = nullptr;
  const arrow::Int32Array* partition = nullptr;
  const arrow::Int64Array* offset = nullptr;
  const arrow::Int64Array* epoch = nullptr;
  const arrow::Int64Array* tx_id = nullptr;
  const arrow::Int64Array* seq_commit = nullptr;
  const arrow::Int64Array* seq_lsn = nullptr;
  const arrow::BinaryArray* unchanged = nullptr;
  const arrow::StructArray* moved_from = nullptr;
  const arrow::StructArray* moved_to = nullptr;
};

EventColumns event_columns(const arrow::RecordBatch& batch, const parquet::MetaColumns& meta) {
  const auto column = [&]<typename ArrayType>(const char* name, const ArrayType*& out) {
    out = static_cast<const ArrayType*>(batch.GetColumnByName(meta(name)).get());
  };
  EventColumns columns;
  column("op", columns.op);
  column("topic", columns.topic);
  column("incarnation", columns.incarnation);
  column("partition", columns.partition);
  column("offset", columns.offset);
  column("epoch", columns.epoch);
  column("tx_id", columns.tx_id);
  column("seq_commit", columns.seq_commit);
  column("seq_lsn", columns.seq_lsn);
  column("unchanged", columns.unchanged);
  column("moved_from", columns.moved_from);
  column("moved_to", columns.moved_to);
  return columns;
}

std::optional<std::int64_t> optional_value(const arrow::Int64Array& column, std::int64_t row) {
  if (column.IsNull(row)) return std::nullopt;
  return column.Value(row);
}

enum class Collect : std::uint8_t { kAll, kMoveHalves };

/// Adds events to a batch, one record batch of a stage file after the other.
class EventCollector {
 public:
  EventCollector(const model::TableSchema& schema, const KeyCodec& codec, ChangeBatch& batch,
                 Collect collect)
      : schema_(schema), codec_(codec), meta_(schema), batch_(batch), collect_(collect) {}

  Status add(const arrow::RecordBatch& rows, std::int64_t staged_us) {
    const EventColumns columns = event_columns(rows, meta_);
    CDCLAKE_ASSIGN_OR_RETURN(auto keys, codec_.encode(key_columns(rows)));
    CDCLAKE_ASSIGN_OR_RETURN(auto from, moved_keys(*columns.moved_from));
    CDCLAKE_ASSIGN_OR_RETURN(auto to, moved_keys(*columns.moved_to));
    for (std::int64_t row = 0; row < rows.num_rows(); ++row) {
      const auto at = static_cast<std::size_t>(row);
      const bool is_half = !columns.moved_from->IsNull(row) || !columns.moved_to->IsNull(row);
      if (collect_ == Collect::kMoveHalves && !is_half) continue;
      CDCLAKE_ASSIGN_OR_RETURN(const std::uint32_t partition, partition_of(columns, row));
      const std::int64_t offset = columns.offset->Value(row);
      const model::OffsetRange& range = batch_.partitions[partition].range;
      if (offset < range.first || offset >= range.next) continue;
      ChangeEvent event = event_of(columns, row);
      event.row = rows_before_ + row;
      event.partition = partition;
      event.staged_us = staged_us;
      event.offset = offset;
      event.key = batch_.keys.intern(std::move(keys[at]));
      if (!columns.moved_from->IsNull(row))
        event.moved_from = batch_.keys.intern(std::move(from[at]));
      if (!columns.moved_to->IsNull(row)) event.moved_to = batch_.keys.intern(std::move(to[at]));
      batch_.events.push_back(std::move(event));
    }
    rows_before_ += rows.num_rows();
    return {};
  }
  std::int64_t rows() const { return rows_before_; }

 private:
  std::vector<std::shared_ptr<arrow::Array>> key_columns(const arrow::RecordBatch& rows) const {
    std::vector<std::shared_ptr<arrow::Array>> columns;
    for (const std::string& name : codec_.column_names())
      columns.push_back(rows.GetColumnByName(name));
    return columns;
  }

  /// Empty where no row of the batch belongs to a key move, as in most batches.
  Result<std::vector<std::string>> moved_keys(const arrow::StructArray& moved) const {
    if (moved.null_count() == moved.length()) return std::vector<std::string>{};
    CDCLAKE_ASSIGN_OR_RETURN(const auto fields, moved.Flatten());
    return codec_.encode(fields);
  }

  Result<std::uint32_t> partition_of(const EventColumns& columns, std::int64_t row) {
    const auto is = [&](const model::PartitionId& id) {
      return id.partition == columns.partition->Value(row) &&
             id.topic == columns.topic->GetView(row) &&
             id.incarnation == columns.incarnation->GetView(row);
    };
    if (last_ < batch_.partitions.size() && is(batch_.partitions[last_].id)) return last_;
    for (std::uint32_t i = 0; i < batch_.partitions.size(); ++i) {
      if (is(batch_.partitions[i].id)) return last_ = i;
    }
    return fail(ErrorKind::kCorrupt,
                "a stage file of " + schema_.table.display() +
                    " holds rows of a partition that the store does not know for it");
  }

  ChangeEvent event_of(const EventColumns& columns, std::int64_t row) const {
    ChangeEvent event;
    event.op = model::op_from_string(columns.op->GetView(row)).value_or(model::Op::kTombstone);
    event.identity = {columns.epoch->Value(row), optional_value(*columns.tx_id, row),
                      optional_value(*columns.seq_commit, row),
                      optional_value(*columns.seq_lsn, row)};
    if (!columns.unchanged->IsNull(row))
      event.unchanged = std::string(columns.unchanged->GetView(row));
    return event;
  }

  const model::TableSchema& schema_;
  const KeyCodec& codec_;
  parquet::MetaColumns meta_;
  ChangeBatch& batch_;
  Collect collect_;
  std::int64_t rows_before_ = 0;
  std::uint32_t last_ = 0;
};

Status sort_by_offset(const model::TableSchema& schema, std::vector<ChangeEvent>& events) {
  const auto place = [](const ChangeEvent& event) {
    return std::tuple(event.partition, event.offset);
  };
  std::ranges::sort(events, {}, place);
  const auto twice = std::ranges::adjacent_find(events, {}, place);
  if (twice == events.end()) return {};
  return fail(ErrorKind::kCorrupt, "two stage rows of " + schema.table.display() +
                                       " have one offset: " + std::to_string(twice->offset));
}

/// The columns that decide what an event is.
std::vector<std::string> deciding_columns(const model::TableSchema& schema) {
  std::vector<std::string> names;
  for (const std::size_t index : schema.key_columns) names.push_back(schema.columns[index].name);
  const parquet::MetaColumns meta(schema);
  for (const char* name : {"op", "topic", "incarnation", "partition", "offset", "epoch", "tx_id",
                           "seq_commit", "seq_lsn", "unchanged", "moved_from", "moved_to"}) {
    names.push_back(meta(name));
  }
  return names;
}

Status read_events(const StagedFiles& staged, std::size_t file, parquet::ParquetReader& reader,
                   const model::TableSchema& schema, EventCollector& collector) {
  const auto columns = deciding_columns(schema);
  for (int group = 0; group < reader.group_count(); ++group) {
    CDCLAKE_RETURN_IF_ERROR(unless_stopped(staged.stop));
    CDCLAKE_ASSIGN_OR_RETURN(const auto table, reader.read_group(group, columns));
    CDCLAKE_ASSIGN_OR_RETURN(const auto rows, table->CombineChunksToBatch());
    CDCLAKE_RETURN_IF_ERROR(collector.add(*rows, staged.files[file].committed_us));
  }
  return {};
}

}  // namespace

KeyIndex KeyTable::intern(std::string key) {
  const auto found = index_.find(key);
  if (found != index_.end()) return found->second;
  keys_.push_back(std::move(key));
  const auto index = static_cast<KeyIndex>(keys_.size() - 1);
  index_.emplace(keys_.back(), index);
  return index;
}

Status measure_changes(const StagedFiles& staged, const model::TableSchema& schema,
                       std::int64_t bytes_max, std::vector<std::int64_t>& bytes) {
  std::int64_t sum = std::accumulate(bytes.begin(), bytes.end(), std::int64_t{0});
  const auto columns = deciding_columns(schema);
  while (bytes.size() < staged.files.size() && sum < bytes_max) {
    const auto reader = staged.open(bytes.size());
    if (!reader && reader.error().kind != ErrorKind::kCorrupt)
      return tl::unexpected<Error>(reader.error());
    sum += bytes.emplace_back(
        reader ? reader->decoded_bytes(columns) + reader->row_count() * kChangeBytes : 0);
  }
  return {};
}

Result<ChangeBatch> load_change_batch(const StagedFiles& staged, const model::TableSchema& schema,
                                      const KeyCodec& codec,
                                      std::vector<PartitionSpan> partitions) {
  ChangeBatch batch;
  batch.partitions = std::move(partitions);
  EventCollector collector(schema, codec, batch, Collect::kAll);
  for (std::size_t file = 0; file < staged.files.size(); ++file) {
    CDCLAKE_ASSIGN_OR_RETURN(auto reader, staged.open(file));
    CDCLAKE_RETURN_IF_ERROR(read_events(staged, file, reader, schema, collector));
    batch.file_ends.push_back(collector.rows());
    batch.row_bytes_max = std::max(batch.row_bytes_max, reader.row_bytes_max());
  }
  CDCLAKE_RETURN_IF_ERROR(sort_by_offset(schema, batch.events));
  return batch;
}

Result<ChangeBatch> load_move_halves(const StagedFiles& staged, const model::TableSchema& schema,
                                     const KeyCodec& codec, std::vector<PartitionSpan> partitions,
                                     const HalvesWanted& wanted) {
  ChangeBatch batch;
  batch.partitions = std::move(partitions);
  EventCollector collector(schema, codec, batch, Collect::kMoveHalves);
  const parquet::MetaColumns meta(schema);
  for (std::size_t file = 0; file < staged.files.size(); ++file) {
    if (wanted.without.contains(staged.files[file].id)) continue;
    CDCLAKE_ASSIGN_OR_RETURN(auto reader, staged.open(file));
    if (reader.is_all_null(meta("moved_from")) && reader.is_all_null(meta("moved_to"))) {
      wanted.without.insert(staged.files[file].id);
      continue;
    }
    CDCLAKE_RETURN_IF_ERROR(read_events(staged, file, reader, schema, collector));
    if (static_cast<std::int64_t>(batch.events.size()) > wanted.count_max) {
      return fail(ErrorKind::kInvalidConfig,
                  "more key moves of " + schema.table.display() +
                      " wait for their other halves than memory holds: raise "
                      "CDCLAKE_MEMORY_LIMIT: halves=" +
                      std::to_string(batch.events.size()) +
                      " possible=" + std::to_string(wanted.count_max));
    }
  }
  CDCLAKE_RETURN_IF_ERROR(sort_by_offset(schema, batch.events));
  return batch;
}

}  // namespace cdclake::silver_current
