#include "app/pipeline/lake_status.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "app/pipeline/flaw_news.h"
#include "app/pipeline/obstacles.h"
#include "base/shortened.h"

namespace cdclake::pipeline {
namespace {

/// Of one kind and one table: a topic full of bad records must not fill a terminal or a log.
constexpr std::size_t kLinesMax = 10;

using Positions = std::map<model::PartitionId, std::int64_t>;

Positions by_partition(const std::vector<model::Position>& positions) {
  Positions map;
  for (const model::Position& position : positions) map[position.partition] = position.next_offset;
  return map;
}

std::int64_t position_in(const Positions& positions, const model::PartitionId& partition) {
  const auto found = positions.find(partition);
  return found == positions.end() ? 0 : found->second;
}

Result<std::vector<PartitionStatus>> read_partitions(metadata::MetadataStore& store) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto stage, store.stage_positions());
  CDCLAKE_ASSIGN_OR_RETURN(const auto bronze, store.bronze_positions());
  CDCLAKE_ASSIGN_OR_RETURN(const auto waits, store.stage_waits());
  CDCLAKE_ASSIGN_OR_RETURN(const auto counts, store.partition_counts());
  CDCLAKE_ASSIGN_OR_RETURN(const auto ends, store.source_ends());
  CDCLAKE_ASSIGN_OR_RETURN(const auto stops, store.source_stops());
  std::map<model::PartitionId, PartitionStatus> partitions;
  for (const metadata::PartitionCounts& count : counts) partitions[count.partition].counts = count;
  for (const model::PartitionEnd& end : ends) {
    PartitionStatus& status = partitions[end.partition];
    status.counts.partition = end.partition;
    status.end = end;
  }
  for (const model::PartitionStop& stop : stops) {
    PartitionStatus& status = partitions[stop.partition];
    status.counts.partition = stop.partition;
    status.stop = stop;
  }
  for (const metadata::StageWait& wait : waits) partitions[wait.partition].wait = wait;
  const Positions staged = by_partition(stage);
  const Positions written = by_partition(bronze);
  std::vector<PartitionStatus> in_order;
  for (auto& [id, status] : partitions) {
    status.bronze_next = position_in(written, id);
    status.stage_next = position_in(staged, id);
    in_order.push_back(std::move(status));
  }
  return in_order;
}

std::int64_t unmerged(const metadata::Table& table, const Positions& staged,
                      const Positions& merged) {
  const std::set<std::string> topics(table.topics.begin(), table.topics.end());
  std::int64_t offsets = 0;
  for (const auto& [partition, next] : staged) {
    if (topics.contains(partition.topic)) {
      offsets += std::max<std::int64_t>(0, next - position_in(merged, partition));
    }
  }
  return offsets;
}

Result<std::vector<TableStatus>> read_tables(metadata::MetadataStore& store) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto stage, store.stage_positions());
  CDCLAKE_ASSIGN_OR_RETURN(const auto flaws, store.flaws());
  CDCLAKE_ASSIGN_OR_RETURN(auto known, store.tables());
  const Positions staged = by_partition(stage);
  std::vector<TableStatus> tables;
  for (metadata::Table& table : known) {
    TableStatus status;
    CDCLAKE_ASSIGN_OR_RETURN(status.version, store.current_version(table.key));
    CDCLAKE_ASSIGN_OR_RETURN(status.held_back, store.held_back(table.key));
    CDCLAKE_ASSIGN_OR_RETURN(const auto merged, store.merge_positions(table.key));
    status.unmerged_offsets = unmerged(table, staged, by_partition(merged));
    std::copy_if(flaws.begin(), flaws.end(), std::back_inserter(status.flaws),
                 [&](const metadata::Flaw& flaw) { return flaw.table == table.key; });
    status.table = std::move(table);
    tables.push_back(std::move(status));
  }
  return tables;
}

// Partitions whose quarantined records are no table's: their topic feeds none.
std::vector<metadata::PartitionCounts> unread_partitions(const LakeStatus& status) {
  std::set<std::string> feeding;
  for (const TableStatus& it : status.tables) {
    feeding.insert(it.table.topics.begin(), it.table.topics.end());
  }
  std::vector<metadata::PartitionCounts> unread;
  for (const PartitionStatus& it : status.partitions) {
    const bool feeds = feeding.contains(it.counts.partition.topic);
    if (it.counts.quarantined > 0 && !feeds) unread.push_back(it.counts);
  }
  return unread;
}

// Says where the rest is, when there is more than can be shown.
void add_rest(const std::string& what, std::size_t count, std::vector<std::string>& lines) {
  if (count <= kLinesMax) return;
  lines.push_back(what + " for " + std::to_string(count - kLinesMax) +
                  " more reasons: `cdclake status --json` lists them");
}

