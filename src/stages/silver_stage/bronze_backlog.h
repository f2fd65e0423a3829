#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "formats/record_files/record_file_reader.h"
#include "model/record.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"
#include "stages/silver_stage/partition_state.h"

namespace cdclake::silver_stage {

/// Puts files of one topic in an order in which every partition's records come by offset. Commit
/// order does not do: compaction commits old records anew. kCorrupt where no such order exists.
Result<std::vector<metadata::StoredBronzeFile>> order_by_offset(
    std::vector<metadata::StoredBronzeFile> files);

/// A Bronze file being read.
class OpenBronzeFile {
 public:
  OpenBronzeFile(std::unique_ptr<std::vector<model::PartitionId>> partitions,
                 record_files::RecordFileReader reader)
      : partitions_(std::move(partitions)), reader_(std::move(reader)) {}

  /// The partitions that records point at.
  std::span<const model::PartitionId> partitions() const { return *partitions_; }
  std::size_t index_of(const model::RawRecord& record) const {
    return static_cast<std::size_t>(record.partition - partitions_->data());
  }
  Result<std::span<const model::RawRecord>> next() { return reader_.next(); }
  std::int64_t batch_bytes() const { return reader_.batch_bytes(); }

 private:
  std::unique_ptr<std::vector<model::PartitionId>> partitions_;
  record_files::RecordFileReader reader_;
};

/// Finds and opens the Bronze files that hold what the stage has not read yet.
class BronzeBacklog {
 public:
  /// Whether to show more.
  using Visit = std::function<bool(const model::RawRecord&)>;

  /// Both must outlive the backlog. `batch_bytes_max`: of records that are read at once.
  BronzeBacklog(lake::LakeFs& fs, metadata::MetadataStore& store,
                std::int64_t batch_bytes_max = 8 << 20)
      : fs_(&fs), store_(&store), batch_bytes_max_(batch_bytes_max) {}

  /// Files with records that these partitions of one topic want, in reading order.
  Result<std::vector<metadata::StoredBronzeFile>> files(
      std::span<PartitionState* const> partitions);

  /// Nothing where the file is gone: compaction replaced it, so ask for the files again.
  Result<std::optional<OpenBronzeFile>> open(const metadata::StoredBronzeFile& file);

  /// Shows the records of a range of one partition in offset order, whether staged or not, for as
  /// long as `visit` wants more; where files vanish meanwhile, from the beginning again.
  Status read_again(const model::PartitionId& partition, const model::OffsetRange& range,
                    const Visit& visit);

  /// Whether the store says why the offsets [range.first, range.next) hold no records.
  Result<bool> explains_gap(const model::PartitionId& partition, const model::OffsetRange& range);

 private:
  Result<bool> read_files(const model::PartitionId& partition, const model::OffsetRange& range,
                          const Visit& visit);

  lake::LakeFs* fs_;
  metadata::MetadataStore* store_;
  std::int64_t batch_bytes_max_;
};

/// How often files that vanish are looked for anew before that is an error.
inline constexpr int kLookUpsMax = 20;

}  // namespace cdclake::silver_stage
