#include "platform/metadata/audit_sql/accounts_sql.h"

#include <array>
#include <functional>
#include <map>
#include <utility>

#include "platform/metadata/file_sql/folder_view_sql.h"
#include "platform/metadata/file_sql/prepared_file_sql.h"
#include "platform/metadata/house_sql/partition_keys.h"
#include "platform/metadata/silver_sql/merge_sql.h"
#include "platform/metadata/silver_sql/table_schema_sql.h"
#include "platform/metadata/silver_sql/table_sql.h"
#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/store_language/words.h"

namespace cdclake::metadata {
namespace {

using Partitions = std::map<std::int64_t, PartitionAccount>;  // By the store's number.

/// Calls `use` with each row.
template <typename Use>
Status for_each_row(Database& database, const char* sql, Use use) {
  CDCLAKE_ASSIGN_OR_RETURN(Statement query, Statement::prepare(database, sql));
  CDCLAKE_RETURN_IF_ERROR(query.start());
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const bool row, query.next());
    if (!row) return {};
    CDCLAKE_RETURN_IF_ERROR(use(query));
  }
}

Result<Hash128> hash_at(const Statement& row, int column) {
  const auto hash = Hash128::from_hex(row.text(column));
  if (hash) return *hash;
  return fail(ErrorKind::kCorrupt, "the metadata store holds a checksum that is none");
}

Status check_schemas(Database& database, std::vector<std::string>& broken) {
  std::vector<std::string> ids;
  CDCLAKE_RETURN_IF_ERROR(for_each_row(database, "SELECT schema_id FROM table_schema",
                                       [&](const Statement& row) -> Status {
                                         ids.push_back(row.text(0));
                                         return {};
                                       }));
  for (const std::string& id : ids) {
    const auto schema = load_schema(database, model::SchemaId(id));
    if (!schema) broken.push_back(schema.error().message);
  }
  return {};
}

// A table whose rows have no numbers says nothing of which row it is.
Status check_store(Database& database, std::vector<std::string>& broken) {
  CDCLAKE_RETURN_IF_ERROR(
      for_each_row(database, "PRAGMA quick_check(20)", [&](const Statement& row) -> Status {
        if (row.text(0) != "ok") broken.push_back("SQLite finds: " + row.text(0));
        return {};
      }));
  return for_each_row(database, "PRAGMA foreign_key_check", [&](const Statement& row) -> Status {
    const auto number = row.optional_integer(1);
    broken.push_back("a row of " + row.text(0) +
                     (number ? " (" + std::to_string(*number) + ")" : "") + " refers to a row of " +
                     row.text(2) + " that is not there");
    return {};
  });
}

Result<FileState> state_from(const std::string& word, bool has_expired) {
  if (has_expired && (word == "superseded" || word == "removed")) return FileState::kExpired;
  if (word == "prepared") return FileState::kPrepared;
  if (word == "published") return FileState::kPublished;
  if (word == "superseded") return FileState::kSuperseded;
  return fail(ErrorKind::kCorrupt, "the metadata store holds a file in no state of ours: " + word);
}

Status load_files(Database& database, std::vector<FileAccount>& files) {
  return for_each_row(
      database,
      "SELECT file_id, kind, root, hidden, path, bytes, row_count, content, state, role, "
      "expired_us IS NOT NULL FROM file "
      "WHERE state <> 'removed' OR expired_us IS NOT NULL ORDER BY file_key",
      [&](const Statement& row) -> Status {
        FileAccount account;
        CDCLAKE_ASSIGN_OR_RETURN(account.file, prepared_file_at(row, 0));
        CDCLAKE_ASSIGN_OR_RETURN(account.state, state_from(row.text(8), row.integer(10) != 0));
        account.role = row.text(9);
        files.push_back(std::move(account));
        return {};
      });
}

