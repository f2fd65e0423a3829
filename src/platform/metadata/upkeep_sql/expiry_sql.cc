#include "platform/metadata/upkeep_sql/expiry_sql.h"

#include <map>
#include <string>
#include <utility>

#include "platform/metadata/file_sql/prepared_file_sql.h"
#include "platform/metadata/house_sql/partition_keys.h"
#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/upkeep_sql/stage_days_sql.h"

namespace cdclake::metadata {
namespace {

/// True of a Bronze file of which a record lies at or past the stage's position, or is among the
/// last thousand offsets before it: so far back the stage may read again when it starts.
constexpr const char* kIsWantedByStage =
    "EXISTS (SELECT 1 FROM segment s LEFT JOIN stage_position p USING (partition_key) "
    "WHERE s.file_key = f.file_key AND s.next_offset > coalesce(p.next_offset, 0) - 1000)";

using Folders = std::map<lake::LakePath, std::vector<PreparedFile>>;

Status load(Database& database, const std::string& sql, std::int64_t before_us, Folders& folders) {
  CDCLAKE_ASSIGN_OR_RETURN(Statement query, Statement::prepare(database, sql.c_str()));
  CDCLAKE_RETURN_IF_ERROR(query.start(before_us));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return {};
    CDCLAKE_ASSIGN_OR_RETURN(auto file, prepared_file_at(query, 0));
    const lake::LakePath folder = file.final_path.parent();
    folders[folder].push_back(std::move(file));
  }
}

const std::string kFileColumns =
    "f.file_id, f.kind, f.root, f.hidden, f.path, f.bytes, f.row_count, f.content";

}  // namespace

Result<std::vector<ExpiringFiles>> expiring_files(Database& database, const ExpiryTimes& before) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kRead));
  Folders folders;
  if (before.bronze_us) {
    CDCLAKE_RETURN_IF_ERROR(
        load(database,
             "SELECT " + kFileColumns +
                 " FROM file f JOIN run USING (run_key) WHERE f.kind = 'bronze_compacted' "
                 "AND f.state = 'published' AND run.ended_us < ? AND NOT " +
                 kIsWantedByStage,
             *before.bronze_us, folders));
  }
  if (before.stage_us) {
    CDCLAKE_RETURN_IF_ERROR(
        load(database,
             "SELECT " + kFileColumns +
                 " FROM stage_file JOIN file f USING (file_key) JOIN stage_batch b USING (batch) "
                 "WHERE f.state = 'published' AND b.committed_us < ? AND NOT " +
                 kIsUnmerged,
             *before.stage_us, folders));
  }
  std::vector<ExpiringFiles> expiring;
  for (auto& [folder, files] : folders) expiring.push_back({folder, std::move(files)});
  return expiring;
}

Result<bool> may_leave(Database& database, std::int64_t file_key) {
  const std::string sql =
      "SELECT 1 FROM file f WHERE f.file_key = ? AND f.state = 'published' AND "
      "((f.kind = 'bronze_compacted' AND NOT " +
      std::string(kIsWantedByStage) + ") OR (f.kind = 'stage' AND NOT " + kIsUnmerged + "))";
  CDCLAKE_ASSIGN_OR_RETURN(const auto found, find_integer(database, sql.c_str(), file_key));
  return found.has_value();
}

Result<std::vector<model::Position>> bronze_begins(Database& database) {
  return read_positions(
      database,
      "SELECT t.name, t.incarnation, p.number, max(s.next_offset) FROM file f "
      "JOIN segment s USING (file_key) JOIN topic_partition p USING (partition_key) "
      "JOIN topic t USING (topic_key) WHERE f.expired_us IS NOT NULL "
      "GROUP BY p.partition_key ORDER BY t.name, t.topic_key, p.number");
}

}  // namespace cdclake::metadata
