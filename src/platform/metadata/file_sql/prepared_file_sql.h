#pragma once

#include <cstdint>
#include <vector>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/store_language/lease.h"
#include "platform/metadata/store_language/prepared_file.h"

namespace cdclake::metadata {

/// Who commits files, and when.
struct FileCommit {
  Role role = Role::kBronzeWrite;
  std::int64_t run_key = 0;
  std::int64_t now_us = 0;
};

/// Records a file as prepared. Returns its number, which grows from commit to commit.
Result<std::int64_t> insert_file(Database& database, const FileCommit& commit,
                                 const PreparedFile& file);
/// The number of a file that a commit has named; kCorrupt where there is none.
Result<std::int64_t> file_key_of(Database& database, const FileId& id);

/// Takes a live file out of the lake's state. Its bytes stay until the grace period is over,
/// counted from when the swap of `folder` is published; from the commit on where there is no such
/// folder.
Status supersede_file(Database& database, const FileCommit& by, std::int64_t file_key,
                      const lake::LakePath* folder);

/// From the columns file_id, kind, root, hidden, path, bytes, row_count, content.
Result<PreparedFile> prepared_file_at(const Statement& row, int first_column);
Result<std::vector<PreparedFile>> unpublished_files(Database& database, Role role);
/// Any file that a commit has named, replaced or not.
Result<PreparedFile> find_file(Database& database, const FileId& id);
Result<bool> is_live(Database& database, const FileId& id);
Status mark_published(Database& database, const std::vector<FileId>& files);

}  // namespace cdclake::metadata
