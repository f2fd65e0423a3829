#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/metadata/sqlite/database.h"

struct sqlite3_stmt;

namespace cdclake::metadata {

/// Bytes that are no text.
struct Blob {
  std::string_view bytes;
};

/// A prepared statement; values only ever reach SQL as its parameters.
class Statement {
 public:
  static Result<Statement> prepare(Database& database, const char* sql);
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  /// Binds the parameters in their order and runs the statement to its end. May be called again.
  template <typename... Values>
  Status run(const Values&... values) {
    CDCLAKE_RETURN_IF_ERROR(start(values...));
    return finish();
  }
  /// Binds the parameters; `next` then brings the rows.
  template <typename... Values>
  Status start(const Values&... values) {
    rewind();
    int index = 0;
    Status bound;
    ((bound = bound ? bind(++index, values) : bound), ...);
    return bound;
  }
  /// Whether there is one more row.
  Result<bool> next();

  std::int64_t integer(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  std::string text(int column) const;
  std::optional<std::string> optional_text(int column) const;

 private:
  Statement(Database& database, sqlite3_stmt* handle) : database_(&database), handle_(handle) {}
  void rewind();
  Status finish();
  Status bind(int index, std::int64_t value);
  Status bind(int index, std::string_view value);
  Status bind(int index, const Blob& value);
  template <typename Value>
  Status bind(int index, const std::optional<Value>& value) {
    return value ? bind(index, *value) : bind_null(index);
  }
  Status bind_null(int index);
  Status as_status(int code);

  Database* database_;
  sqlite3_stmt* handle_;
};

/// Prepares and runs a statement once.
template <typename... Values>
Status run_once(Database& database, const char* sql, const Values&... values) {
  CDCLAKE_ASSIGN_OR_RETURN(Statement statement, Statement::prepare(database, sql));
  return statement.run(values...);
}

/// The first column of the first row, if there is a row.
template <typename... Values>
Result<std::optional<std::int64_t>> find_integer(Database& database, const char* sql,
                                                 const Values&... values) {
  CDCLAKE_ASSIGN_OR_RETURN(Statement statement, Statement::prepare(database, sql));
  CDCLAKE_RETURN_IF_ERROR(statement.start(values...));
  CDCLAKE_ASSIGN_OR_RETURN(const bool found, statement.next());
  return found ? statement.optional_integer(0) : std::nullopt;
}

}  // namespace cdclake::metadata
