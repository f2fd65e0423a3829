#include "platform/source_catalog/source_database.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "platform/source_catalog/bounded_wait.h"
#include "platform/source_catalog/catalog_query.h"
#include "platform/source_catalog/host_addresses.h"

namespace cdclake::source_catalog {
namespace {

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;
using QueryResult = std::unique_ptr<PGresult, ClearResult>;

constexpr std::array<std::string_view, 6> kSslModes{"disable", "allow",     "prefer",
                                                    "require", "verify-ca", "verify-full"};
constexpr int kServerVersionMin = 120'000;

bool is_this_machine(std::string_view host) {
  const bool is_number = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return is_socket_folder(host) || host == "localhost" || host == "::1" ||
         (is_number && host.starts_with("127."));
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

auto stopped() { return fail(ErrorKind::kCancelled, "stopped as asked"); }

std::string no_answer(std::chrono::milliseconds time) {
  return "no answer within " + std::to_string(time.count()) +
         " ms (a catalog file, --catalog, needs no database)";
}

/// Waits until the connection's socket is ready.
bool is_ready(PGconn* connection, short events, const BoundedWait& wait) {
  while (!wait.is_over()) {
    pollfd ready{.fd = PQsocket(connection), .events = events, .revents = 0};
    if (::poll(&ready, 1, static_cast<int>(wait.slice().count())) > 0) return true;
  }
  return false;
}

Connection start_to_connect(const SourceDatabaseConfig& config, const HostAddress& place) {
  const std::string sslmode = config.effective_sslmode(place.host);
  const std::array<std::pair<const char*, const char*>, 9> settings{{
      {"host", place.host.c_str()},
      {"hostaddr", place.address.c_str()},
      {"port", config.port.c_str()},
      {"dbname", config.name.c_str()},
      {"user", config.user.c_str()},
      {"password", config.password.c_str()},
      {"sslmode", sslmode.c_str()},
      {"application_name", "cdclake"},
      {"client_encoding", "UTF8"},
  }};
  std::array<const char*, settings.size() + 1> keys{};
  std::array<const char*, settings.size() + 1> values{};
  for (std::size_t i = 0; i < settings.size(); ++i) {
    std::tie(keys.at(i), values.at(i)) = settings.at(i);
  }
  // A database name must stay a name, even if it looks like a connection string.
  return Connection(PQconnectStartParams(keys.data(), values.data(), /*expand_dbname=*/0));
}

/// Why there is no connection; empty where there is one. libpq's own time limits count for each
/// address anew, and nothing stops its waits: so we wait.
std::string finish_to_connect(PGconn* connection, const BoundedWait& wait) {
  if (connection == nullptr) return "out of memory";
  if (PQstatus(connection) == CONNECTION_BAD) return PQerrorMessage(connection);
  const auto time = wait.left();
  for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;) {
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!is_ready(connection, events, wait)) return no_answer(time);
    state = PQconnectPoll(connection);
    if (state == PGRES_POLLING_FAILED) return PQerrorMessage(connection);
  }
  return {};
}

/// Tries the places in their order. Each may take its share of the time that is left, so that a
/// dead one does not use up what the next one needs.
Result<Connection> connect(const SourceDatabaseConfig& config, const BoundedWait& wait) {
  const auto places = addresses_of(config.host, wait);
  if (!places && wait.stop.stop_requested()) return stopped();
  if (!places) return fault(places.error().kind, config, places.error().message);
  std::string trouble;
  for (std::size_t i = 0; i < places->size(); ++i) {
    const HostAddress& place = (*places)[i];
    if (wait.stop.stop_requested()) return stopped();
    if (wait.is_over()) break;
    const auto share = wait.share_of(places->size() - i);
    Connection connection = start_to_connect(config, place);
    const std::string why = finish_to_connect(connection.get(), BoundedWait::of(share, wait.stop));
    if (wait.stop.stop_requested()) return stopped();
    if (why.empty() && PQserverVersion(connection.get()) < kServerVersionMin) {
      return fault(ErrorKind::kInvalidConfig, config,
                   "PostgreSQL 12 or newer is needed, or a catalog file (--catalog)");
    }
    if (why.empty()) return connection;
    trouble += (trouble.empty() ? "" : "; ") +
               (places->size() > 1 && !place.address.empty() ? place.address + ": " : "") + why;
  }
  if (trouble.empty()) trouble = no_answer(config.wait_max);
  return fault(ErrorKind::kUnavailable, config, redact(trouble, config.password));
}

/// Whether an answer is there in time. The server's own timeout does not come through where the
/// server, or the way to it, is dead.
bool has_answer(PGconn* connection, const BoundedWait& wait) {
  while (PQisBusy(connection) != 0) {
    if (!is_ready(connection, POLLIN, wait)) return false;
    if (PQconsumeInput(connection) == 0) return true;  // PQgetResult says what it was.
  }
  return true;
}

/// The result of the last of the statements.
Result<QueryResult> run(const Connection& connection, const SourceDatabaseConfig& config,
                        const std::string& statements, const BoundedWait& wait) {
  const auto failed = [&](std::string_view why) {
    return fault(ErrorKind::kUnavailable, config, redact(why, config.password));
  };
  if (PQsendQuery(connection.get(), statements.c_str()) == 0) {
    return failed(PQerrorMessage(connection.get()));
  }
  QueryResult last;
  for (;;) {
    if (!has_answer(connection.get(), wait)) {
      return wait.stop.stop_requested() ? stopped() : failed(no_answer(config.wait_max));
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
          .default_expression =
              PQgetisnull(result, row, 9) != 0 ? std::nullopt : std::optional(text(9)),
          .generated = text(7) == "t",
          .storage = text(10),
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

std::string SourceDatabaseConfig::effective_sslmode(std::string_view one_host) const {
  if (!sslmode.empty()) return sslmode;
  return is_this_machine(one_host) ? "prefer" : "verify-full";
}

Result<model::SourceCatalog> read_source_catalog(const SourceDatabaseConfig& config,
                                                 const std::stop_token& stop) {
  CDCLAKE_RETURN_IF_ERROR(config.validate());
  const BoundedWait wait = BoundedWait::of(config.wait_max, stop);
  CDCLAKE_ASSIGN_OR_RETURN(const Connection connection, connect(config, wait));
  // With this path every type that is not PostgreSQL's own is named with its schema.
  CDCLAKE_RETURN_IF_ERROR(
      run(connection, config,
          "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = " +
              std::to_string(config.wait_max.count()) + "; SET LOCAL search_path = pg_catalog",
          wait));
  CDCLAKE_ASSIGN_OR_RETURN(const QueryResult result, run(connection, config, kCatalogQuery, wait));
  std::vector<CatalogRow> rows;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    rows.push_back(row_of(result.get(), row));
  }
  return catalog_of(rows);
}

}  // namespace cdclake::source_catalog