Status load_positions(Database& database, Partitions& partitions) {
  return for_each_row(
      database,
      "SELECT p.partition_key, t.name, t.incarnation, p.number, b.next_offset, s.next_offset "
      "FROM topic_partition p JOIN topic t USING (topic_key) "
      "LEFT JOIN bronze_position b USING (partition_key) "
      "LEFT JOIN stage_position s USING (partition_key)",
      [&](const Statement& row) -> Status {
        PartitionAccount& account = partitions[row.integer(0)];
        account.partition = partition_at(row, 1);
        account.bronze_next = row.optional_integer(4);
        account.stage_next = row.optional_integer(5);
        return {};
      });
}

Status load_bronze(Database& database, Partitions& partitions) {
  CDCLAKE_RETURN_IF_ERROR(for_each_row(
      database,
      "SELECT s.partition_key, s.first_offset, s.next_offset, s.record_count, s.checksum, "
      "f.file_id FROM segment s JOIN file f USING (file_key) "
      "ORDER BY s.partition_key, s.first_offset",
      [&](const Statement& row) -> Status {
        const auto account = partitions.find(row.integer(0));
        if (account == partitions.end()) return {};
        CDCLAKE_ASSIGN_OR_RETURN(const Hash128 checksum, hash_at(row, 4));
        account->second.segments.push_back({{account->second.partition,
                                             {row.integer(1), row.integer(2)},
                                             row.integer(3),
                                             checksum},
                                            FileId(row.text(5))});
        return {};
      }));
  return for_each_row(database,
                      "SELECT partition_key, first_offset, next_offset FROM gap "
                      "ORDER BY partition_key, first_offset",
                      [&](const Statement& row) -> Status {
                        const auto account = partitions.find(row.integer(0));
                        if (account == partitions.end()) return {};
                        account->second.gaps.push_back({row.integer(1), row.integer(2)});
                        return {};
                      });
}

Status load_staged(Database& database, Partitions& partitions) {
  return for_each_row(
      database,
      "SELECT r.partition_key, r.batch, r.first_offset, r.next_offset, r.row_count, "
      "r.quarantined, r.no_row, (SELECT count(*) FROM quarantined q WHERE q.partition_key = "
      "r.partition_key "
      "AND q.\"offset\" >= r.first_offset AND q.\"offset\" < r.next_offset) "
      "FROM stage_range r ORDER BY r.partition_key, r.first_offset",
      [&](const Statement& row) -> Status {
        const auto account = partitions.find(row.integer(0));
        if (account == partitions.end()) return {};
        account->second.staged.push_back({row.integer(1),
                                          {row.integer(2), row.integer(3)},
                                          row.integer(4),
                                          row.integer(5),
                                          row.integer(6),
                                          row.integer(7)});
        return {};
      });
}

Status load_partitions(Database& database, Partitions& partitions) {
  CDCLAKE_RETURN_IF_ERROR(load_positions(database, partitions));
  CDCLAKE_RETURN_IF_ERROR(load_bronze(database, partitions));
  return load_staged(database, partitions);
}

Status load_batches(Database& database, std::vector<BatchAccount>& batches) {
  return for_each_row(
      database,
      "SELECT b.batch, "
      "(SELECT coalesce(sum(r.row_count), 0) FROM stage_range r WHERE r.batch = b.batch), "
      "coalesce(w.row_count, 0) FROM stage_batch b LEFT JOIN "
      "(SELECT batch, sum(row_count) AS row_count FROM (SELECT d.batch, f.row_count "
      "FROM stage_file d JOIN file f USING (file_key) WHERE NOT EXISTS "
      "(SELECT 1 FROM stage_file_part p WHERE p.file_key = d.file_key) "
      "UNION ALL SELECT batch, row_count FROM stage_file_part) "
      "GROUP BY batch) w USING (batch) ORDER BY b.batch",
      [&](const Statement& row) -> Status {
        batches.push_back({row.integer(0), row.integer(1), row.integer(2)});
        return {};
      });
}

