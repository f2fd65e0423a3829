#include "platform/metadata/file_sql/superseded_sql.h"

#include "platform/metadata/file_sql/prepared_file_sql.h"
#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/store_language/words.h"

namespace cdclake::metadata {
namespace {

Status load_files(Database& database, Role role, std::int64_t until_us, Superseded& found) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT file_id, kind, root, hidden, path, bytes, row_count, content FROM file f "
          "WHERE superseded_by = ? AND state = 'superseded' AND superseded_us <= ? "
          "AND NOT EXISTS (SELECT 1 FROM folder_view_link l WHERE l.file_key = f.file_key) "
          "AND NOT EXISTS (SELECT 1 FROM current_file c WHERE c.file_key = f.file_key) "
          "ORDER BY file_key"));
  CDCLAKE_RETURN_IF_ERROR(query.start(to_string(role), until_us));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return {};
    CDCLAKE_ASSIGN_OR_RETURN(auto file, prepared_file_at(query, 0));
    found.files.push_back(std::move(file));
  }
}

}  // namespace

Result<Superseded> superseded(Database& database, Role role, std::int64_t until_us) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kRead));
  Superseded found;
  CDCLAKE_RETURN_IF_ERROR(load_files(database, role, until_us, found));
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database, "SELECT root, path, since_us FROM aside WHERE role = ?"));
  CDCLAKE_RETURN_IF_ERROR(query.start(to_string(role)));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return found;
    auto& list = query.integer(2) <= until_us ? found.asides : found.asides_kept;
    CDCLAKE_ASSIGN_OR_RETURN(const auto root, from_word<lake::Root>(query.text(0)));
    list.push_back({root, query.text(1)});
  }
}

Status forget_superseded(Database& database, const LeaseGrant& lease, const Superseded& gone) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  for (const PreparedFile& file : gone.files) {
    CDCLAKE_RETURN_IF_ERROR(run_once(
        database, "UPDATE file SET state = 'removed' WHERE file_id = ? AND state = 'superseded'",
        file.id.value));
  }
  for (const lake::LakePath& aside : gone.asides) {
    CDCLAKE_RETURN_IF_ERROR(run_once(database, "DELETE FROM aside WHERE root = ? AND path = ?",
                                     to_word(aside.root), aside.relative));
  }
  return std::move(work).commit();
}

}  // namespace cdclake::metadata
