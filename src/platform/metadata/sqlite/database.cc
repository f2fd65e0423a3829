#include "platform/metadata/sqlite/database.h"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

namespace cdclake::metadata {
namespace {

/// Whether the disk refused what was last asked of the database file or its log.
bool disk_failed(sqlite3* handle) {
  for (const int pointer : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(handle, "main", pointer, static_cast<void*>(&file)) != SQLITE_OK)
      continue;
    if (file == nullptr || file->pMethods == nullptr) continue;
    int error = 0;
    const int asked = file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
    if (asked == SQLITE_OK && error == EIO) return true;
  }
  return false;
}

/// SQLite calls a page that the disk did not give back damaged, as if its bytes were wrong.
int code_of_cause(sqlite3* handle, int code) {
  return (code & 0xFF) == SQLITE_CORRUPT && disk_failed(handle) ? SQLITE_IOERR : code;
}

ErrorKind kind_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_ERROR:
      return ErrorKind::kCorrupt;
    default:
      return ErrorKind::kUnavailable;
  }
}

std::string reason_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "the database is locked by another program (close it, or wait)";
    case SQLITE_FULL:
      return "no space left on device (free some, or move the store)";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return "permission denied, or not writable";
    case SQLITE_IOERR:
      return "input/output error (the disk may be failing; see the kernel's log)";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "it is damaged (stop cdclake and make it again from the files of the lake: cdclake "
             "rebuild --metadata, which keeps this one beside it)";
    default:
      return "SQLite refused";
  }
}

}  // namespace

Database::Database(std::string path, Access access) : path_(std::move(path)) {
  const int mode = access == Access::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  const int code = sqlite3_open_v2(path_.c_str(), &handle_,
                                   mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code != SQLITE_OK) {
    opened_ = tl::unexpected<Error>(error_of(code));
    return;
  }
  sqlite3_busy_timeout(handle_, kBusyWaitMs);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

Database::~Database() { sqlite3_close_v2(handle_); }

Status Database::run(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return tl::unexpected<Error>(error_of(code));
  return {};
}

Error Database::error_of(int result) const {
  const int code = code_of_cause(handle_, result);
  const bool has_own_words = handle_ != nullptr && code == result;
  const char* detail = has_own_words ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  return {kind_of(code), "cannot use the metadata store: " + reason_of(code) + ": " + detail +
                             " (" + sqlite3_errstr(code) + "): METADATA_DB=" + path_};
}

Result<Transaction> Transaction::begin(Database& database, Kind kind) {
  if (kind == Kind::kRead && sqlite3_get_autocommit(database.handle()) == 0)
    return Transaction(nullptr);
  CDCLAKE_RETURN_IF_ERROR(database.run(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(&database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (database_ == nullptr || sqlite3_get_autocommit(database_->handle()) != 0) return;
  // A failed rollback leaves nothing to do: closing the connection rolls back as well.
  (void)database_->run("ROLLBACK");
}

Status Transaction::commit() && {
  CDCLAKE_RETURN_IF_ERROR(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace cdclake::metadata
