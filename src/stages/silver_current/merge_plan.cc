#include "stages/silver_current/merge_plan.h"

#include <algorithm>
#include <limits>
#include <set>

namespace cdclake::silver_current {
namespace {

constexpr std::int64_t kAllBatches = std::numeric_limits<std::int64_t>::max();

using OffsetByPartition = std::map<model::PartitionId, std::int64_t>;

OffsetByPartition by_partition(const std::vector<model::Position>& positions) {
  OffsetByPartition offsets;
  for (const model::Position& position : positions)
    offsets[position.partition] = position.next_offset;
  return offsets;
}

/// Whether the stage committed the file after its positions were read.
bool is_newer(const metadata::StoredStageFile& file, const OffsetByPartition& staged) {
  return std::ranges::any_of(file.ranges, [&](const metadata::StageFile::Range& range) {
    const auto end = staged.find(range.partition);
    return end == staged.end() || range.offsets.next > end->second;
  });
}

bool has_rows_in(const metadata::StoredStageFile& file, const std::vector<PartitionSpan>& spans) {
  return std::ranges::any_of(file.ranges, [&](const metadata::StageFile::Range& range) {
    return std::ranges::any_of(spans, [&](const PartitionSpan& span) {
      return span.id == range.partition && range.offsets.first < span.range.next &&
             range.offsets.next > span.range.first;
    });
  });
}

/// From where each partition is merged to its end, or to the cut where it is known.
std::vector<PartitionSpan> spans_to(const OffsetByPartition& ends, const UnmergedRows& rows) {
  const auto merged = by_partition(rows.merged);
  std::vector<PartitionSpan> spans;
  for (auto [partition, end] : ends) {
    const auto done = merged.find(partition);
    const std::int64_t first = done == merged.end() ? 0 : done->second;
    if (const auto cut = rows.cut.find(partition); cut != rows.cut.end())
      end = std::min(end, cut->second);
    spans.push_back({partition, {first, std::max(first, end)}});
  }
  return spans;
}

/// The last batch that still fits, or `kAllBatches`.
std::int64_t last_batch(const UnmergedRows& unmerged, const OffsetByPartition& staged,
                        const BiteLimits& limits) {
  const auto& files = unmerged.files;
  BiteLimits taken;
  for (std::size_t i = 0; i < files.size() && !is_newer(files[i], staged); ++i) {
    const bool begins_batch = i > 0 && files[i].batch != files[i - 1].batch;
    const bool is_full = taken.rows >= limits.rows || taken.bytes >= limits.bytes;
    if (begins_batch && is_full) return files[i - 1].batch;
    taken.rows += files[i].rows;
    if (i < unmerged.file_bytes.size()) taken.bytes += unmerged.file_bytes[i];
  }
  return kAllBatches;
}

void drop_files_outside(MergePlan& plan) {
  std::erase_if(plan.files, [&](const metadata::StoredStageFile& file) {
    return !has_rows_in(file, plan.spans);
  });
}

/// By when a half must have been staged to be alone now.
std::int64_t alone_until(const std::vector<model::PartitionEnd>& ends,
                         const OffsetByPartition& staged) {
  if (ends.empty()) return kNoneAlone;
  std::int64_t seen_us = kAllAlone;
  for (const model::PartitionEnd& end : ends) {
    const auto found = staged.find(end.partition);
    const std::int64_t next = found == staged.end() ? 0 : found->second;
    if (next < end.next_offset) return kNoneAlone;
    seen_us = std::min(seen_us, end.seen_us);
  }
  return seen_us - std::chrono::microseconds(kOtherHalfWait).count();
}

std::optional<model::PartitionId> find_unstaged(const std::vector<model::Position>& written,
                                                const OffsetByPartition& staged) {
  for (const model::Position& position : written) {
    const auto found = staged.find(position.partition);
    if (position.next_offset > (found == staged.end() ? 0 : found->second)) {
      return position.partition;
    }
  }
  return std::nullopt;
}

}  // namespace

MergePlan plan_merge(const UnmergedRows& rows, const BiteLimits& limits) {
  MergePlan plan;
  auto ends = by_partition(rows.staged);
  const std::int64_t last = last_batch(rows, ends, limits);
  plan.takes_all = last == kAllBatches;
  plan.unstaged = find_unstaged(rows.written, ends);
  if (plan.takes_all) {
    plan.alone_until_us = alone_until(rows.ends, ends);
  } else {
    for (auto& [partition, end] : ends) end = 0;
    for (const metadata::StageBatchEnd& end : rows.batch_ends) {
      if (end.batch <= last && ends.contains(end.partition)) {
        ends[end.partition] = std::max(ends[end.partition], end.next_offset);
      }
    }
  }
  plan.spans = spans_to(ends, rows);
  for (const metadata::StoredStageFile& file : rows.files) {
    if (has_rows_in(file, plan.spans)) plan.files.push_back(file);
  }
  return plan;
}

UnmergedRows rows_below(UnmergedRows rows, const MergePlan& plan, const MergeCut& cut) {
  for (std::size_t i = 0; i < plan.spans.size(); ++i)
    rows.cut[plan.spans[i].id] = cut.next_offsets[i];
  const auto spans = spans_to(by_partition(rows.staged), rows);
  std::erase_if(rows.files,
                [&](const metadata::StoredStageFile& file) { return !has_rows_in(file, spans); });
  rows.file_bytes.clear();
  return rows;
}

std::int64_t changes_within(const UnmergedRows& rows, std::int64_t bytes) {
  BiteLimits measured;
  for (std::size_t i = 0; i < rows.file_bytes.size(); ++i) {
    measured.rows += rows.files[i].rows;
    measured.bytes += rows.file_bytes[i];
  }
  if (measured.rows == 0) return std::max<std::int64_t>(1, bytes / kChangeBytes);
  return std::max<std::int64_t>(1,
                                bytes / std::max<std::int64_t>(1, measured.bytes / measured.rows));
}

MergePlan narrowed(MergePlan plan, std::int64_t offsets_max) {
  for (PartitionSpan& span : plan.spans) {
    const std::int64_t taken = std::min(span.range.next - span.range.first, offsets_max);
    offsets_max -= taken;
    if (span.range.first + taken == span.range.next) continue;
    span.range.next = span.range.first + taken;
    plan.takes_all = false;
    plan.alone_until_us = kNoneAlone;
  }
  drop_files_outside(plan);
  return plan;
}

MergePlan plan_bite(const UnmergedRows& rows, const BiteLimits& limits) {
  MergePlan plan = plan_merge(rows, limits);
  const std::int64_t changes_max = changes_within(rows, limits.bytes);
  std::int64_t changes = 0;
  for (const metadata::StoredStageFile& file : plan.files) changes += file.rows;
  return changes > 2 * changes_max ? narrowed(std::move(plan), changes_max) : plan;
}

MergePlan up_to_first_halves(MergePlan plan, const ChangeBatch& halves, const MergeCut& cut,
                             std::int64_t offsets_max) {
  const auto first_half = [&](std::size_t partition) {
    const auto half = std::ranges::find(halves.events, partition, &ChangeEvent::partition);
    return static_cast<std::size_t>(half - halves.events.begin());
  };
  const auto is_taken = [&](std::size_t half) {
    for (const auto* pairs : {&cut.moves.delete_of_create, &cut.moves.create_of_delete}) {
      if (const auto pair = pairs->find(half); pair != pairs->end())
        return first_half(halves.events[pair->second].partition) == pair->second;
    }
    return std::ranges::find(cut.alone, half) != cut.alone.end();
  };
  plan.takes_all = false;
  plan.alone_until_us = kAllAlone;
  MergePlan before = plan;
  bool has_rows_before = false;
  std::int64_t offsets = 0;
  for (std::size_t i = 0; i < plan.spans.size(); ++i) {
    const std::size_t half = first_half(i);
    if (half < halves.events.size()) {
      const std::int64_t offset = halves.events[half].offset;
      auto& [first, next] = plan.spans[i].range;
      next = std::min(next, offset + (is_taken(half) ? 1 : 0));
      before.spans[i].range.next = std::min(before.spans[i].range.next, offset);
    }
    has_rows_before = has_rows_before || !before.spans[i].range.empty();
    offsets += plan.spans[i].range.next - plan.spans[i].range.first;
  }
  if (has_rows_before && offsets > offsets_max) return narrowed(std::move(before), offsets_max);
  drop_files_outside(plan);
  return plan;
}

Outlook outlook_of(const UnmergedRows& rows) {
  Outlook outlook{.staged = by_partition(rows.staged)};
  const std::int64_t alone_until_us = alone_until(rows.ends, outlook.staged);
  outlook.old_files = std::ranges::count_if(rows.files, [&](const metadata::StoredStageFile& file) {
    return file.committed_us <= alone_until_us;
  });
  return outlook;
}

std::optional<StoppedTable> reason_to_stop(const MergePlan& plan,
                                           const std::optional<metadata::CurrentVersion>& version) {
  std::set<model::SchemaId> schemas;
  if (version) schemas.insert(version->schema);
  for (const metadata::StoredStageFile& file : plan.files) schemas.insert(file.schema);
  if (schemas.size() > 1) {
    return StoppedTable{
        "SCHEMA_CHANGED: columns or key of the table changed; this version cannot carry the rows "
        "over"};
  }
  std::map<std::string, std::string> incarnations;
  for (const PartitionSpan& span : plan.spans) {
    const auto [known, is_new] = incarnations.emplace(span.id.topic, span.id.incarnation);
    if (!is_new && known->second != span.id.incarnation) {
      return StoppedTable{
          "TOPIC_MADE_AGAIN: the topic has a second life, whose offsets cannot be compared: " +
          span.id.topic};
    }
  }
  return std::nullopt;
}

}  // namespace cdclake::silver_current
