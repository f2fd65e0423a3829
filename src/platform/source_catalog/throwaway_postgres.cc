#include "platform/source_catalog/throwaway_postgres.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace cdclake::source_catalog {
namespace {

namespace files = std::filesystem;

/// Runs a shell command; its output where it fails, else nothing.
std::string failure_of(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return "no shell";
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  if (::pclose(pipe) == 0) return "";
  return output.empty() ? "failed: " + command : output;
}

/// PostgreSQL refuses to run as root.
std::string as_owner(const std::string& command) {
  if (::geteuid() != 0) return "sh -c '" + command + "'";
  return "runuser -u postgres -- sh -c '" + command + "'";
}

/// The folder of initdb and pg_ctl, or nothing.
std::string find_programs() {
  if (failure_of("command -v initdb && command -v pg_ctl").empty()) return "";
  for (int version = 20; version >= 12; --version) {
    const std::string folder = "/usr/lib/postgresql/" + std::to_string(version) + "/bin/";
    if (files::exists(folder + "initdb")) return folder;
  }
  return "none";
}

}  // namespace

ThrowawayPostgres::ThrowawayPostgres() : programs_(find_programs()) {
  if (programs_ == "none") {
    trouble_ = "PostgreSQL is not installed";
    return;
  }
  std::string pattern = (files::temp_directory_path() / "cdclake-pg-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    trouble_ = "no temporary folder";
    return;
  }
  folder_ = pattern;
  if (::geteuid() == 0) trouble_ = failure_of("chown postgres " + folder_);
  if (!trouble_.empty()) return;
  trouble_ =
      failure_of(as_owner("cd / && " + programs_ + "initdb --auth=trust --username=postgres " +
                          "--encoding=UTF8 --no-sync --pgdata=" + folder_ + "/data"));
  if (!trouble_.empty()) return;
  trouble_ = failure_of(
      as_owner("cd / && " + programs_ + "pg_ctl start --wait --silent --pgdata=" + folder_ +
               "/data --log=" + folder_ + "/log --options=\"-c listen_addresses= -c fsync=off " +
               "-c unix_socket_directories=" + folder_ + "\""));
}

ThrowawayPostgres::~ThrowawayPostgres() {
  if (folder_.empty()) return;
  const std::string stopped =
      failure_of(as_owner("cd / && " + programs_ +
                          "pg_ctl stop --mode=immediate --silent --pgdata=" + folder_ + "/data"));
  if (!stopped.empty()) std::fprintf(stderr, "%s\n", stopped.c_str());
  std::error_code ignored;
  files::remove_all(folder_, ignored);
}

std::string ThrowawayPostgres::run(const std::string& statements) const {
  const std::string script = folder_ + "/script.sql";
  std::ofstream(script) << statements;
  return failure_of(programs_ + "psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --host=" + folder_ +
                    " --username=postgres --file=" + script + " postgres");
}

SourceDatabaseConfig ThrowawayPostgres::config() const {
  return {.host = folder_, .name = "postgres", .user = "postgres"};
}

}  // namespace cdclake::source_catalog
