#include "platform/metadata/house_sql/schema_sql.h"

#include <array>
#include <string>

#include "platform/metadata/sqlite/statement.h"
#include "platform/metadata/sqlite/store_file.h"

namespace cdclake::metadata {
namespace {

constexpr std::int64_t kApplicationId = 0x6364636C;  // "cdcl"

/// What brings a store from the version of the same index to the next one.
constexpr std::array kMigrations = {
    +[](Database& database) -> Status {
      CDCLAKE_RETURN_IF_ERROR(database.run(kTablesOfVersion1));
      return database.run(kFirstVersionViews);
    },
    +[](Database& database) -> Status { return database.run(kTablesOfVersion2); },
};
constexpr auto kNewestVersion = static_cast<std::int64_t>(kMigrations.size());

enum class Owner { kNobody, kUs, kFirstVersion, kStranger };

struct Identity {
  Owner owner = Owner::kNobody;
  std::int64_t version = 0;
};

Result<Identity> identify(Database& database) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto id, find_integer(database, "PRAGMA application_id"));
  CDCLAKE_ASSIGN_OR_RETURN(const auto version, find_integer(database, "PRAGMA user_version"));
  if (id == kApplicationId) return Identity{Owner::kUs, version.value_or(0)};
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto old,
      find_integer(database,
                   "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN "
                   "('pipeline_runs', 'cdc_checkpoints', 'silver_runs')"));
  if (old.value_or(0) > 0) return Identity{Owner::kFirstVersion, 0};
  CDCLAKE_ASSIGN_OR_RETURN(const auto any,
                           find_integer(database, "SELECT count(*) FROM sqlite_schema"));
  if (any.value_or(0) > 0 || id.value_or(0) != 0) return Identity{Owner::kStranger, 0};
  return Identity{};
}

Status refuse(const Identity& identity, Access access, const std::string& path) {
  std::string reason;
  switch (identity.owner) {
    case Owner::kNobody:
      if (access == Access::kReadWrite) return {};
      return fail(ErrorKind::kUnavailable,
                  "the metadata store is empty (nothing was written so far): METADATA_DB=" + path);
    case Owner::kUs:
      if (identity.version > kNewestVersion) {
        reason = "it was made by a newer cdclake (use that one)";
      } else if (identity.version < kNewestVersion && access == Access::kReadOnly) {
        reason = "it was made by an older cdclake (run a command that writes once; it migrates)";
      } else {
        return {};
      }
      reason += ": schema version=" + std::to_string(identity.version) +
                " known=" + std::to_string(kNewestVersion);
      break;
    case Owner::kFirstVersion:
      reason =
          "it belongs to the first version of this pipeline and is never written into (set a new "
          "METADATA_DB, BRONZE_BASE_PATH and SILVER_BASE_PATH)";
      break;
    case Owner::kStranger:
      reason = "it belongs to another program (set a new METADATA_DB)";
      break;
  }
  return fail(ErrorKind::kInvalidConfig,
              "cannot use the metadata store: " + reason + ": METADATA_DB=" + path);
}

/// WAL with full syncs: a committed transaction survives a power cut.
Status make_durable(Database& database) {
  CDCLAKE_ASSIGN_OR_RETURN(Statement wal,
                           Statement::prepare(database, "PRAGMA journal_mode = WAL"));
  CDCLAKE_RETURN_IF_ERROR(wal.start());
  CDCLAKE_ASSIGN_OR_RETURN(const bool row, wal.next());
  if (!row || wal.text(0) != "wal") {
    return fail(ErrorKind::kInvalidConfig,
                "the metadata store needs a local disk on which SQLite can keep a write-ahead log: "
                "METADATA_DB=" +
                    database.path());
  }
  return database.run("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
}

Status migrate(Database& database) {
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(auto step, Transaction::begin(database, Transaction::Kind::kWrite));
    // Another process may have migrated meanwhile: only what holds under the lock counts.
    CDCLAKE_ASSIGN_OR_RETURN(const Identity now, identify(database));
    CDCLAKE_RETURN_IF_ERROR(refuse(now, Access::kReadWrite, database.path()));
    if (now.version == kNewestVersion) return {};
    CDCLAKE_RETURN_IF_ERROR(kMigrations.at(static_cast<std::size_t>(now.version))(database));
    const std::string mark = "PRAGMA application_id = " + std::to_string(kApplicationId) +
                             "; PRAGMA user_version = " + std::to_string(now.version + 1);
    CDCLAKE_RETURN_IF_ERROR(database.run(mark.c_str()));
    CDCLAKE_RETURN_IF_ERROR(std::move(step).commit());
  }
}

}  // namespace

Status judge_schema(Database& database) {
  CDCLAKE_ASSIGN_OR_RETURN(const Identity identity, identify(database));
  return refuse(identity, Access::kReadWrite, database.path());
}

Status open_schema(Database& database, Access access) {
  CDCLAKE_ASSIGN_OR_RETURN(const Identity identity, identify(database));
  CDCLAKE_RETURN_IF_ERROR(refuse(identity, access, database.path()));
  if (access == Access::kReadOnly) return {};
  CDCLAKE_RETURN_IF_ERROR(make_durable(database));
  if (identity.version == kNewestVersion) return {};
  if (identity.version > 0) {
    // The way back to the older program.
    CDCLAKE_RETURN_IF_ERROR(keep_store_copy(
        database, database.path() + ".of-version-" + std::to_string(identity.version)));
  }
  return migrate(database);
}

}  // namespace cdclake::metadata
