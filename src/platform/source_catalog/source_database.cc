#include "platform/source_catalog/source_database.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string_view>
#include <vector>

#include "platform/source_catalog/catalog_query.h"

namespace cdclake::source_catalog {
namespace {

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;
using Deadline = std::chrono::steady_clock::time_point;
using QueryResult = std::unique_ptr<PGresult, ClearResult>;

constexpr std::array<std::string_view, 6> kSslModes{"disable", "allow",     "prefer",
                                                    "require", "verify-ca", "verify-full"};
constexpr int kServerVersionMin = 120'000;

bool is_this_machine(std::string_view host) {
  return host.starts_with('/') || host.starts_with('@') || host == "localhost" || host == "::1" ||
         host.starts_with("127.");
}

/// libpq's message on one line, without the password.
std::string redact(std::string_view message, const std::string& password) {
  std::string text(message);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  std::erase(text, '\t');  // It indents what follows a line's end.
  for (std::size_t place = 0; !password.empty();) {
    place = text.find(password, place);
    if (place == std::string::npos) break;
    text.replace(place, password.size(), "***");
    place += 3;
  }
  return text;
}

auto fault(ErrorKind kind, const SourceDatabaseConfig& config, const std::string& what) {
  return fail(kind, "cannot read the source catalog of database " + config.name + " on " +
                        config.host + ":" + config.port + " as " + config.user + ": " + what);
}

Result<Connection> connect(const SourceDatabaseConfig& config) {
  const std::string wait = std::to_string(config.connect_wait_max.count());
  const std::string sslmode = config.effective_sslmode();
  const std::array<const char*, 10> keys{"host",
                                         "port",
                                         "dbname",
                                         "user",
                                         "password",
                                         "sslmode",
                                         "connect_timeout",
                                         "application_name",
                                         "client_encoding",
                                         nullptr};
  const std::array<const char*, 10> values{config.host.c_str(),
                                           config.port.c_str(),
                                           config.name.c_str(),
                                           config.user.c_str(),
                                           config.password.c_str(),
                                           sslmode.c_str(),
                                           wait.c_str(),
                                           "cdclake",
                                           "UTF8",
                                           nullptr};
  // A database name must stay a name, even if it looks like a connection string.
  Connection connection(PQconnectdbParams(keys.data(), values.data(), /*expand_dbname=*/0));
  if (!connection || PQstatus(connection.get()) != CONNECTION_OK) {
    const char* message = connection ? PQerrorMessage(connection.get()) : "out of memory";
    return fault(ErrorKind::kUnavailable, config, redact(message, config.password));
  }
  if (PQserverVersion(connection.get()) < kServerVersionMin) {
    return fault(ErrorKind::kInvalidConfig, config,
                 "PostgreSQL 12 or newer is needed, or a catalog file (--catalog)");
  }
  return connection;
}

/// Whether an answer is there before the deadline. The server's own timeout does not come through
/// where the server, or the way to it, is dead.
bool has_answer(PGconn* connection, Deadline deadline) {
  while (PQisBusy(connection) != 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd ready{.fd = PQsocket(connection), .events = POLLIN, .revents = 0};
    const int count = ::poll(&ready, 1, static_cast<int>(left.count()));
    if (count > 0 && PQconsumeInput(connection) == 0) return true;  // PQgetResult says what it was.
  }
  return true;
}

/// The result of the last of the statements.
Result<QueryResult> run(const Connection& connection, const SourceDatabaseConfig& config,
                        const std::string& statements, Deadline deadline) {
  const auto failed = [&](std::string_view why) {
    return fault(ErrorKind::kUnavailable, config, redact(why, config.password));
  };
  if (PQsendQuery(connection.get(), statements.c_str()) == 0) {
    return failed(PQerrorMessage(connection.get()));
  }
  QueryResult last;
  for (;;) {
    if (!has_answer(connection.get(), deadline)) {
      return failed("no answer within " + std::to_string(config.wait_max.count()) +
                    " s (a catalog file, --catalog, needs no database)");
    }
    QueryResult result(PQgetResult(connection.get()));
    if (!result) return last;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      return failed(PQerrorMessage(connection.get()));
    }
    last = std::move(result);
  }
}

int number_of(const char* text) {
  int value = 0;
  std::from_chars(text, text + std::string_view(text).size(), value);
  return value;
}

CatalogRow row_of(const PGresult* result, int row) {
  const auto text = [&](int column) { return std::string(PQgetvalue(result, row, column)); };
  return {.schema = text(0),
          .table = text(1),
          .replica_identity = text(2),
          .column = text(3),
          .type = text(4),
          .base_type = text(5),
          .not_null = text(6) == "t",
          .generated = text(7) == "t",
          .key_position = number_of(PQgetvalue(result, row, 8))};
}

}  // namespace

Status SourceDatabaseConfig::validate() const {
  const auto missing = [](const char* key) {
    return fail(ErrorKind::kInvalidConfig, std::string(key) + " must be set");
  };
  if (host.empty()) return missing("SOURCE_DB_HOST");
  if (name.empty()) return missing("SOURCE_DB_NAME");
  if (user.empty()) return missing("SOURCE_DB_USER");
  if (!sslmode.empty() && std::ranges::find(kSslModes, sslmode) == kSslModes.end()) {
    return fail(ErrorKind::kInvalidConfig,
                "SOURCE_DB_SSLMODE must be one of disable, allow, prefer, require, verify-ca, "
                "verify-full: it is \"" +
                    sslmode + "\"");
  }
  return {};
}

std::string SourceDatabaseConfig::effective_sslmode() const {
  if (!sslmode.empty()) return sslmode;
  return is_this_machine(host) ? "prefer" : "verify-full";
}

Result<model::SourceCatalog> read_source_catalog(const SourceDatabaseConfig& config) {
  CDCLAKE_RETURN_IF_ERROR(config.validate());
  const Deadline deadline = std::chrono::steady_clock::now() + config.wait_max;
  CDCLAKE_ASSIGN_OR_RETURN(const Connection connection, connect(config));
  const auto wait_ms = std::chrono::milliseconds(config.wait_max).count();
  // With this path every type that is not PostgreSQL's own is named with its schema.
  CDCLAKE_RETURN_IF_ERROR(
      run(connection, config,
          "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = " +
              std::to_string(wait_ms) + "; SET LOCAL search_path = pg_catalog",
          deadline));
  CDCLAKE_ASSIGN_OR_RETURN(const QueryResult result,
                           run(connection, config, kCatalogQuery, deadline));
  std::vector<CatalogRow> rows;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    rows.push_back(row_of(result.get(), row));
  }
  return catalog_of(rows);
}

}  // namespace cdclake::source_catalog
