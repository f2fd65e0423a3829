#include "app/pipeline/flaw_news.h"

#include <algorithm>
#include <map>

namespace cdclake::pipeline {
namespace {

// As docs/operating.md has it.
std::string remedy_for(const std::string& cause) {
  if (cause == "GAP") return "a new snapshot of the table, read into a new lake, mends it";
  if (cause == "UNRESOLVED_VALUE") return "the next change that carries the value mends it";
  return "mend the cause, then read the topics again into a new lake";
}

}  // namespace

std::string describe(const metadata::Flaw& flaw) {
  std::string text;
  if (flaw.partition) {
    text = " from " + flaw.partition->topic + "/" + std::to_string(flaw.partition->partition) +
           " offset " + std::to_string(flaw.offset);
  }
  return text + ": " + flaw.cause + (flaw.detail.empty() ? "" : ", " + flaw.detail);
}

std::vector<std::string> FlawNews::take(const std::vector<metadata::Flaw>& flaws,
                                        const std::vector<metadata::Table>& tables) {
  struct Begun {
    const metadata::Flaw* first;
    int count;
  };
  std::map<std::pair<metadata::TableKey, std::string>, Begun> begun;
  for (const metadata::Flaw& flaw : flaws) {
    const std::pair key(flaw.table, flaw.cause);
    if (!told_.contains(key)) ++begun.try_emplace(key, Begun{&flaw, 0}).first->second.count;
  }
  std::vector<std::string> lines;
  for (const auto& [key, it] : begun) {
    const auto table = std::ranges::find(tables, key.first, &metadata::Table::key);
    if (table == tables.end()) continue;
    told_.insert(key);
    const std::string more =
        it.count == 1 ? "" : " (and " + std::to_string(it.count - 1) + " more)";
    lines.push_back(table->id.display() + " is INEXACT" + describe(*it.first) + more + "; " +
                    remedy_for(key.second));
  }
  return lines;
}

}  // namespace cdclake::pipeline
