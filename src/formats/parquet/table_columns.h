#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>

#include "model/table.h"

namespace cdclake::parquet {

/// Our own columns beside a table's. They begin with `_`; where one of them would clash with a
/// column of the table (letter case aside), all of them begin with `_cdc_` instead, or
/// `_cdc_cdc_` and so on until nothing clashes.
class MetaColumns {
 public:
  explicit MetaColumns(const model::TableSchema& schema);
  /// `name` without any prefix: `offset` gives `_offset`.
  std::string operator()(const char* name) const { return prefix_ + name; }

 private:
  std::string prefix_;
};

/// Arrow type of a column, as docs/formats/types.md maps it.
std::shared_ptr<arrow::DataType> arrow_type(const model::ColumnType& type);

/// The table's columns, all nullable, with field ids (1 …), then op, commit_ts, lsn, tx_id,
/// seq_commit, seq_lsn, topic, incarnation, partition, offset, epoch, is_snapshot,
/// unchanged (binary: bit i, least significant first, is column i; null where no bit is set),
/// moved_from, moved_to (struct of the key columns, in key order; null where it is no key move;
/// left out for a table without a key), schema_id. docs/formats/stage.md.
std::shared_ptr<arrow::Schema> stage_arrow_schema(const model::TableSchema& schema);

/// The table's columns, then commit_ts, lsn, seq_commit, seq_lsn, topic, incarnation, partition,
/// offset, epoch of the last change, unresolved (binary, as `unchanged`: cells whose value was
/// lost before it reached us; null where all is exact). docs/formats/current.md.
std::shared_ptr<arrow::Schema> current_arrow_schema(const model::TableSchema& schema);

}  // namespace cdclake::parquet
