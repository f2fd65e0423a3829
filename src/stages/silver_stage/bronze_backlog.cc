#include "stages/silver_stage/bronze_backlog.h"

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <utility>

#include "platform/commit/locate.h"

namespace cdclake::silver_stage {
namespace {

using Files = std::vector<metadata::StoredBronzeFile>;

/// For every partition the files that hold it, by their first offset there.
std::map<model::PartitionId, std::vector<std::pair<std::int64_t, std::size_t>>> by_partition(
    const Files& files) {
  std::map<model::PartitionId, std::vector<std::pair<std::int64_t, std::size_t>>> queues;
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::map<model::PartitionId, std::int64_t> firsts;
    for (const model::Segment& segment : files[i].segments) {
      const auto [place, is_new] = firsts.emplace(segment.partition, segment.range.first);
      if (!is_new) place->second = std::min(place->second, segment.range.first);
    }
    for (const auto& [partition, first] : firsts) queues[partition].emplace_back(first, i);
  }
  for (auto& [partition, queue] : queues) std::ranges::sort(queue);
  return queues;
}

std::unique_ptr<std::vector<model::PartitionId>> partitions_of(
    const metadata::StoredBronzeFile& file) {
  std::set<model::PartitionId> partitions;
  for (const model::Segment& segment : file.segments) partitions.insert(segment.partition);
  return std::make_unique<std::vector<model::PartitionId>>(partitions.begin(), partitions.end());
}

}  // namespace

Result<Files> order_by_offset(Files files) {
  std::vector<std::vector<std::size_t>> followers(files.size());
  std::vector<int> waits_for(files.size());
  for (const auto& [partition, queue] : by_partition(files)) {
    for (std::size_t i = 1; i < queue.size(); ++i) {
      followers[queue[i - 1].second].push_back(queue[i].second);
      ++waits_for[queue[i].second];
    }
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (waits_for[i] == 0) ready.push(i);
  }
  Files ordered;
  while (!ready.empty()) {
    const std::size_t file = ready.top();
    ready.pop();
    for (const std::size_t follower : followers[file]) {
      if (--waits_for[follower] == 0) ready.push(follower);
    }
    ordered.push_back(std::move(files[file]));
  }
  if (ordered.size() != files.size()) {
    return fail(ErrorKind::kCorrupt,
                "Bronze files of one topic hold their partitions in contradicting orders: topic=" +
                    files.front().topic);
  }
  return ordered;
}

Result<Files> BronzeBacklog::files(std::span<PartitionState* const> partitions) {
  Files found;
  std::set<FileId> seen;
  for (const PartitionState* partition : partitions) {
    if (!partition->has_more()) continue;
    CDCLAKE_ASSIGN_OR_RETURN(
        auto files, store_->bronze_files(partition->id, {partition->next, partition->end}));
    for (metadata::StoredBronzeFile& file : files) {
      if (seen.insert(file.id).second) found.push_back(std::move(file));
    }
  }
  return order_by_offset(std::move(found));
}

Result<std::optional<OpenBronzeFile>> BronzeBacklog::open(const metadata::StoredBronzeFile& file) {
  auto path = commit::locate(*fs_, *store_, file.id);
  if (!path) {
    if (path.error().kind == ErrorKind::kConflict) return std::nullopt;
    return tl::unexpected<Error>(std::move(path).error());
  }
  auto partitions = partitions_of(file);
  auto reader = record_files::RecordFileReader::open(*fs_, *path, *partitions, batch_bytes_max_);
  if (reader) return OpenBronzeFile(std::move(partitions), std::move(*reader));
  CDCLAKE_ASSIGN_OR_RETURN(const lake::Entry entry, fs_->stat(*path));
  if (entry.type == lake::EntryType::kAbsent) return std::nullopt;
  return tl::unexpected<Error>(std::move(reader).error());
}

Status BronzeBacklog::read_again(const model::PartitionId& partition,
                                 const model::OffsetRange& range, const Visit& visit) {
  for (int attempt = 0; attempt < kLookUpsMax; ++attempt) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool complete, read_files(partition, range, visit));
    if (complete) return {};
  }
  return fail(ErrorKind::kUnavailable,
              "cannot read Bronze again: its files vanish while they are looked for: topic=" +
                  partition.topic);
}

Result<bool> BronzeBacklog::read_files(const model::PartitionId& partition,
                                       const model::OffsetRange& range, const Visit& visit) {
  CDCLAKE_ASSIGN_OR_RETURN(auto found, store_->bronze_files(partition, range));
  CDCLAKE_ASSIGN_OR_RETURN(const Files ordered, order_by_offset(std::move(found)));
  for (const metadata::StoredBronzeFile& file : ordered) {
    CDCLAKE_ASSIGN_OR_RETURN(auto opened, open(file));
    if (!opened) return false;
    for (;;) {
      CDCLAKE_ASSIGN_OR_RETURN(const auto records, opened->next());
      if (records.empty()) break;
      for (const model::RawRecord& record : records) {
        if (*record.partition != partition) continue;
        if (record.offset < range.first) continue;
        if (record.offset >= range.next || !visit(record)) return true;
      }
    }
  }
  return true;
}

Result<bool> BronzeBacklog::explains_gap(const model::PartitionId& partition,
                                         const model::OffsetRange& range) {
  CDCLAKE_ASSIGN_OR_RETURN(auto gaps, store_->gaps());
  std::erase_if(gaps, [&](const model::Gap& gap) { return gap.partition != partition; });
  std::ranges::sort(gaps, {}, [](const model::Gap& gap) { return gap.range.first; });
  std::int64_t explained = range.first;
  for (const model::Gap& gap : gaps) {
    if (gap.range.first <= explained) explained = std::max(explained, gap.range.next);
  }
  return explained >= range.next;
}

}  // namespace cdclake::silver_stage
