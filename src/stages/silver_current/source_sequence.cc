#include "stages/silver_current/source_sequence.h"

#include <arrow/array.h>
#include <arrow/table.h>

#include <tuple>

#include "formats/parquet/table_columns.h"
#include "stages/silver_current/read_rows/whole_columns.h"

namespace cdclake::silver_current {
namespace {

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

StoredSequences::StoredSequences(const model::TableSchema& schema, const arrow::Table& table) {
  const parquet::MetaColumns meta(schema);
  const auto column = [&](const char* name) {
    return std::static_pointer_cast<arrow::Int64Array>(whole_column(table, meta(name)));
  };
  epoch_ = column("epoch");
  commit_ = column("seq_commit");
  lsn_ = column("seq_lsn");
}

SourceSequence StoredSequences::at(std::int64_t row) const {
  return {epoch_->Value(row), optional_value(*commit_, row), optional_value(*lsn_, row)};
}

}  // namespace cdclake::silver_current
