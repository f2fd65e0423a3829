#include "stages/bronze/record_buffer.h"

#include <utility>

#include "base/assert.h"

namespace cdclake::bronze {

void RecordBuffer::load(const std::vector<model::Position>& positions) {
  for (const model::Position& position : positions) {
    PartitionState& state = known(position.partition);
    state.committed = state.next = position.next_offset;
  }
}

void RecordBuffer::begin_batch(std::span<const model::Gap> gaps) {
  of_batch_.clear();
  gaps_of_batch_.clear();
  for (const model::Gap& gap : gaps) gaps_of_batch_[gap.partition].push_back(gap);
}

PartitionState& RecordBuffer::known(const model::PartitionId& id) {
  const auto [place, is_new] = partitions_.try_emplace(id);
  if (is_new) {
    place->second.id = id;
    place->second.topic = &topics_[{id.topic, id.incarnation}];
  }
  return place->second;
}

PartitionState& RecordBuffer::state_of(const model::PartitionId& id) {
  PartitionState*& state = of_batch_[&id];
  if (!state) state = &known(id);
  return *state;
}

void RecordBuffer::pass_gaps(PartitionState& partition, std::int64_t offset) {
  if (gaps_of_batch_.empty()) return;
  const auto found = gaps_of_batch_.find(partition.id);
  if (found == gaps_of_batch_.end()) return;
  auto& gaps = found->second;
  while (!gaps.empty() && gaps.front().range.next <= offset) {
    model::Gap gap = std::move(gaps.front());
    gaps.erase(gaps.begin());
    if (gap.range.next <= partition.next) continue;
    auto& writer = partition.topic->writer;
    // A hole before the gap goes to the segment that is open, else to the gap itself.
    const bool extended = writer && gap.range.first > partition.next &&
                          writer->extend(partition.id.partition, gap.range.first);
    if (!extended) gap.range.first = partition.next;
    if (writer) writer->close_segment(partition.id.partition);
    partition.next = gap.range.next;
    partition.leader_epoch = model::kNoLeaderEpoch;
    partition.gaps.push_back(std::move(gap));
  }
}

void RecordBuffer::pass_all_gaps() {
  for (const auto& [id, gaps] : gaps_of_batch_) {
    if (!gaps.empty()) pass_gaps(known(id), gaps.back().range.next);
  }
}

void RecordBuffer::pass_position(PartitionState& partition, std::int64_t next) {
  if (next <= partition.next || !partition.topic->writer) return;
  if (!partition.topic->writer->extend(partition.id.partition, next)) return;
  partition.next = next;
  partition.leader_epoch = model::kNoLeaderEpoch;
}

Status RecordBuffer::store(const model::RawRecord& record, PartitionState& partition, WallTime now,
                           BronzeRun& run) {
  CDCLAKE_ASSERT(record.offset >= partition.next);
  auto& writer = partition.topic->writer;
  if (!writer) {
    CDCLAKE_ASSIGN_OR_RETURN(
        writer, BronzeWriter::open(fs_, run.next_place(partition.id), group_bytes_max_));
    ++open_files_;
  }
  CDCLAKE_RETURN_IF_ERROR(writer->append(record, partition.next, now));
  partition.next = record.offset + 1;
  partition.leader_epoch = record.leader_epoch;
  ++rows_;
  bytes_ += model::bytes_of(record);
  return {};
}

bool RecordBuffer::is_full(const BronzeConfig& config) const {
  return rows_ >= config.batch_rows_max || bytes_ >= config.batch_bytes_max;
}

bool RecordBuffer::lacks_file_for(const PartitionState& partition,
                                  const BronzeConfig& config) const {
  return !partition.topic->writer && open_files_ >= config.open_files_max;
}

Result<metadata::BronzeCommit> RecordBuffer::prepare() {
  metadata::BronzeCommit commit;
  for (auto& [name, topic] : topics_) {
    if (!topic.writer) continue;
    auto file = std::move(*topic.writer).finish();
    topic.writer.reset();
    if (!file) return tl::unexpected<Error>(std::move(file).error());
    commit.files.push_back(*std::move(file));
  }
  for (auto& [id, partition] : partitions_) {
    if (partition.next == partition.committed) continue;
    commit.moves.push_back({id, partition.committed, partition.next, partition.leader_epoch});
    commit.gaps.insert(commit.gaps.end(), partition.gaps.begin(), partition.gaps.end());
  }
  return commit;
}

void RecordBuffer::committed(const metadata::BronzeCommit& commit) {
  for (const model::PositionMove& move : commit.moves) {
    PartitionState& partition = partitions_.at(move.partition);
    partition.committed = move.next;
    partition.gaps.clear();
  }
  rows_ = bytes_ = open_files_ = 0;
}

void RecordBuffer::discard() {
  for (auto& [name, topic] : topics_) {
    if (topic.writer) std::move(*topic.writer).discard();
    topic.writer.reset();
  }
}

}  // namespace cdclake::bronze
