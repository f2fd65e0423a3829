#include "stages/rebuild/silver_inventory.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string>
#include <utility>

#include "formats/debezium/table_plans/connector_settings.h"
#include "formats/json_document/outside_schema_document.h"
#include "platform/commit/folder_swap.h"
#include "platform/commit/prepare.h"

namespace cdclake::rebuild {
namespace {

using metadata::Role;

constexpr std::array kRoles = {Role::kBronzeWrite, Role::kBronzeCompact, Role::kSilverStage,
                               Role::kSilverMerge, Role::kUpkeep};

Result<metadata::RebuiltTable> read_schema(lake::LakeFs& fs, const lake::LakePath& path) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto text, lake::read_text(fs, path));
  const auto outside = json_document::parse_outside_schema(text);
  if (!outside) {
    return fail(ErrorKind::kCorrupt, "cannot rebuild: " + outside.error().message +
                                         " (bring it back from a copy of the lake, or move it out "
                                         "of the lake): " +
                                         fs.absolute(path));
  }
  CDCLAKE_ASSIGN_OR_RETURN(const auto settings,
                           debezium::ConnectorSettings::from_properties(outside->connector));
  return metadata::RebuiltTable{.id = outside->schema->table,
                                .outside_settings = settings.meaning()};
}

}  // namespace

Result<OutsideTypes> read_outside_types(lake::LakeFs& fs) {
  const lake::LakePath folder{lake::Root::kBronze, "_schemas"};
  CDCLAKE_ASSIGN_OR_RETURN(const auto entries, fs.list(folder));
  OutsideTypes types;
  std::set<std::string> segments;
  for (const lake::Entry& entry : entries) {
    if (!entry.name.ends_with(".json")) continue;
    auto file =
        commit::new_file(Role::kSilverStage, metadata::FileKind::kSchema, folder / entry.name);
    CDCLAKE_ASSIGN_OR_RETURN(auto table, read_schema(fs, file.final_path));
    CDCLAKE_ASSIGN_OR_RETURN(const lake::Content content, lake::read_content(fs, file.final_path));
    file.rows = 1;
    file.bytes = content.bytes;
    file.content = content.hash;
    types.files.push_back(std::move(file));
    const auto segment = lake::encode_table_segment(table.id.schema, table.id.table);
    if (segments.insert(segment).second) types.tables.push_back(std::move(table));
  }
  return types;
}

Result<std::vector<MovedFolder>> folders_to_move(lake::LakeFs& fs) {
  std::vector<MovedFolder> folders;
  for (const char* name : {"current_data", "stage_events_quarantine", "current", "stage_events"}) {
    const lake::LakePath from{lake::Root::kSilver, name};
    CDCLAKE_ASSIGN_OR_RETURN(const auto entry, fs.stat(from));
    if (entry.type == lake::EntryType::kAbsent) continue;
    // Named as an old side of the merge is, so that its sweep keeps and removes it.
    folders.push_back(
        {from, commit::aside_folder(from.root) / (std::string(to_string(Role::kSilverMerge)) +
                                                  "-0-" + name + "-" + random_hex_id())});
  }
  return folders;
}

Result<OldSides> list_old_sides(lake::LakeFs& fs) {
  OldSides found;
  for (const lake::Root root : {lake::Root::kBronze, lake::Root::kSilver}) {
    const lake::LakePath folder = commit::aside_folder(root);
    CDCLAKE_ASSIGN_OR_RETURN(const auto entries, fs.list(folder));
    for (const lake::Entry& entry : entries) {
      for (const Role role : kRoles) {
        const std::string prefix = std::string(to_string(role)) + "-";
        if (!entry.name.starts_with(prefix)) continue;
        found.asides.push_back({role, folder / entry.name});
        std::int64_t epoch = 0;
        std::from_chars(entry.name.data() + prefix.size(), entry.name.data() + entry.name.size(),
                        epoch);
        found.epochs[role] = std::max(found.epochs[role], epoch);
      }
    }
  }
  return found;
}

}  // namespace cdclake::rebuild
