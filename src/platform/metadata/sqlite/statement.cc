#include "platform/metadata/sqlite/statement.h"

#include <sqlite3.h>

#include <utility>

#include "base/assert.h"

namespace cdclake::metadata {

Result<Statement> Statement::prepare(Database& database, const char* sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v2(database.handle(), sql, -1, &handle, nullptr);
  if (code != SQLITE_OK) return tl::unexpected<Error>(database.error_of(code));
  return Statement(database, handle);
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), handle_(std::exchange(other.handle_, nullptr)) {}

Statement::~Statement() { sqlite3_finalize(handle_); }

Result<bool> Statement::next() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return tl::unexpected<Error>(database_->error_of(code));
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (sqlite3_column_type(handle_, column) == SQLITE_NULL) return std::nullopt;
  return integer(column);
}

std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  const int size = sqlite3_column_bytes(handle_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

std::optional<std::string> Statement::optional_text(int column) const {
  if (sqlite3_column_type(handle_, column) == SQLITE_NULL) return std::nullopt;
  return text(column);
}

void Statement::rewind() {
  // The result repeats the error of the last step, which was reported then.
  sqlite3_reset(handle_);
}

Status Statement::finish() {
  CDCLAKE_ASSIGN_OR_RETURN(const bool row, next());
  CDCLAKE_ASSERT(!row);
  rewind();
  return {};
}

Status Statement::bind(int index, std::int64_t value) {
  return as_status(sqlite3_bind_int64(handle_, index, value));
}

Status Statement::bind(int index, std::string_view value) {
  const char* bytes = value.data() == nullptr ? "" : value.data();
  return as_status(
      sqlite3_bind_text64(handle_, index, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

Status Statement::bind(int index, const Blob& value) {
  const char* bytes = value.bytes.data() == nullptr ? "" : value.bytes.data();
  return as_status(
      sqlite3_bind_blob64(handle_, index, bytes, value.bytes.size(), SQLITE_TRANSIENT));
}

Status Statement::bind_null(int index) { return as_status(sqlite3_bind_null(handle_, index)); }

Status Statement::as_status(int code) {
  if (code != SQLITE_OK) return tl::unexpected<Error>(database_->error_of(code));
  return {};
}

}  // namespace cdclake::metadata
