#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/partition.h"
#include "model/record.h"
#include "platform/metadata/store_language/commits.h"
#include "stages/bronze/bronze_config.h"
#include "stages/bronze/bronze_run.h"
#include "stages/bronze/bronze_writer.h"

namespace cdclake::bronze {

/// The open file of one life of a topic, if any record of it is buffered.
struct TopicFile {
  std::optional<BronzeWriter> writer;
};

/// Where one partition stands: `committed` in the store, `next` with what is buffered.
struct PartitionState {
  model::PartitionId id;
  TopicFile* topic = nullptr;
  std::int64_t committed = 0;
  std::int64_t next = 0;
  std::int32_t leader_epoch = model::kNoLeaderEpoch;  ///< Of the record right before `next`.
  std::vector<model::Gap> gaps;                       ///< Between `committed` and `next`.
  bool is_read_again = false;                         ///< The last record lay below `committed`.
};

/// Records that are read and not yet committed, in one hidden file a topic, and the positions and
/// gaps that go with them.
///
/// Between `committed` and `next` of a partition lie, side by side, its segments and gaps; a
/// position that moves on without a record is kept back until the next record of its partition,
/// whose segment then begins at the old position.
class RecordBuffer {
 public:
  RecordBuffer(lake::LakeFs& fs, std::int64_t group_bytes_max)
      : fs_(fs), group_bytes_max_(group_bytes_max) {}

  void load(const std::vector<model::Position>& positions);

  /// The records and positions that follow are of one batch, and these gaps lie among them.
  void begin_batch(std::span<const model::Gap> gaps);
  /// `id` may be of the batch: its address is remembered until the next one.
  PartitionState& state_of(const model::PartitionId& id);
  /// Takes up the batch's gaps that end at `offset` or before.
  void pass_gaps(PartitionState& partition, std::int64_t offset);
  void pass_all_gaps();
  void pass_position(PartitionState& partition, std::int64_t next);
  /// Buffers a record at or past `partition.next`.
  Status store(const model::RawRecord& record, PartitionState& partition, WallTime now,
               BronzeRun& run);

  bool is_empty() const { return rows_ == 0; }
  bool is_full(const BronzeConfig& config) const;
  /// Whether the partition's topic would need one more file than there may be.
  bool lacks_file_for(const PartitionState& partition, const BronzeConfig& config) const;

  /// Makes everything that is buffered durable under hidden names. No moves: nothing is buffered.
  Result<metadata::BronzeCommit> prepare();
  /// What `prepare` gave is in the store.
  void committed(const metadata::BronzeCommit& commit);
  /// Gives up what is buffered, after an error.
  void discard();

 private:
  PartitionState& known(const model::PartitionId& id);

  std::map<std::pair<std::string, std::string>, TopicFile> topics_;  ///< By topic and incarnation.
  std::map<model::PartitionId, PartitionState> partitions_;
  std::unordered_map<const model::PartitionId*, PartitionState*> of_batch_;
  std::map<model::PartitionId, std::vector<model::Gap>> gaps_of_batch_;
  lake::LakeFs& fs_;
  std::int64_t group_bytes_max_;
  std::int64_t rows_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t open_files_ = 0;
};

}  // namespace cdclake::bronze
