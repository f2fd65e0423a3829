#include "formats/record_files/segment_proof.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "formats/record_files/record_file_reader.h"

namespace cdclake::record_files {
namespace {

/// Counts and sums of what has been seen of the segments of one partition, in offset order.
class PartitionProof {
 public:
  void expect(const model::Segment& segment) { expected_.push_back(&segment); }

  void sort() {
    std::ranges::sort(expected_, {}, [](const model::Segment* s) { return s->range.first; });
    seen_.resize(expected_.size());
  }

  /// Whether the record lies in a segment, past the record before it.
  bool add(std::int64_t offset, const Hash128& hash) {
    if (offset <= last_) return false;
    last_ = offset;
    while (place_ < expected_.size() && expected_[place_]->range.next <= offset) ++place_;
    if (place_ == expected_.size() || offset < expected_[place_]->range.first) return false;
    ++seen_[place_].count;
    seen_[place_].sum += hash;
    return true;
  }

  bool is_complete() const {
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      if (seen_[i].count != expected_[i]->record_count || seen_[i].sum != expected_[i]->checksum) {
        return false;
      }
    }
    return true;
  }

 private:
  struct Seen {
    std::int64_t count = 0;
    Hash128 sum;
  };
  std::vector<const model::Segment*> expected_;
  std::vector<Seen> seen_;
  std::size_t place_ = 0;
  std::int64_t last_ = -1;
};

Error not_the_same(lake::LakeFs& fs, const lake::LakePath& path, const model::PartitionId& id) {
  return {ErrorKind::kCorrupt,
          "a Bronze file does not hold the records that the metadata store says it holds: topic=" +
              id.topic + " partition=" + std::to_string(id.partition) + ": " + fs.absolute(path)};
}

}  // namespace

std::vector<model::PartitionId> partitions_of(const std::vector<model::Segment>& segments) {
  std::vector<model::PartitionId> partitions;
  for (const model::Segment& segment : segments) partitions.push_back(segment.partition);
  std::ranges::sort(partitions);
  partitions.erase(std::unique(partitions.begin(), partitions.end()), partitions.end());
  return partitions;
}

Result<IngestTimes> prove_segments(lake::LakeFs& fs, const lake::LakePath& path,
                                   const std::vector<model::Segment>& segments,
                                   const std::stop_token& stop) {
  const auto partitions = partitions_of(segments);
  std::map<const model::PartitionId*, PartitionProof> proofs;
  for (const model::Segment& segment : segments) {
    const auto id = std::ranges::lower_bound(partitions, segment.partition);
    proofs[&*id].expect(segment);
  }
  for (auto& [id, proof] : proofs) proof.sort();

  model::RecordHasher hash;
  std::optional<IngestTimes> times;
  CDCLAKE_ASSIGN_OR_RETURN(auto reader, RecordFileReader::open(fs, path, partitions));
  for (;;) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto records, reader.next());
    if (records.empty()) break;
    if (stop.stop_requested()) return fail(ErrorKind::kCancelled, "the proof was stopped");
    for (std::size_t i = 0; i < records.size(); ++i) {
      const model::RawRecord& record = records[i];
      const std::int64_t ingested = reader.ingest_ts_us(i);
      if (!times) times = IngestTimes{ingested, ingested};
      times->first_us = std::min(times->first_us, ingested);
      times->last_us = std::max(times->last_us, ingested);
      if (!proofs.at(record.partition).add(record.offset, hash(record))) {
        return tl::unexpected<Error>(not_the_same(fs, path, *record.partition));
      }
    }
  }
  for (const auto& [id, proof] : proofs) {
    if (!proof.is_complete()) return tl::unexpected<Error>(not_the_same(fs, path, *id));
  }
  return times.value_or(IngestTimes{});
}

}  // namespace cdclake::record_files
