#include "platform/metadata/house_sql/lease_sql.h"

#include "base/assert.h"
#include "platform/metadata/sqlite/statement.h"

namespace cdclake::metadata {
namespace {

Status check_epoch(Database& database, const LeaseGrant& lease) {
  CDCLAKE_ASSIGN_OR_RETURN(const LeaseState state, lease_state(database, lease.role));
  if (state.epoch == lease.epoch) return {};
  return fail(ErrorKind::kConflict,
              "fenced: another process has taken over the role " +
                  std::string(to_string(lease.role)) + ": holder=" + state.holder +
                  " epoch=" + std::to_string(state.epoch) + " ours=" + std::to_string(lease.epoch));
}

}  // namespace

Result<Transaction> begin_fenced(Database& database, const LeaseGrant& lease) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kWrite));
  CDCLAKE_RETURN_IF_ERROR(check_epoch(database, lease));
  return work;
}

Result<LeaseGrant> take_lease(Database& database, std::int64_t now_us, const LeaseGrant& wanted) {
  CDCLAKE_ASSERT(wanted.epoch > 0);
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kWrite));
  CDCLAKE_ASSIGN_OR_RETURN(const LeaseState state, lease_state(database, wanted.role));
  if (state.epoch + 1 != wanted.epoch) {
    return fail(ErrorKind::kConflict, "another process took the role " +
                                          std::string(to_string(wanted.role)) +
                                          " first: holder=" + state.holder);
  }
  CDCLAKE_RETURN_IF_ERROR(
      run_once(database,
               "INSERT INTO lease (role, epoch, holder, heartbeat_us) VALUES (?, ?, ?, ?) "
               "ON CONFLICT DO UPDATE SET epoch = excluded.epoch, holder = excluded.holder, "
               "heartbeat_us = excluded.heartbeat_us",
               to_string(wanted.role), wanted.epoch, wanted.holder, now_us));
  CDCLAKE_RETURN_IF_ERROR(std::move(work).commit());
  return wanted;
}

Result<LeaseState> lease_state(Database& database, Role role) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database, "SELECT epoch, holder, heartbeat_us FROM lease WHERE role = ?"));
  CDCLAKE_RETURN_IF_ERROR(query.start(to_string(role)));
  CDCLAKE_ASSIGN_OR_RETURN(const bool found, query.next());
  if (!found) return LeaseState{};
  return LeaseState{query.integer(0), query.text(1), query.integer(2)};
}

Status heartbeat(Database& database, std::int64_t now_us, const LeaseGrant& lease) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  CDCLAKE_RETURN_IF_ERROR(run_once(database, "UPDATE lease SET heartbeat_us = ? WHERE role = ?",
                                   now_us, to_string(lease.role)));
  return std::move(work).commit();
}

}  // namespace cdclake::metadata
