#include "platform/metadata/house_sql/lake_root_sql.h"

#include "platform/metadata/house_sql/lease_sql.h"
#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/store_language/words.h"

namespace cdclake::metadata {

Result<std::optional<std::string>> bound_lake(Database& database, lake::Root root) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database, "SELECT lake_id FROM lake_root WHERE root = ?"));
  CDCLAKE_RETURN_IF_ERROR(query.start(to_word(root)));
  CDCLAKE_ASSIGN_OR_RETURN(const bool found, query.next());
  return found ? query.optional_text(0) : std::nullopt;
}

Result<std::string> bind_lake(Database& database, const LeaseGrant& lease, lake::Root root,
                              const std::string& lake_id) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, begin_fenced(database, lease));
  CDCLAKE_RETURN_IF_ERROR(run_once(database,
                                   "INSERT INTO lake_root (root, lake_id) VALUES (?, ?) "
                                   "ON CONFLICT (root) DO NOTHING",
                                   to_word(root), lake_id));
  CDCLAKE_ASSIGN_OR_RETURN(auto bound, bound_lake(database, root));
  CDCLAKE_RETURN_IF_ERROR(std::move(work).commit());
  return std::move(bound).value_or("");
}

Result<bool> names_files(Database& database, lake::Root root) {
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto any,
      find_integer(database, "SELECT EXISTS (SELECT 1 FROM file WHERE root = ?)", to_word(root)));
  return any.value_or(0) != 0;
}

Result<std::int64_t> files_named(Database& database) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto newest,
                           find_integer(database, "SELECT max(file_key) FROM file"));
  return newest.value_or(0);
}

}  // namespace cdclake::metadata
