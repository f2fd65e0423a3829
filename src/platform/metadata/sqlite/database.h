#pragma once

#include <string>

#include "base/result.h"
#include "platform/metadata/store_language/access.h"

struct sqlite3;

namespace cdclake::metadata {

/// How long a connection waits for a lock.
inline constexpr int kBusyWaitMs = 10'000;

/// One connection to the SQLite file. SQLite's codes become errors here. Stays where it is: its
/// statements point at it.
class Database {
 public:
  /// Opens an existing file. `path` is for SQLite and for messages.
  Database(std::string path, Access access);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  Status opened() const { return opened_; }
  /// Runs statements that return no rows.
  Status run(const char* sql);
  /// The error of the last call, which returned `result`.
  Error error_of(int result) const;

  sqlite3* handle() const { return handle_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  sqlite3* handle_ = nullptr;
  Status opened_;
};

/// Rolls back unless it was committed. A write transaction holds the write lock from its start; a
/// read transaction sees one state.
class Transaction {
 public:
  enum class Kind { kRead, kWrite };
  /// A read inside of an open transaction is a part of that one.
  static Result<Transaction> begin(Database& database, Kind kind);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// After ok all of it survives a power cut, after an error nothing of it is there.
  Status commit() &&;

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_;  ///< Null where nothing is to be ended.
};

}  // namespace cdclake::metadata
