#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "model/change_row.h"
#include "model/partition.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"
#include "platform/metadata/store_language/views.h"
#include "stages/silver_current/key_codec.h"

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
  std::int64_t row = 0;         ///< In `ChangeBatch::rows`.
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

/// The staged changes of one table within the spans, in memory.
struct ChangeBatch {
  std::shared_ptr<arrow::Table> rows;  ///< Whole files; events name the rows that count.
  std::vector<PartitionSpan> partitions;
  std::vector<ChangeEvent> events;  ///< By partition, then offset.
  KeyTable keys;
};

/// Stage files of one table, and where to find them.
struct StagedRows {
  lake::LakeFs& fs;
  metadata::MetadataStore& store;
  const std::vector<metadata::StoredStageFile>& files;
  std::stop_token stop;
};

/// kCancelled where a stop is asked for. What a merge has prepared by then is named by nobody.
Status unless_stopped(const std::stop_token& stop);

/// Adds to `bytes` what the rows of the next files take in memory, until their sum reaches
/// `bytes_max`. A damaged file counts nothing: loading says so.
Status measure_files(const StagedRows& staged, std::int64_t bytes_max,
                     std::vector<std::int64_t>& bytes);

/// Reads the files' rows that lie within the spans, also of files that the stage has committed and
/// not published yet. kCorrupt where a row names a partition without a span, two rows have one
/// offset, a file is missing, or a column holds more than 2 GiB. kCancelled soon after a stop is
/// asked for.
Result<ChangeBatch> load_change_batch(const StagedRows& staged, const model::TableSchema& schema,
                                      const KeyCodec& codec, std::vector<PartitionSpan> partitions);

}  // namespace cdclake::silver_current
