#include "platform/metadata/sqlite/store_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "platform/lake/durable_folder.h"
#include "platform/metadata/sqlite/statement.h"

namespace cdclake::metadata {
namespace {

/// File systems on which SQLite's locks and shared memory do not hold: NFS, SMB, CIFS, SMB2, Ceph.
constexpr std::array<std::uint32_t, 5> kNetworkFileSystems = {0x6969, 0x517B, 0xFF534D42,
                                                              0xFE534D42, 0x00C36400};

tl::unexpected<Error> cannot_open(const std::string& path, int code) {
  std::string reason = std::generic_category().message(code);
  if (code == EACCES || code == EPERM) {
    reason = "permission denied for user id " + std::to_string(geteuid()) +
             " (only the user that the stages run as may read it)";
  }
  return fail(ErrorKind::kUnavailable,
              "cannot open the metadata store: " + reason + ": METADATA_DB=" + path);
}

Status refuse_network_disk(const std::string& path) {
  struct statfs found{};
  if (::statfs(path.c_str(), &found) != 0) return cannot_open(path, errno);
  const auto type = static_cast<std::uint32_t>(found.f_type);
  if (std::ranges::find(kNetworkFileSystems, type) == kNetworkFileSystems.end()) return {};
  return fail(ErrorKind::kInvalidConfig,
              "the metadata store must be on a local disk, not on a network file system: "
              "METADATA_DB=" +
                  path);
}

/// Opens no file that is there: closing it would free the locks that this process has on it through
/// SQLite (POSIX locks are the process'), and another program would take the log of the store,
/// which we write, for one that nobody needs.
Status make_where_absent(const std::string& path) {
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK, AT_EACCESS) == 0) return {};
  if (errno != ENOENT) return cannot_open(path, errno);
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return cannot_open(path, errno);
  ::close(descriptor);
  return {};
}

Status sync_folder(const std::filesystem::path& folder, const std::string& path) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return cannot_open(path, errno);
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (error != 0) return cannot_open(path, error);
  return {};
}

}  // namespace

Status prepare_store_file(const std::string& path, Access access) {
  if (path.empty()) return fail(ErrorKind::kInvalidConfig, "METADATA_DB must not be empty");
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error).lexically_normal();
  if (error) return cannot_open(path, error.value());
  if (access == Access::kReadOnly) {
    if (::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0) return {};
    if (errno != ENOENT) return cannot_open(path, errno);
    return fail(ErrorKind::kUnavailable,
                "there is no metadata store yet (nothing was written so far, or METADATA_DB is "
                "another one): METADATA_DB=" +
                    path);
  }
  const int code = lake::make_durable_folder(absolute.parent_path());
  if (code != 0) return cannot_open(path, code);
  CDCLAKE_RETURN_IF_ERROR(refuse_network_disk(absolute.parent_path()));
  CDCLAKE_RETURN_IF_ERROR(make_where_absent(path));
  return sync_folder(absolute.parent_path(), path);
}

Status keep_store_copy(Database& database, const std::string& kept) {
  std::error_code error;
  if (std::filesystem::exists(kept, error)) return {};
  const std::string draft = kept + ".draft-" + std::to_string(::getpid());
  std::filesystem::remove(draft, error);
  CDCLAKE_RETURN_IF_ERROR(run_once(database, "VACUUM INTO ?", draft));
  const int descriptor = ::open(draft.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return cannot_open(draft, errno);
  const bool is_durable = ::fchmod(descriptor, 0600) == 0 && ::fsync(descriptor) == 0;
  const int code = is_durable ? 0 : errno;
  ::close(descriptor);
  if (code != 0) return cannot_open(draft, code);
  if (::rename(draft.c_str(), kept.c_str()) != 0) return cannot_open(kept, errno);
  return sync_folder(std::filesystem::path(kept).parent_path(), kept);
}

Status replace_store_file(const StoreReplacement& files) {
  std::error_code error;
  const auto folder = std::filesystem::absolute(files.path, error).lexically_normal().parent_path();
  if (error) return cannot_open(files.path, error.value());
  // The store first: without its log it may be torn. All of it before the new one comes, which
  // would take a log that is left there for its own.
  for (const char* suffix : {"", "-wal", "-shm"}) {
    if (::rename((files.path + suffix).c_str(), (files.kept + suffix).c_str()) != 0 &&
        errno != ENOENT) {
      return cannot_open(files.path, errno);
    }
  }
  if (::renameat2(AT_FDCWD, files.made.c_str(), AT_FDCWD, files.path.c_str(), RENAME_NOREPLACE) !=
      0) {
    if (errno != EEXIST) return cannot_open(files.path, errno);
    return fail(ErrorKind::kConflict,
                "another process made a metadata store meanwhile (stop it, and start again): "
                "METADATA_DB=" +
                    files.path);
  }
  return sync_folder(folder, files.path);
}

}  // namespace cdclake::metadata
