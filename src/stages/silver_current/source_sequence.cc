#include "stages/silver_current/source_sequence.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/chunked_array.h>
#include <arrow/table.h>

#include <string>
#include <tuple>

#include "formats/parquet/arrow_result.h"
#include "formats/parquet/table_columns.h"

namespace cdclake::silver_current {
namespace {

Status load(const arrow::Table& table, const std::string& name,
            std::shared_ptr<arrow::Int64Array>& out) {
  CDCLAKE_ASSIGN_OR_RETURN(auto array, arrow::Concatenate(table.GetColumnByName(name)->chunks()));
  out = std::static_pointer_cast<arrow::Int64Array>(std::move(array));
  return {};
}

std::optional<std::int64_t> optional_value(const arrow::Int64Array& column, std::int64_t row) {
  if (column.IsNull(row)) return std::nullopt;
  return column.Value(row);
}

bool comparable(const SourceSequence& one, const SourceSequence& other) {
  return one.epoch == other.epoch && one.lsn && other.lsn;
}

}  // namespace

SourceSequence sequence_of(const ChangeEvent& event) {
  return {event.identity.epoch, event.identity.seq_commit, event.identity.seq_lsn};
}

bool precedes(const SourceSequence& one, const SourceSequence& other) {
  return comparable(one, other) && one.lsn != other.lsn &&
         std::tie(one.commit, one.lsn) < std::tie(other.commit, other.lsn);
}

bool not_precedes(const SourceSequence& one, const SourceSequence& other) {
  return comparable(one, other) && !precedes(one, other);
}

Result<StoredSequences> StoredSequences::open(const model::TableSchema& schema,
                                              const arrow::Table& table) {
  const parquet::MetaColumns meta(schema);
  StoredSequences sequences;
  CDCLAKE_RETURN_IF_ERROR(load(table, meta("epoch"), sequences.epoch_));
  CDCLAKE_RETURN_IF_ERROR(load(table, meta("seq_commit"), sequences.commit_));
  CDCLAKE_RETURN_IF_ERROR(load(table, meta("seq_lsn"), sequences.lsn_));
  return sequences;
}

SourceSequence StoredSequences::at(std::int64_t row) const {
  return {epoch_->Value(row), optional_value(*commit_, row), optional_value(*lsn_, row)};
}

}  // namespace cdclake::silver_current
