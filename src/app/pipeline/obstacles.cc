#include "app/pipeline/obstacles.h"

#include <map>

#include "app/pipeline/wording.h"
#include "base/shortened.h"

namespace cdclake::pipeline {
namespace {

using Waits = std::vector<const metadata::StageWait*>;

std::string place_of(const model::PartitionId& partition) {
  return shortened(partition.topic) + "/" + std::to_string(partition.partition);
}

/// A tombstone names no table.
bool names_table(const metadata::StageWait& wait) { return wait.table != model::TableId{}; }

std::string extent_of(const Waits& waits) {
  if (waits.empty()) return {};
  const metadata::StageWait& first = *waits.front();
  const std::string count = counted(static_cast<std::int64_t>(waits.size()), "partition") +
                            (waits.size() == 1 ? " waits, " : " wait, the first ");
  return " (" + count + "at " + place_of(first.partition) + " offset " +
         std::to_string(first.offset) + ")";
}

}  // namespace

std::vector<std::string> describe_obstacles(const std::vector<metadata::Table>& tables,
                                            const std::vector<metadata::StageWait>& waits) {
  std::map<std::string, Waits> by_table;
  for (const metadata::StageWait& wait : waits) {
    by_table[names_table(wait) ? wait.table.name() : place_of(wait.partition)].push_back(&wait);
  }
  std::vector<std::string> lines;
  for (const metadata::Table& table : tables) {
    if (table.state == metadata::TableState::kActive) continue;
    const bool is_refused = table.state == metadata::TableState::kRefused;
    lines.push_back(table.id.display() + (is_refused ? " is REFUSED: " : " is STOPPED: ") +
                    table.reason + extent_of(by_table[table.id.name()]));
    by_table.erase(table.id.name());
  }
  for (const auto& [name, its_waits] : by_table) {
    lines.push_back(shortened(name) + " WAITS: " + its_waits.front()->need + extent_of(its_waits));
  }
  return lines;
}

}  // namespace cdclake::pipeline
