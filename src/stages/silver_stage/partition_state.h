#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/assert.h"
#include "model/partition.h"
#include "platform/metadata/store_language/commits.h"

namespace cdclake::silver_stage {

/// What the records of a partition said last, as far as the next record needs it. Decided by the
/// data alone: after a restart it is read again from Bronze.
struct PartitionTrace {
  struct Order {
    /// Whether the last row was streamed. An initial snapshot of the same life never follows one.
    bool streamed = false;
    /// Of the last row of an initial snapshot: all rows of one snapshot say the same.
    std::optional<std::int64_t> snapshot_lsn;
  };
  std::map<metadata::TableKey, Order> order;  ///< By table.
  /// The table and key of the delete that was the last record; no table: it was something else.
  metadata::TableKey delete_table = 0;
  std::string delete_key;
  bool complete = false;  ///< Nothing older can be learned from Bronze.
  /// What was read past a tombstone that came before every change, and held no change.
  struct Ahead {
    std::int64_t reached = 0;  ///< Up to where.
    std::int64_t tombstones = 0;
  } ahead;
};

/// Where the stage stands in one partition.
struct PartitionState {
  model::PartitionId id;
  std::int64_t committed = 0;               ///< The stage's position in the store.
  std::int64_t next = 0;                    ///< Past what the open batch holds.
  std::int64_t end = 0;                     ///< Bronze's position when the run began.
  std::optional<metadata::StageWait> wait;  ///< For a schema, at `next`.
  PartitionTrace trace;

  bool held_changes = false;  ///< Whether a record below `committed` is a row or in quarantine.

  // Of the records in [committed, next).
  std::int64_t records = 0;
  std::int64_t rows = 0;
  std::int64_t quarantined = 0;
  std::int64_t no_row = 0;

  bool has_more() const { return !wait && next < end; }
  std::int64_t offsets_left() const { return has_more() ? end - next : 0; }
  /// Whether any record below `next` is a row, or would have been one.
  bool has_held_changes() const { return held_changes || rows + quarantined > 0; }
  bool has_more_ahead() const { return trace.ahead.reached < end; }
  bool wants(std::int64_t offset) const { return has_more() && offset >= next && offset < end; }

  /// What the open batch did here; starts the next one.
  metadata::StagedRange take_range() {
    CDCLAKE_ASSERT(records == rows + quarantined + no_row);
    metadata::StagedRange range{{id, committed, next}, rows, quarantined, no_row};
    held_changes = has_held_changes();
    committed = next;
    records = rows = quarantined = no_row = 0;
    return range;
  }
};

}  // namespace cdclake::silver_stage
