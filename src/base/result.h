#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace cdclake {

/// What went wrong, named by what the caller can do about it.
enum class ErrorKind {
  kUnavailable,  ///< Broker, disk or database is out of reach. Retrying may help.
  kConflict,  ///< Another process moved the state first, or fenced us. Read it again, then decide.
  kCorrupt,   ///< Stored data breaks a promise of ours. Stop and call a person.
  kInvalidConfig,  ///< The operator must change a setting. Refuse to start.
  kCancelled,      ///< Shutdown was asked for. Not a failure.
};

/// An operating error. `message` says what was attempted, on what, why, values last, and never
/// holds secrets or row values.
struct [[nodiscard]] Error {
  ErrorKind kind;
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

/// Makes the failed side of any `Result`.
inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message)});
}

/// Identity for our own results; rooms that wrap a library add overloads for its result types.
template <typename T>
Result<T> as_result(Result<T>&& result) {
  return std::move(result);
}
template <typename T>
Result<T> as_result(const Result<T>& result) {
  return result;
}

/// The name of a kind as logs and `--json` print it.
const char* to_string(ErrorKind kind);

}  // namespace cdclake

#define CDCLAKE_CONCAT_INNER(a, b) a##b
#define CDCLAKE_CONCAT(a, b) CDCLAKE_CONCAT_INNER(a, b)

/// Returns the error of a `Status`-like expression from the enclosing function.
#define CDCLAKE_RETURN_IF_ERROR(expression)                                       \
  do {                                                                            \
    auto cdclake_status = ::cdclake::as_result(expression);                       \
    if (!cdclake_status) [[unlikely]] {                                           \
      return tl::unexpected<::cdclake::Error>(std::move(cdclake_status).error()); \
    }                                                                             \
  } while (false)

#define CDCLAKE_ASSIGN_OR_RETURN_IMPL(temporary, declaration, expression)  \
  auto temporary = ::cdclake::as_result(expression);                       \
  if (!temporary) [[unlikely]] {                                           \
    return tl::unexpected<::cdclake::Error>(std::move(temporary).error()); \
  }                                                                        \
  declaration = std::move(temporary).value()

/// `CDCLAKE_ASSIGN_OR_RETURN(auto file, open(path));` unwraps a result or returns its error.
#define CDCLAKE_ASSIGN_OR_RETURN(declaration, expression) \
  CDCLAKE_ASSIGN_OR_RETURN_IMPL(CDCLAKE_CONCAT(cdclake_result_, __LINE__), declaration, expression)
