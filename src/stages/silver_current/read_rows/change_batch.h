#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/change_row.h"
#include "model/partition.h"
#include "stages/silver_current/read_rows/key_codec.h"
#include "stages/silver_current/read_rows/staged_files.h"

namespace cdclake::silver_current {

/// A small number for a key, within one batch.
using KeyIndex = std::uint32_t;

/// Gives each distinct encoded key a number.
class KeyTable {
 public:
  KeyIndex intern(std::string key);
  const std::string& operator[](KeyIndex index) const { return keys_[index]; }
  std::size_t size() const { return keys_.size(); }

 private:
  std::deque<std::string> keys_;
  std::unordered_map<std::string_view, KeyIndex> index_;
};

/// What one event of the source's stream is called: equal in both halves of a key move.
struct EventIdentity {
  std::int64_t epoch = 0;
  std::optional<std::int64_t> tx_id;
  std::optional<std::int64_t> seq_commit;
  std::optional<std::int64_t> seq_lsn;

  friend bool operator==(const EventIdentity&, const EventIdentity&) = default;
  friend auto operator<=>(const EventIdentity&, const EventIdentity&) = default;
};

/// One staged change, without its cells.
struct ChangeEvent {
  std::int64_t row = 0;         ///< Counted through all rows of the batch's files.
  std::uint32_t partition = 0;  ///< In `ChangeBatch::partitions`.
  std::int64_t offset = 0;
  model::Op op = model::Op::kCreate;
  KeyIndex key = 0;
  std::optional<KeyIndex> moved_from;
  std::optional<KeyIndex> moved_to;
  EventIdentity identity;
  std::int64_t staged_us = 0;  ///< When the stage committed it.
  std::string
      unchanged;  ///< Bitmap of unsent columns: bit i, least significant first, is column i.
};

/// Where a table's merge goes on in one partition, and how far it may go.
struct PartitionSpan {
  model::PartitionId id;
  model::OffsetRange range;
};

/// The staged changes of one table within the spans. Their cells are read where they are needed.
struct ChangeBatch {
  std::vector<PartitionSpan> partitions;
  std::vector<ChangeEvent> events;      ///< By partition, then offset.
  std::vector<std::int64_t> file_ends;  ///< One past the last row of each file.
  std::int64_t row_bytes_max = 0;       ///< Of rows that are larger than row groups, with cells.
  KeyTable keys;
};

/// About what one change takes in memory while it is folded, apart from its key.
inline constexpr std::int64_t kChangeBytes = 768;

/// Adds to `bytes` what the changes of the next files take in memory, without their cells, until
/// their sum reaches `bytes_max`. A damaged file counts nothing: loading says so.
Status measure_changes(const StagedFiles& staged, const model::TableSchema& schema,
                       std::int64_t bytes_max, std::vector<std::int64_t>& bytes);

/// Reads what the files say of their changes within the spans, without their cells. kCorrupt where
/// a row names a partition without a span, two rows have one offset, or a file is missing.
/// kCancelled soon after a stop is asked for.
Result<ChangeBatch> load_change_batch(const StagedFiles& staged, const model::TableSchema& schema,
                                      const KeyCodec& codec, std::vector<PartitionSpan> partitions);

struct HalvesWanted {
  /// Files of which is found that they hold none are added; those in it are not opened.
  std::set<FileId>& without;
  std::int64_t count_max = 0;
};

/// The same of nothing but the halves of key moves. kInvalidConfig, with the setting to raise,
/// where there are more than `count_max`.
Result<ChangeBatch> load_move_halves(const StagedFiles& staged, const model::TableSchema& schema,
                                     const KeyCodec& codec, std::vector<PartitionSpan> partitions,
                                     const HalvesWanted& wanted);

}  // namespace cdclake::silver_current