void add_complaints(const TableStatus& status, std::vector<std::string>& lines) {
  const std::string name = status.table.id.display();
  for (std::size_t i = 0; i < std::min(status.flaws.size(), kLinesMax); ++i) {
    lines.push_back(name + " is INEXACT" + describe(status.flaws[i]));
  }
  add_rest(name + " is INEXACT", status.flaws.size(), lines);
  for (std::size_t i = 0; i < std::min(status.held_back.size(), kLinesMax); ++i) {
    lines.push_back(name + " is HELD BACK: " + status.held_back[i]);
  }
  add_rest(name + " is HELD BACK", status.held_back.size(), lines);
}

}  // namespace

std::optional<std::int64_t> PartitionStatus::lag() const {
  if (!end) return std::nullopt;
  return std::max<std::int64_t>(0, end->next_offset - bronze_next);
}

std::int64_t TableStatus::current_rows() const {
  std::int64_t rows = 0;
  if (version) {
    for (const metadata::CurrentFile& file : version->files) rows += file.rows;
  }
  return rows;
}

std::int64_t TableStatus::current_bytes() const {
  std::int64_t bytes = 0;
  if (version) {
    for (const metadata::CurrentFile& file : version->files) bytes += file.bytes;
  }
  return bytes;
}

bool TableStatus::is_exact() const {
  return table.state == metadata::TableState::kActive && flaws.empty() && held_back.empty();
}

bool LakeStatus::is_complete() const {
  return std::all_of(tables.begin(), tables.end(), [](const auto& it) { return it.is_exact(); }) &&
         std::none_of(partitions.begin(), partitions.end(),
                      [](const auto& it) { return it.wait || it.stop; }) &&
         unread_partitions(*this).empty();
}

bool LakeStatus::has_stops() const {
  return std::any_of(partitions.begin(), partitions.end(), [](const auto& it) { return it.stop; });
}

Result<metadata::MetadataStore> open_store_to_read(const config::LakeConfig& lake,
                                                   const Clock& clock) {
  std::error_code error;
  // A folder that may not be searched is an error, and opening the store names it.
  if (!std::filesystem::exists(lake.metadata_db, error) && !error) {
    return fail(ErrorKind::kInvalidConfig,
                "there is no metadata store yet: run `cdclake run` first, or say where it is: "
                "METADATA_DB=" +
                    lake.metadata_db);
  }
  return metadata::MetadataStore::open(lake.metadata_db, metadata::Access::kReadOnly, clock);
}

Result<std::vector<commit::RoleSign>> read_roles(metadata::MetadataStore& store,
                                                 const config::LakeConfig& lake,
                                                 const Clock& clock) {
  return commit::look_at_roles(store, lake.metadata_db, clock);
}

Result<LakeStatus> read_lake_status(metadata::MetadataStore& store, std::int64_t runs_max) {
  LakeStatus status;
  CDCLAKE_ASSIGN_OR_RETURN(status.tables, read_tables(store));
  CDCLAKE_ASSIGN_OR_RETURN(status.partitions, read_partitions(store));
  CDCLAKE_ASSIGN_OR_RETURN(status.gaps, store.gaps());
  CDCLAKE_ASSIGN_OR_RETURN(status.runs, store.runs(runs_max));
  return status;
}

std::vector<std::string> stop_complaints(const LakeStatus& status) {
  std::vector<std::string> lines;
  std::size_t count = 0;
  for (const PartitionStatus& it : status.partitions) {
    if (!it.stop || ++count > kLinesMax) continue;
    lines.push_back(shortened(it.stop->partition.topic) + "/" +
                    std::to_string(it.stop->partition.partition) + " is STOPPED (" +
                    it.stop->reason + "): " + it.stop->message);
  }
  add_rest("partitions are STOPPED", count, lines);
  return lines;
}

std::vector<std::string> complaints(const LakeStatus& status) {
  std::vector<metadata::Table> tables;
  for (const TableStatus& it : status.tables) tables.push_back(it.table);
  std::vector<metadata::StageWait> waits;
  for (const PartitionStatus& it : status.partitions) {
    if (it.wait) waits.push_back(*it.wait);
  }
  std::vector<std::string> lines = describe_obstacles(tables, waits);
  for (const TableStatus& table : status.tables) add_complaints(table, lines);
  for (std::string& line : stop_complaints(status)) lines.push_back(std::move(line));
  for (const metadata::PartitionCounts& unread : unread_partitions(status)) {
    lines.push_back(shortened(unread.partition.topic) + "/" +
                    std::to_string(unread.partition.partition) +
                    " is UNREAD: " + std::to_string(unread.quarantined) +
                    " of its records are in the quarantine, and none became a row of a table");
  }
  return lines;
}

}  // namespace cdclake::pipeline
