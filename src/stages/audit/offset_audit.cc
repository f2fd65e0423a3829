#include "stages/audit/offset_audit.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace cdclake::audit {
namespace {

using metadata::PartitionAccount;
using model::OffsetRange;

std::string range_text(const OffsetRange& range) {
  return "[" + std::to_string(range.first) + ", " + std::to_string(range.next) + ")";
}

/// Ranges of one partition and one layer, held against the position that they should reach.
class Tiling {
 public:
  Tiling(std::string layer, const model::PartitionId& partition, Findings& findings)
      : layer_(std::move(layer)), partition_(partition), findings_(findings) {}

  /// In order of their first offsets.
  void add(const OffsetRange& range) {
    if (range.first > reached_) {
      report(Fault::kOffsetsMissing, {reached_, range.first},
             "no part of " + layer_ + " holds offsets ");
    } else if (range.first < reached_) {
      report(Fault::kOffsetsTwice, {range.first, std::min(reached_, range.next)},
             "two parts of " + layer_ + " claim offsets ");
    }
    reached_ = std::max(reached_, range.next);
  }

  void end_at(std::int64_t position) {
    if (reached_ < position) {
      report(Fault::kOffsetsMissing, {reached_, position},
             "no part of " + layer_ + " holds offsets ");
    } else if (reached_ > position) {
      report(Fault::kPositionWrong, {position, reached_},
             "the position of " + layer_ + " is " + std::to_string(position) +
                 ", before what it holds: ");
    }
  }

 private:
  void report(Fault fault, const OffsetRange& offsets, const std::string& what) {
    findings_.push_back(about_offsets(fault, what + range_text(offsets), partition_, offsets));
  }

