#include "stages/silver_stage/stage_places.h"

#include "platform/commit/prepare.h"
#include "platform/metadata/store_language/lease.h"

namespace cdclake::silver_stage {
namespace {

using lake::LakePath;
using lake::Root;

metadata::PreparedFile new_file(metadata::FileKind kind, const LakePath& folder,
                                std::string_view prefix, std::string_view extension) {
  auto file = commit::new_file(metadata::Role::kSilverStage, kind, folder / "unnamed");
  file.final_path = folder / (std::string(prefix) + file.id.value + std::string(extension));
  return file;
}

}  // namespace

metadata::PreparedFile new_change_file(const std::string& table, const std::string& event_date) {
  const LakePath folder =
      LakePath{Root::kSilver, "stage_events"} / ("table=" + table) / ("event_date=" + event_date);
  return new_file(metadata::FileKind::kStage, folder, "part-", ".parquet");
}

metadata::PreparedFile new_quarantine_file(const std::string& table) {
  const LakePath folder = LakePath{Root::kSilver, "stage_events_quarantine"} / ("table=" + table);
  return new_file(metadata::FileKind::kQuarantine, folder, "quarantine-", ".jsonl");
}

metadata::PreparedFile new_schema_file(std::string_view sha256) {
  return commit::new_file(metadata::Role::kSilverStage, metadata::FileKind::kSchema,
                          LakePath{Root::kBronze, "_schemas"} / (std::string(sha256) + ".json"));
}

}  // namespace cdclake::silver_stage
