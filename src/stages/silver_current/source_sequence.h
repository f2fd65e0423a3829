#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "stages/silver_current/read_rows/change_batch.h"

namespace cdclake::silver_current {

/// Where a change stood in the stream of its source. It answers what offsets cannot, across
/// partitions, inside one epoch; the order of a partition's changes is that of their offsets alone.
struct SourceSequence {
  std::int64_t epoch = 0;
  std::optional<std::int64_t> commit;
  std::optional<std::int64_t> lsn;

  friend bool operator==(const SourceSequence&, const SourceSequence&) = default;
};

SourceSequence sequence_of(const ChangeEvent& event);

/// True where `one` is known to be older than `other`, or not to be. A replay has the LSN of its
/// original, but perhaps another commit before it.
bool precedes(const SourceSequence& one, const SourceSequence& other);
bool not_precedes(const SourceSequence& one, const SourceSequence& other);

/// The sequences of stored rows: each of the last change that their key had.
class StoredSequences {
 public:
  /// `table` has whole columns.
  StoredSequences(const model::TableSchema& schema, const arrow::Table& table);
  SourceSequence at(std::int64_t row) const;

 private:
  std::shared_ptr<arrow::Int64Array> epoch_;
  std::shared_ptr<arrow::Int64Array> commit_;
  std::shared_ptr<arrow::Int64Array> lsn_;
};

}  // namespace cdclake::silver_current