  std::string layer_;
  const model::PartitionId& partition_;
  Findings& findings_;
  std::int64_t reached_ = 0;
};

void audit_bronze(const PartitionAccount& account, Findings& findings) {
  std::vector<OffsetRange> ranges = account.gaps;
  for (const auto& it : account.segments) ranges.push_back(it.segment.range);
  std::ranges::sort(ranges, {}, &OffsetRange::first);
  Tiling tiling("Bronze", account.partition, findings);
  for (const OffsetRange& range : ranges) tiling.add(range);
  tiling.end_at(account.bronze_next.value_or(0));
}

/// Records below each offset at which a segment or a gap ends.
std::map<std::int64_t, std::int64_t> records_below(const PartitionAccount& account) {
  std::map<std::int64_t, std::int64_t> below = {{0, 0}};
  for (const OffsetRange& gap : account.gaps) below[gap.next] = 0;
  for (const auto& it : account.segments) below[it.segment.range.next] += it.segment.record_count;
  std::int64_t sum = 0;
  for (auto& [offset, count] : below) count = sum += count;
  return below;
}

/// `staged` records were taken of the offsets, where Bronze holds from `least` to `most`.
void compare_counts(const PartitionAccount& account, const OffsetRange& offsets,
                    std::int64_t staged, const std::pair<std::int64_t, std::int64_t>& bronze,
                    Findings& findings) {
  const auto& [least, most] = bronze;
  if (staged >= least && staged <= most) return;
  const std::string held =
      least == most ? std::to_string(least) : std::to_string(least) + " to " + std::to_string(most);
  findings.push_back(about_offsets(Fault::kRecordsUnaccounted,
                                   "of offsets " + range_text(offsets) + " Bronze holds " + held +
                                       " records, and the stage knows of " + std::to_string(staged),
                                   account.partition, offsets));
}

void audit_counts(const PartitionAccount& account, Findings& findings) {
  const auto below = records_below(account);
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t staged = 0;
  for (const metadata::StagedAccount& it : account.staged) {
    staged += it.rows + it.quarantined + it.no_row;
    end = it.range.next;
    const auto bronze = below.find(end);
    if (bronze == below.end()) continue;
    const std::int64_t records = bronze->second - below.at(begin);
    compare_counts(account, {begin, end}, staged, {records, records}, findings);
    begin = end;
    staged = 0;
  }
  // The last range may end inside a segment: what waits there has an offset each.
  const auto after = below.lower_bound(end);
  if (begin == end || after == below.end()) return;
  const std::int64_t records = after->second - below.at(begin);
  const std::int64_t waiting_max = std::min(records, after->first - end);
  compare_counts(account, {begin, end}, staged, {records - waiting_max, records}, findings);
}

void audit_stage(const PartitionAccount& account, Findings& findings) {
  const std::int64_t position = account.stage_next.value_or(0);
  Tiling tiling("the stage", account.partition, findings);
  for (const metadata::StagedAccount& it : account.staged) tiling.add(it.range);
  tiling.end_at(position);
  const std::int64_t bronze_next = account.bronze_next.value_or(0);
  if (position > bronze_next) {
    findings.push_back(about_offsets(Fault::kStageAhead,
                                     "the stage is at " + std::to_string(position) +
                                         " and Bronze at " + std::to_string(bronze_next),
                                     account.partition, {bronze_next, position}));
  }
  for (const metadata::StagedAccount& it : account.staged) {
    if (it.quarantined == it.in_quarantine) continue;
    findings.push_back(about_offsets(Fault::kRecordsUnaccounted,
                                     "of offsets " + range_text(it.range) + " " +
                                         std::to_string(it.quarantined) +
                                         " records were quarantined, and the quarantine lists " +
                                         std::to_string(it.in_quarantine),
                                     account.partition, it.range));
  }
  audit_counts(account, findings);
}

/// A commit counts what lies in files: they must be there, and the merge must find them by their
/// ranges.
void audit_places(const metadata::Accounts& accounts, Findings& findings) {
  std::set<std::string> live;
  for (const metadata::FileAccount& it : accounts.files) {
    if (it.state != metadata::FileState::kSuperseded) live.insert(it.file.id.value);
  }
  for (const PartitionAccount& partition : accounts.partitions) {
    for (const metadata::SegmentAccount& it : partition.segments) {
      if (live.contains(it.file.value)) continue;
      findings.push_back(
          about_offsets(Fault::kRecordsUnaccounted,
                        "offsets " + range_text(it.segment.range) +
                            " lie in a file that was replaced or removed: " + it.file.value,
                        partition.partition, it.segment.range));
    }
  }
  for (const metadata::StageFileAccount& it : accounts.stage_files) {
    if (!live.contains(it.file.value)) {
      findings.push_back(
          about_store(Fault::kRowsUnaccounted,
                      "a file of staged rows was replaced or removed: " + it.file.value));
    }
  }
}

/// Whether the merge finds every file of staged rows: by its ranges, and by the topics of its
/// table.
void audit_stage_files(const metadata::Accounts& accounts, Findings& findings) {
  std::map<std::pair<model::PartitionId, std::int64_t>, std::vector<OffsetRange>> staged;
  for (const PartitionAccount& partition : accounts.partitions) {
    for (const metadata::StagedAccount& it : partition.staged) {
      staged[{partition.partition, it.batch}].push_back(it.range);
    }
  }
  std::map<metadata::TableKey, std::set<std::string>> topics;
  for (const metadata::TableAccount& it : accounts.tables) {
    topics[it.table.key] = {it.table.topics.begin(), it.table.topics.end()};
  }
  for (const metadata::StageFileAccount& it : accounts.stage_files) {
    const auto taken_with = [&](const model::PartitionId& partition, std::int64_t offset) {
      for (const std::int64_t batch : it.batches) {
        for (const OffsetRange& whole : staged[{partition, batch}]) {
          if (whole.first <= offset && offset < whole.next) return std::optional(whole);
        }
      }
      return std::optional<OffsetRange>();
    };
    const auto is_found = [&](const metadata::StageFile::Range& range) {
      const auto first = taken_with(range.partition, range.offsets.first);
      const auto last = taken_with(range.partition, range.offsets.next - 1);
      // What upkeep put together reaches over what several commits took.
      return first && last && (first == last || it.batches.size() > 1) &&
             topics[it.table].contains(range.partition.topic);
    };
    if (!it.ranges.empty() && std::ranges::all_of(it.ranges, is_found)) continue;
    findings.push_back(about_store(Fault::kRowsUnaccounted,
                                   "the merge would not find a file of staged rows by the ranges "
                                   "and topics that are recorded of it: " +
                                       it.file.value));
  }
}

void audit_merge(const metadata::Accounts& accounts, Findings& findings) {
  std::map<model::PartitionId, std::int64_t> staged;
  for (const PartitionAccount& it : accounts.partitions) {
    staged[it.partition] = it.stage_next.value_or(0);
  }
  for (const metadata::TableAccount& table : accounts.tables) {
    for (const model::Position& merged : table.merged) {
      const std::int64_t stage_next = staged[merged.partition];
      if (merged.next_offset <= stage_next) continue;
      findings.push_back(about_offsets(Fault::kMergeAhead,
                                       table.table.id.display() + " is merged up to " +
                                           std::to_string(merged.next_offset) +
                                           ", and the stage is at " + std::to_string(stage_next),
                                       merged.partition, {stage_next, merged.next_offset}));
    }
  }
}

}  // namespace

void audit_offsets(const metadata::Accounts& accounts, Findings& findings) {
  for (const PartitionAccount& it : accounts.partitions) {
    audit_bronze(it, findings);
    audit_stage(it, findings);
  }
  for (const metadata::BatchAccount& it : accounts.batches) {
    if (it.rows == it.rows_in_files) continue;
    findings.push_back(about_store(Fault::kRowsUnaccounted,
                                   "commit " + std::to_string(it.batch) + " of the stage made " +
                                       std::to_string(it.rows) + " rows, and its files hold " +
                                       std::to_string(it.rows_in_files)));
  }
  audit_places(accounts, findings);
  audit_stage_files(accounts, findings);
  audit_merge(accounts, findings);
}

}  // namespace cdclake::audit
