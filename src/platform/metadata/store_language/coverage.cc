#include "platform/metadata/store_language/coverage.h"

#include <algorithm>
#include <map>
#include <string>

#include "model/partition.h"

namespace cdclake::metadata {
namespace {

using RangesByPartition = std::map<model::PartitionId, std::vector<model::OffsetRange>>;

tl::unexpected<Error> does_not_add_up(const std::string& what,
                                      const model::PartitionId& partition) {
  return fail(ErrorKind::kCorrupt,
              "a commit does not add up: " + what + ": partition=" + describe(partition));
}

std::string to_text(const model::OffsetRange& range) {
  return "[" + std::to_string(range.first) + ", " + std::to_string(range.next) + ")";
}

Status check_tiling(const model::PositionMove& move, std::vector<model::OffsetRange> ranges) {
  std::ranges::sort(ranges, {}, &model::OffsetRange::first);
  std::int64_t covered = move.expected;
  for (const model::OffsetRange& range : ranges) {
    if (range.empty() || range.first != covered) {
      return does_not_add_up("segments and gaps must lie side by side: range=" + to_text(range) +
                                 " covered_to=" + std::to_string(covered),
                             move.partition);
    }
    covered = range.next;
  }
  if (covered != move.next) {
    return does_not_add_up("the position would move over offsets that nothing covers: next=" +
                               std::to_string(move.next) + " covered_to=" + std::to_string(covered),
                           move.partition);
  }
  return {};
}

bool holds(const model::OffsetRange& outer, const model::OffsetRange& inner) {
  return outer.first <= inner.first && inner.next <= outer.next;
}

/// The staged range of the partition that holds `range`, or null.
const StagedRange* find_range(const StageCommit& commit, const model::PartitionId& partition,
                              const model::OffsetRange& range) {
  for (const StagedRange& staged : commit.ranges) {
    if (staged.move.partition == partition &&
        holds({staged.move.expected, staged.move.next}, range)) {
      return &staged;
    }
  }
  return nullptr;
}

Status check_places(const StageCommit& commit,
                    std::map<const StagedRange*, std::int64_t>& rejected) {
  for (const StageFile& file : commit.files) {
    for (const StageFile::Range& range : file.ranges) {
      if (range.offsets.empty() || find_range(commit, range.partition, range.offsets) == nullptr) {
        return does_not_add_up(
            "a file's rows lie outside of the staged ranges: " + to_text(range.offsets),
            range.partition);
      }
    }
  }
  for (const QuarantinedRecord& record : commit.quarantined) {
    const auto* staged = find_range(commit, record.partition, {record.offset, record.offset + 1});
    if (staged == nullptr) {
      return does_not_add_up("a quarantined record lies outside of the staged ranges: offset=" +
                                 std::to_string(record.offset),
                             record.partition);
    }
    ++rejected[staged];
  }
  return {};
}

Status check_rows(const BronzeFile& file) {
  std::int64_t records = 0;
  for (const model::Segment& segment : file.segments) {
    if (segment.partition.topic != file.topic) {
      return does_not_add_up("a segment in a file of another topic: " + file.topic,
                             segment.partition);
    }
    records += segment.record_count;
  }
  if (records == file.file.rows) return {};
  return fail(ErrorKind::kCorrupt,
              "a commit does not add up: rows=" + std::to_string(file.file.rows) +
                  " records of segments=" + std::to_string(records) +
                  " file=" + file.file.final_path.relative);
}

}  // namespace

Status check_coverage(const BronzeCommit& commit) {
  RangesByPartition ranges;
  for (const BronzeFile& file : commit.files) {
    CDCLAKE_RETURN_IF_ERROR(check_rows(file));
    for (const model::Segment& segment : file.segments) {
      ranges[segment.partition].push_back(segment.range);
    }
  }
  for (const model::Gap& gap : commit.gaps) ranges[gap.partition].push_back(gap.range);
  for (const model::PositionMove& move : commit.moves) {
    const auto found = ranges.extract(move.partition);
    CDCLAKE_RETURN_IF_ERROR(
        check_tiling(move, found.empty() ? std::vector<model::OffsetRange>() : found.mapped()));
  }
  if (ranges.empty()) return {};
  return does_not_add_up("a segment or gap without a move of its position", ranges.begin()->first);
}

Status check_counts(const StageCommit& commit) {
  std::map<const StagedRange*, std::int64_t> rejected;
  CDCLAKE_RETURN_IF_ERROR(check_places(commit, rejected));
  std::int64_t rows_expected = 0;
  for (const StagedRange& range : commit.ranges) {
    rows_expected += range.rows;
    if (rejected[&range] != range.quarantined) {
      return does_not_add_up("quarantined=" + std::to_string(range.quarantined) +
                                 " records=" + std::to_string(rejected[&range]),
                             range.move.partition);
    }
  }
  std::int64_t rows = 0;
  for (const StageFile& file : commit.files) rows += file.file.rows;
  if (rows == rows_expected) return {};
  return fail(ErrorKind::kCorrupt,
              "a commit does not add up: rows in files=" + std::to_string(rows) +
                  " rows of ranges=" + std::to_string(rows_expected));
}

}  // namespace cdclake::metadata
