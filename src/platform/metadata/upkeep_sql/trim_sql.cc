#include "platform/metadata/upkeep_sql/trim_sql.h"

#include <string>

#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/sqlite/statement.h"

namespace cdclake::metadata {
namespace {

/// What other roles wait for at the most.
constexpr std::int64_t kRowsAtOnce = 500;

/// Files that are gone, whose records lie in the file that replaced them, and whose rows nothing
/// refers to.
const std::string kForgottenFiles =
    // The greatest number says how many files were ever named.
    "FROM file f WHERE f.file_key < (SELECT max(file_key) FROM file) AND f.state = 'removed' AND "
    "f.expired_us IS NULL AND f.superseded_us < ?1 "
    "AND NOT EXISTS (SELECT 1 FROM segment s WHERE s.file_key = f.file_key) "
    "AND NOT EXISTS (SELECT 1 FROM quarantined q WHERE q.file_key = f.file_key) "
    "AND NOT EXISTS (SELECT 1 FROM stage_file d WHERE d.file_key = f.file_key) "
    "AND NOT EXISTS (SELECT 1 FROM folder_view_link l WHERE l.file_key = f.file_key) "
    "AND NOT EXISTS (SELECT 1 FROM current_file c WHERE c.file_key = f.file_key)";
const std::string kForgottenVersions =
    "FROM current_version v WHERE v.committed_us < ?1 AND EXISTS (SELECT 1 FROM current_version n "
    "WHERE n.table_key = v.table_key AND n.version > v.version)";

Result<std::int64_t> changed_rows(Database& database) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto rows, find_integer(database, "SELECT changes()"));
  return rows.value_or(0);
}

Status shrink_log(Database& database) {
  CDCLAKE_RETURN_IF_ERROR(database.run("PRAGMA busy_timeout = 0"));
  const Status shrunk = database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  CDCLAKE_RETURN_IF_ERROR(
      database.run(("PRAGMA busy_timeout = " + std::to_string(kBusyWaitMs)).c_str()));
  return shrunk;
}

}  // namespace

Result<std::int64_t> trim(Database& database, const LeaseGrant& lease, std::int64_t before_us) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  const std::string some_files =
      "(SELECT f.file_key " + kForgottenFiles + " ORDER BY f.file_key LIMIT ?2)";
  // Both statements pick the same files: a row of bronze_file is no condition.
  CDCLAKE_RETURN_IF_ERROR(
      run_once(database, ("DELETE FROM bronze_file WHERE file_key IN " + some_files).c_str(),
               before_us, kRowsAtOnce));
  CDCLAKE_RETURN_IF_ERROR(run_once(database,
                                   ("DELETE FROM file WHERE file_key IN " + some_files).c_str(),
                                   before_us, kRowsAtOnce));
  CDCLAKE_ASSIGN_OR_RETURN(const auto files, changed_rows(database));
  CDCLAKE_RETURN_IF_ERROR(run_once(database,
                                   ("DELETE FROM current_version WHERE (table_key, version) IN "
                                    "(SELECT v.table_key, v.version " +
                                    kForgottenVersions + " LIMIT ?2)")
                                       .c_str(),
                                   before_us, kRowsAtOnce));
  CDCLAKE_ASSIGN_OR_RETURN(const auto versions, changed_rows(database));
  CDCLAKE_RETURN_IF_ERROR(std::move(work).commit());
  if (files + versions == 0) CDCLAKE_RETURN_IF_ERROR(shrink_log(database));
  return files + versions;
}

}  // namespace cdclake::metadata
