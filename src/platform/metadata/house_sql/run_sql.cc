#include "platform/metadata/house_sql/run_sql.h"

#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/store_language/words.h"

namespace cdclake::metadata {
namespace {

Result<std::vector<Run>> read_runs(Statement& query) {
  std::vector<Run> runs;
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return runs;
    Run run;
    run.id = RunId(query.text(0));
    run.job = query.text(1);
    run.started_us = query.integer(2);
    run.ended_us = query.optional_integer(3);
    CDCLAKE_ASSIGN_OR_RETURN(run.status, from_word<RunStatus>(query.text(4)));
    run.ingestion_date = query.text(5);
    run.details = query.text(6);
    runs.push_back(std::move(run));
  }
}

}  // namespace

Status begin_run(Database& database, const LeaseGrant& lease, const Run& run) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  CDCLAKE_RETURN_IF_ERROR(run_once(
      database,
      "INSERT INTO run (run_id, job, epoch, started_us, ended_us, status, ingestion_date, details) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      run.id.value, run.job, lease.epoch, run.started_us, run.ended_us, to_string(run.status),
      run.ingestion_date, run.details));
  return std::move(work).commit();
}

Status end_run(Database& database, const LeaseGrant& lease, const RunEnd& end) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t key, open_run_key(database, end.run));
  CDCLAKE_RETURN_IF_ERROR(
      run_once(database, "UPDATE run SET status = ?, details = ?, ended_us = ? WHERE run_key = ?",
               to_string(end.status), end.details, end.ended_us, key));
  return std::move(work).commit();
}

Result<std::vector<Run>> unfinished_runs(Database& database, const std::string& job) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT run_id, job, started_us, ended_us, status, ingestion_date, details "
          "FROM run WHERE job = ? AND status = 'RUNNING' ORDER BY run_key"));
  CDCLAKE_RETURN_IF_ERROR(query.start(job));
  return read_runs(query);
}

Result<Run> run(Database& database, const RunId& id) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT run_id, job, started_us, ended_us, status, ingestion_date, details "
          "FROM run WHERE run_id = ?"));
  CDCLAKE_RETURN_IF_ERROR(query.start(id.value));
  CDCLAKE_ASSIGN_OR_RETURN(auto found, read_runs(query));
  if (!found.empty()) return std::move(found.front());
  return fail(ErrorKind::kConflict, "the run was never begun: run=" + id.value);
}

Result<std::vector<Run>> newest_runs(Database& database, std::int64_t count_max) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT run_id, job, started_us, ended_us, status, ingestion_date, details "
          "FROM run ORDER BY run_key DESC LIMIT ?"));
  CDCLAKE_RETURN_IF_ERROR(query.start(count_max));
  return read_runs(query);
}

Result<std::int64_t> open_run_key(Database& database, const RunId& run) {
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto key,
      find_integer(database, "SELECT run_key FROM run WHERE run_id = ? AND status = 'RUNNING'",
                   run.value));
  if (key) return *key;
  return fail(ErrorKind::kConflict,
              "the run was never begun, or has ended already: run=" + run.value);
}

}  // namespace cdclake::metadata
