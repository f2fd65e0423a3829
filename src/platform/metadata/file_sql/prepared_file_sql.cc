#include "platform/metadata/file_sql/prepared_file_sql.h"

#include "platform/metadata/store_language/words.h"

namespace cdclake::metadata {
namespace {

/// Stored text that our own words do not know: the store was changed by hand.
tl::unexpected<Error> damaged(const std::string& file_id) {
  return fail(ErrorKind::kCorrupt,
              "the metadata store holds a file that cannot be read: file=" + file_id);
}

}  // namespace

Result<std::int64_t> insert_file(Database& database, const FileCommit& commit,
                                 const PreparedFile& file) {
  CDCLAKE_RETURN_IF_ERROR(run_once(
      database,
      "INSERT INTO file (file_id, kind, role, run_key, root, hidden, path, bytes, row_count, "
      "content, state, committed_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'prepared', ?)",
      file.id.value, to_word(file.kind), to_string(commit.role), commit.run_key,
      to_word(file.final_path.root), file.hidden.relative, file.final_path.relative, file.bytes,
      file.rows, file.content.to_hex(), commit.now_us));
  return file_key_of(database, file.id);
}

Result<std::int64_t> file_key_of(Database& database, const FileId& id) {
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto key,
      find_integer(database, "SELECT file_key FROM file WHERE file_id = ?", id.value));
  if (key) return *key;
  return fail(ErrorKind::kCorrupt, "no commit has named the file: file=" + id.value);
}

Status supersede_file(Database& database, const FileCommit& by, std::int64_t file_key,
                      const lake::LakePath* folder) {
  std::optional<std::string> folder_name;
  std::optional<std::int64_t> since_us = by.now_us;
  if (folder != nullptr) {
    folder_name = folder->relative;
    since_us.reset();
  }
  return run_once(database,
                  "UPDATE file SET state = 'superseded', superseded_by = ?, superseded_in = ?, "
                  "superseded_us = ? WHERE file_key = ?",
                  to_string(by.role), folder_name, since_us, file_key);
}

Result<PreparedFile> prepared_file_at(const Statement& row, int first_column) {
  const std::string id = row.text(first_column);
  const auto kind = from_word<FileKind>(row.text(first_column + 1));
  const auto root = from_word<lake::Root>(row.text(first_column + 2));
  const auto content = Hash128::from_hex(row.text(first_column + 7));
  if (!kind || !root || !content) return damaged(id);
  PreparedFile file;
  file.id = FileId(id);
  file.kind = *kind;
  file.hidden = {*root, row.text(first_column + 3)};
  file.final_path = {*root, row.text(first_column + 4)};
  file.bytes = row.integer(first_column + 5);
  file.rows = row.integer(first_column + 6);
  file.content = *content;
  return file;
}

Result<std::vector<PreparedFile>> unpublished_files(Database& database, Role role) {
  std::vector<PreparedFile> files;
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(
          database,
          "SELECT file_id, kind, root, hidden, path, bytes, row_count, content FROM file "
          "WHERE role = ? AND state = 'prepared' ORDER BY file_key"));
  CDCLAKE_RETURN_IF_ERROR(query.start(to_string(role)));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return files;
    CDCLAKE_ASSIGN_OR_RETURN(auto file, prepared_file_at(query, 0));
    files.push_back(std::move(file));
  }
}

Result<PreparedFile> find_file(Database& database, const FileId& id) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT file_id, kind, root, hidden, path, bytes, row_count, content "
                         "FROM file WHERE file_id = ?"));
  CDCLAKE_RETURN_IF_ERROR(query.start(id.value));
  CDCLAKE_ASSIGN_OR_RETURN(const bool found, query.next());
  if (!found) return fail(ErrorKind::kCorrupt, "no commit has named the file: file=" + id.value);
  return prepared_file_at(query, 0);
}

Result<bool> is_live(Database& database, const FileId& id) {
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto live,
      find_integer(database,
                   "SELECT state IN ('prepared', 'published') FROM file WHERE file_id = ?",
                   id.value));
  return live == 1;
}

Status mark_published(Database& database, const std::vector<FileId>& files) {
  CDCLAKE_ASSIGN_OR_RETURN(Statement update,
                           Statement::prepare(database,
                                              "UPDATE file SET state = 'published' "
                                              "WHERE file_id = ? AND state = 'prepared'"));
  for (const FileId& file : files) CDCLAKE_RETURN_IF_ERROR(update.run(file.value));
  return {};
}

}  // namespace cdclake::metadata
