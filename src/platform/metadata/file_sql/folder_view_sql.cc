#include "platform/metadata/file_sql/folder_view_sql.h"

#include "platform/metadata/file_sql/prepared_file_sql.h"
#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/store_language/words.h"

namespace cdclake::metadata {
namespace {

Status insert_links(Database& database, std::int64_t view_key, const FolderView& view) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement insert,
      Statement::prepare(database,
                         "INSERT INTO folder_view_link (view_key, name, file_key) "
                         "SELECT ?, ?, file_key FROM file WHERE file_id = ? "
                         "AND state IN ('prepared', 'published')"));
  for (const FolderView::Link& link : view.links) {
    CDCLAKE_RETURN_IF_ERROR(insert.run(view_key, link.name, link.file.value));
  }
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto linked,
      find_integer(database, "SELECT count(*) FROM folder_view_link WHERE view_key = ?", view_key));
  if (linked == static_cast<std::int64_t>(view.links.size())) return {};
  return fail(ErrorKind::kCorrupt,
              "a folder view links a file that no commit keeps: " + view.folder.relative);
}

Status insert_texts(Database& database, std::int64_t view_key, const FolderView& view) {
  for (const auto& [name, content] : view.texts) {
    CDCLAKE_RETURN_IF_ERROR(run_once(
        database, "INSERT INTO folder_view_text (view_key, name, content) VALUES (?, ?, ?)",
        view_key, name, content));
  }
  return {};
}

Status load_links(Database& database, std::int64_t view_key, FolderView& view) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT name, file_id FROM folder_view_link "
                         "JOIN file USING (file_key) WHERE view_key = ? ORDER BY name"));
  CDCLAKE_RETURN_IF_ERROR(query.start(view_key));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return {};
    view.links.push_back({query.text(0), FileId(query.text(1))});
  }
}

Status load_texts(Database& database, std::int64_t view_key, FolderView& view) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT name, content FROM folder_view_text WHERE view_key = ?"));
  CDCLAKE_RETURN_IF_ERROR(query.start(view_key));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return {};
    view.texts.emplace(query.text(0), query.text(1));
  }
}

/// Files that upkeep has taken out of the folder, as far as its swap is not published.
Status load_leaving(Database& database, FolderView& view) {
  CDCLAKE_ASSIGN_OR_RETURN(
      Statement query,
      Statement::prepare(database,
                         "SELECT path FROM file WHERE superseded_by = ? AND state = 'superseded' "
                         "AND root = ? AND superseded_in = ? AND superseded_us IS NULL"));
  CDCLAKE_RETURN_IF_ERROR(
      query.start(to_string(Role::kUpkeep), to_word(view.folder.root), view.folder.relative));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return {};
    const lake::LakePath path{view.folder.root, query.text(0)};
    view.leaving.emplace_back(path.name());
  }
}

Status mark_one_swapped(Database& database, std::int64_t now_us, Role role,
                        const Publication::Swap& swap) {
  const auto root = to_word(swap.folder.root);
  CDCLAKE_RETURN_IF_ERROR(
      run_once(database, "UPDATE folder_view SET published_us = ? WHERE root = ? AND folder = ?",
               now_us, root, swap.folder.relative));
  CDCLAKE_RETURN_IF_ERROR(
      run_once(database,
               "UPDATE file SET superseded_us = ? WHERE superseded_by = ? AND root = ? "
               "AND superseded_in = ? AND state = 'superseded' "
               "AND superseded_us IS NULL",
               now_us, to_string(role), root, swap.folder.relative));
  for (const lake::LakePath& aside : swap.asides) {
    CDCLAKE_RETURN_IF_ERROR(run_once(database,
                                     "INSERT INTO aside (root, path, role, since_us) "
                                     "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                                     root, aside.relative, to_string(role), now_us));
  }
  return {};
}

}  // namespace

Status save_folder_view(Database& database, std::int64_t now_us, Role role,
                        const FolderView& view) {
  const auto root = to_word(view.folder.root);
  CDCLAKE_RETURN_IF_ERROR(run_once(database,
                                   "DELETE FROM folder_view WHERE root = ? AND folder = ?", root,
                                   view.folder.relative));
  CDCLAKE_RETURN_IF_ERROR(
      run_once(database,
               "INSERT INTO folder_view (role, root, folder, marker, version, committed_us) "
               "VALUES (?, ?, ?, ?, ?, ?)",
               to_string(role), root, view.folder.relative, view.marker, view.version, now_us));
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto key,
      find_integer(database, "SELECT view_key FROM folder_view WHERE root = ? AND folder = ?", root,
                   view.folder.relative));
  CDCLAKE_RETURN_IF_ERROR(insert_links(database, key.value(), view));
  return insert_texts(database, key.value(), view);
}

Result<std::vector<FolderView>> folder_views(Database& database, Role role) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kRead));
  std::vector<FolderView> views;
  CDCLAKE_ASSIGN_OR_RETURN(Statement query,
                           Statement::prepare(database,
                                              "SELECT view_key, root, folder, marker, version, "
                                              "published_us IS NOT NULL FROM folder_view "
                                              "WHERE role = ? ORDER BY view_key"));
  CDCLAKE_RETURN_IF_ERROR(query.start(to_string(role)));
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return views;
    FolderView view;
    CDCLAKE_ASSIGN_OR_RETURN(view.folder.root, from_word<lake::Root>(query.text(1)));
    view.folder.relative = query.text(2);
    view.marker = query.text(3);
    view.version = query.text(4);
    view.is_published = query.integer(5) != 0;
    if (role == Role::kUpkeep) CDCLAKE_RETURN_IF_ERROR(load_leaving(database, view));
    CDCLAKE_RETURN_IF_ERROR(load_links(database, query.integer(0), view));
    CDCLAKE_RETURN_IF_ERROR(load_texts(database, query.integer(0), view));
    views.push_back(std::move(view));
  }
}

Status mark_swapped(Database& database, std::int64_t now_us, Role role,
                    const std::vector<Publication::Swap>& swaps) {
  for (const Publication::Swap& swap : swaps) {
    CDCLAKE_RETURN_IF_ERROR(mark_one_swapped(database, now_us, role, swap));
  }
  return run_once(
      database, "DELETE FROM folder_view WHERE published_us IS NOT NULL AND role IN (?, ?, ?)",
      to_string(Role::kBronzeCompact), to_string(Role::kSilverStage), to_string(Role::kUpkeep));
}

}  // namespace cdclake::metadata
