#include "stages/silver_current/row_merger.h"

#include <arrow/array.h>
#include <arrow/table.h>

#include "formats/parquet/table_columns.h"
#include "stages/silver_current/read_rows/whole_columns.h"
#include "stages/silver_current/source_sequence.h"

namespace cdclake::silver_current {
namespace {

/// Positions of stored rows, one contiguous array a column.
class StoredPositions {
 public:
  StoredPositions(const model::TableSchema& schema, const arrow::Table& table) {
    const parquet::MetaColumns meta(schema);
    const auto load = [&]<typename ArrayType>(const char* name, std::shared_ptr<ArrayType>& out) {
      out = std::static_pointer_cast<ArrayType>(whole_column(table, meta(name)));
    };
    load("topic", topic_);
    load("incarnation", incarnation_);
    load("partition", partition_);
    load("offset", offset_);
  }

  bool is_in(std::int64_t row, const model::PartitionId& id) const {
    return partition_->Value(row) == id.partition && topic_->GetView(row) == id.topic &&
           incarnation_->GetView(row) == id.incarnation;
  }
  std::int32_t partition(std::int64_t row) const { return partition_->Value(row); }
  std::int64_t offset(std::int64_t row) const { return offset_->Value(row); }

 private:
  std::shared_ptr<arrow::StringArray> topic_;
  std::shared_ptr<arrow::StringArray> incarnation_;
  std::shared_ptr<arrow::Int32Array> partition_;
  std::shared_ptr<arrow::Int64Array> offset_;
};

std::string changed_partition(const model::PartitionId& now, std::int32_t before,
                              std::int64_t offset) {
  return "KEY_CHANGED_PARTITION: a key whose row came from partition " + std::to_string(before) +
         " has a change in " + now.topic + " partition " + std::to_string(now.partition) +
         " (incarnation " + now.incarnation + ", offset " + std::to_string(offset) + ")";
}

}  // namespace

Result<MergedRows> merge_rows(const model::TableSchema& schema, const ChangeBatch& batch,
                              const StoredFileRows* stored, std::span<const NetChange> changes) {
  MergedRows merged;
  const std::int64_t stored_rows =
      stored == nullptr ? 0 : static_cast<std::int64_t>(stored->keys.size());
  std::optional<StoredPositions> positions;
  std::optional<StoredSequences> sequences;
  if (stored_rows > 0) {
    positions.emplace(schema, *stored->table);
    sequences.emplace(schema, *stored->table);
  }
  std::int64_t row = 0;
  for (const NetChange& change : changes) {
    const std::string& key = batch.keys[change.key];
    while (row < stored_rows && stored->keys[static_cast<std::size_t>(row)] < key) {
      merged.rows.push_back({row++, nullptr});
    }
    const bool was_there = row < stored_rows && stored->keys[static_cast<std::size_t>(row)] == key;
    if (was_there && change.gone_before) {
      if (!precedes(sequences->at(row), *change.gone_before)) continue;  // It came back since.
    } else if (was_there) {
      const model::PartitionId& partition = batch.partitions[change.partition].id;
      if (!positions->is_in(row, partition)) {
        merged.stopped = StoppedTable{
            changed_partition(partition, positions->partition(row), change.first_offset)};
        return merged;
      }
      if (positions->offset(row) >= change.first_offset) {
        return fail(ErrorKind::kCorrupt,
                    "a change of " + schema.table.display() +
                        " is older than the row it would replace: " + partition.topic +
                        " partition " + std::to_string(partition.partition) + " offset " +
                        std::to_string(change.first_offset));
      }
    }
    const std::optional<std::int64_t> before = was_there ? std::optional(row++) : std::nullopt;
    if (change.row) merged.rows.push_back({before, &change});
    merged.changed = merged.changed || was_there || change.row.has_value();
  }
  while (row < stored_rows) merged.rows.push_back({row++, nullptr});
  return merged;
}

}  // namespace cdclake::silver_current
