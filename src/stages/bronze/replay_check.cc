#include "stages/bronze/replay_check.h"

#include <memory>
#include <string>

#include "base/shortened.h"
#include "formats/record_files/record_file_reader.h"
#include "formats/record_files/segment_proof.h"

namespace cdclake::bronze {
namespace {

/// Bounds memory (24 bytes each) when parts of very many segments are read again.
constexpr std::size_t kRecordsKeptMax = 2'000'000;

std::string place_text(const model::PartitionId& partition, std::int64_t offset) {
  return "topic=" + shortened(partition.topic) +
         " partition=" + std::to_string(partition.partition) + " offset=" + std::to_string(offset);
}

Error other_content(const model::PartitionId& partition, std::int64_t offset) {
  return {ErrorKind::kConflict,
          "records that are read again differ from those in Bronze: is it another topic of the "
          "same name? Read it into a new lake, or give it another --incarnation: " +
              place_text(partition, offset)};
}

Error was_missing(const model::PartitionId& partition, std::int64_t offset) {
  return {ErrorKind::kConflict,
          "a record that was recorded as missing has come, and a lake does not go back: read the "
          "files in order into a new lake, or give them another --incarnation: " +
              place_text(partition, offset)};
}

/// What a file holds of one partition, as the records' hashes.
class StoredHashes {
 public:
  static Result<StoredHashes> open(lake::LakeFs& fs, const metadata::StoredBronzeFile& file,
                                   const model::PartitionId& partition) {
    StoredHashes hashes(partition.partition, record_files::partitions_of(file.segments));
    CDCLAKE_ASSIGN_OR_RETURN(
        hashes.reader_, record_files::RecordFileReader::open(fs, file.path, *hashes.partitions_));
    return hashes;
  }

  /// The hash of the record at the offset, or nothing; offsets must rise from call to call.
  Result<std::optional<Hash128>> at(std::int64_t offset) {
    for (;;) {
      for (; next_ < batch_.size(); ++next_) {
        const model::RawRecord& record = batch_[next_];
        if (record.partition->partition != number_ || record.offset < offset) continue;
        if (record.offset > offset) return std::optional<Hash128>();
        return std::optional<Hash128>(hash_(record));
      }
      CDCLAKE_ASSIGN_OR_RETURN(batch_, reader_->next());
      next_ = 0;
      if (batch_.empty()) return std::optional<Hash128>();
    }
  }

 private:
  StoredHashes(std::int32_t number, std::vector<model::PartitionId> partitions)
      : number_(number),
        partitions_(std::make_unique<std::vector<model::PartitionId>>(std::move(partitions))) {}

  std::int32_t number_;
  std::unique_ptr<std::vector<model::PartitionId>> partitions_;  ///< The records point into it.
  std::optional<record_files::RecordFileReader> reader_;
  std::span<const model::RawRecord> batch_;
  std::size_t next_ = 0;
  model::RecordHasher hash_;
};

}  // namespace

ReplayCheck::ReplayCheck(lake::LakeFs& fs, metadata::MetadataStore& store)
    : fs_(fs), store_(store) {}

Status ReplayCheck::add(const model::RawRecord& record) {
  if (records_kept_ >= kRecordsKeptMax) CDCLAKE_RETURN_IF_ERROR(finish_all());
  auto place = open_.find(*record.partition);
  if (place != open_.end()) {
    const Reread& reread = place->second;
    const bool goes_on =
        record.offset > reread.records.back().first && record.offset < reread.stored.range.next;
    if (!goes_on) {
      CDCLAKE_RETURN_IF_ERROR(finish(*record.partition));
      place = open_.end();
    }
  }
  if (place == open_.end()) {
    CDCLAKE_ASSIGN_OR_RETURN(auto stored, stored_segment(record));
    if (!stored) return {};
    place = open_.emplace(*record.partition, Reread{std::move(*stored), {}, {}}).first;
  }
  const Hash128 hash = hash_(record);
  place->second.sum += hash;
  place->second.records.emplace_back(record.offset, hash);
  ++records_kept_;
  return {};
}

Status ReplayCheck::finish(const model::PartitionId& partition) {
  const auto node = open_.extract(partition);
  if (node.empty()) return {};
  records_kept_ -= node.mapped().records.size();
  return compare(node.mapped());
}

Status ReplayCheck::finish_all() {
  while (!open_.empty()) CDCLAKE_RETURN_IF_ERROR(finish(open_.begin()->first));
  return {};
}

Result<bool> ReplayCheck::has_expired(const model::PartitionId& partition, std::int64_t offset) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto begins, store_.upkeep().bronze_begins());
  for (const model::Position& begin : begins) expired_below_[begin.partition] = begin.next_offset;
  const auto found = expired_below_.find(partition);
  return found != expired_below_.end() && offset < found->second;
}

Result<std::optional<model::Segment>> ReplayCheck::stored_segment(const model::RawRecord& record) {
  const auto expired = expired_below_.find(*record.partition);
  if (expired != expired_below_.end() && record.offset < expired->second) return std::nullopt;
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto files, store_.bronze_files(*record.partition, {record.offset, record.offset + 1}));
  for (const auto& file : files) {
    for (const model::Segment& segment : file.segments) {
      const bool holds = segment.partition == *record.partition &&
                         segment.range.first <= record.offset && record.offset < segment.range.next;
      if (holds) return segment;
    }
  }
  CDCLAKE_ASSIGN_OR_RETURN(const bool is_gone, has_expired(*record.partition, record.offset));
  if (is_gone) return std::nullopt;
  return tl::unexpected<Error>(was_missing(*record.partition, record.offset));
}

Status ReplayCheck::compare(const Reread& reread) {
  const bool is_whole =
      static_cast<std::int64_t>(reread.records.size()) == reread.stored.record_count;
  if (is_whole && reread.sum == reread.stored.checksum) return {};
  const auto status = compare_records(reread);
  if (status || status.error().kind != ErrorKind::kUnavailable) return status;
  // Compaction may have replaced the file between our look into the store and the opening.
  return compare_records(reread);
}

Status ReplayCheck::compare_records(const Reread& reread) {
  const model::PartitionId& partition = reread.stored.partition;
  CDCLAKE_ASSIGN_OR_RETURN(const auto files, store_.bronze_files(partition, reread.stored.range));
  if (files.empty()) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool is_gone, has_expired(partition, reread.stored.range.first));
    if (is_gone) return {};
  }
  if (files.size() != 1) {
    return fail(ErrorKind::kCorrupt, "a stored segment is not in exactly one Bronze file: " +
                                         place_text(partition, reread.stored.range.first));
  }
  CDCLAKE_ASSIGN_OR_RETURN(auto stored, StoredHashes::open(fs_, files.front(), partition));
  for (const auto& [offset, hash] : reread.records) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto found, stored.at(offset));
    if (found != hash) return tl::unexpected<Error>(other_content(partition, offset));
  }
  return {};
}

}  // namespace cdclake::bronze