Status load_stage_files(Database& database, const Partitions& partitions,
                        std::vector<StageFileAccount>& files) {
  return for_each_row(
      database,
      "SELECT f.file_id, s.batch, s.table_key, r.partition_key, r.first_offset, r.next_offset "
      "FROM stage_file s JOIN file f USING (file_key) LEFT JOIN stage_file_range r "
      "ON r.file_key = s.file_key AND r.table_key = s.table_key "
      "ORDER BY s.file_key, r.partition_key",
      [&](const Statement& row) -> Status {
        const FileId id(row.text(0));
        if (files.empty() || files.back().file != id) {
          files.push_back({id, {row.integer(1)}, row.integer(2), {}});
        }
        const auto partition = row.optional_integer(3);
        const auto account = partitions.find(partition.value_or(0));
        if (account == partitions.end()) return {};
        files.back().ranges.push_back(
            {account->second.partition, {row.integer(4), row.integer(5)}});
        return {};
      });
}

Status load_stage_file_parts(Database& database, std::vector<StageFileAccount>& files) {
  std::map<std::string, std::vector<std::int64_t>> batches;
  CDCLAKE_RETURN_IF_ERROR(for_each_row(
      database, "SELECT f.file_id, p.batch FROM stage_file_part p JOIN file f USING (file_key)",
      [&](const Statement& row) -> Status {
        batches[row.text(0)].push_back(row.integer(1));
        return {};
      }));
  for (StageFileAccount& file : files) {
    const auto found = batches.find(file.file.value);
    if (found != batches.end()) file.batches = std::move(found->second);
  }
  return {};
}

Status load_tables(Database& database, std::vector<TableAccount>& accounts) {
  CDCLAKE_ASSIGN_OR_RETURN(auto known, tables(database));
  for (Table& table : known) {
    TableAccount account;
    CDCLAKE_ASSIGN_OR_RETURN(account.merged, merge_positions(database, table.key));
    CDCLAKE_ASSIGN_OR_RETURN(account.version, current_version(database, table.key));
    account.table = std::move(table);
    accounts.push_back(std::move(account));
  }
  return {};
}

Status load_folders(Database& database, Accounts& all) {
  for (const Role role : kAllRoles) {
    CDCLAKE_ASSIGN_OR_RETURN(auto views, folder_views(database, role));
    std::move(views.begin(), views.end(), std::back_inserter(all.folders));
  }
  return for_each_row(database, "SELECT root, path FROM aside ORDER BY root, path",
                      [&](const Statement& row) -> Status {
                        CDCLAKE_ASSIGN_OR_RETURN(const auto root,
                                                 from_word<lake::Root>(row.text(0)));
                        all.asides.push_back({root, row.text(1)});
                        return {};
                      });
}

}  // namespace

Result<Accounts> accounts(Database& database) {
  CDCLAKE_ASSIGN_OR_RETURN(auto work, Transaction::begin(database, Transaction::Kind::kRead));
  Accounts all;
  Partitions partitions;
  const std::array<std::function<Status()>, 9> loads = {
      [&] { return check_store(database, all.broken); },
      [&] { return check_schemas(database, all.broken); },
      [&] { return load_files(database, all.files); },
      [&] { return load_partitions(database, partitions); },
      [&] { return load_batches(database, all.batches); },
      [&] { return load_stage_files(database, partitions, all.stage_files); },
      [&] { return load_stage_file_parts(database, all.stage_files); },
      [&] { return load_tables(database, all.tables); },
      [&] { return load_folders(database, all); }};
  for (const auto& load : loads) {
    const Status status = load();
    if (status) continue;
    // What one damaged row hides must not hide the rest.
    if (status.error().kind != ErrorKind::kCorrupt) return tl::unexpected<Error>(status.error());
    all.broken.push_back(status.error().message);
  }
  for (auto& [key, account] : partitions) all.partitions.push_back(std::move(account));
  return all;
}

}  // namespace cdclake::metadata
