#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/ids.h"
#include "platform/lake/durable_folder.h"
#include "platform/lake/lake_identity.h"
#include "platform/lake/posix_error.h"
#include "platform/lake/posix_lake_fs.h"

namespace cdclake::lake {
namespace {

constexpr std::chrono::hours kFirstStartMax{1};  // How long making a lake may take.

const char* setting_of(Root root) {
  return root == Root::kBronze ? "BRONZE_BASE_PATH" : "SILVER_BASE_PATH";
}

enum class IfAbsent : std::uint8_t { kMake, kRefuse };

Result<PosixLakeFs::OpenedRoot> open_root(const std::string& path, Root root, IfAbsent if_absent) {
  if (path.empty()) {
    return fail(ErrorKind::kInvalidConfig, std::string(setting_of(root)) + " must not be empty");
  }
  std::error_code error;
  const std::string absolute = std::filesystem::absolute(path, error).lexically_normal();
  if (error) return fail_with_errno("find the working folder", path, error.value());
  std::string trimmed = absolute;
  while (trimmed.size() > 1 && trimmed.back() == '/') trimmed.pop_back();
  const std::string attempted = "open lake root " + std::string(setting_of(root));
  // The root itself may be a symbolic link of the operator's.
  if (if_absent == IfAbsent::kMake) {
    if (const int code = make_durable_folder(trimmed); code != 0) {
      return fail_with_errno(attempted, trimmed, code);
    }
  }
  Descriptor folder(::open(trimmed.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return fail_with_errno(attempted, trimmed, errno);
  return PosixLakeFs::OpenedRoot{std::move(folder), std::move(trimmed)};
}

/// Each root has its own work in progress and old sides; in one folder a sweep of the one root
/// would remove what the other still keeps.
Status refuse_one_folder(const PosixLakeFs::OpenedRoot& bronze,
                         const PosixLakeFs::OpenedRoot& silver) {
  struct stat one{};
  struct stat other{};
  if (::fstat(bronze.folder.get(), &one) != 0 || ::fstat(silver.folder.get(), &other) != 0) {
    return fail_with_errno("look at the lake roots", bronze.path, errno);
  }
  if (one.st_dev != other.st_dev || one.st_ino != other.st_ino) return {};
  return fail(ErrorKind::kInvalidConfig,
              "BRONZE_BASE_PATH and SILVER_BASE_PATH are one folder (set two that lie outside of "
              "each other): BRONZE_BASE_PATH=" +
                  bronze.path + " SILVER_BASE_PATH=" + silver.path);
}

/// Refuses a root that holds tables but not our mark: it was filled by the first version.
Status refuse_first_version(LakeFs& fs, Root root) {
  CDCLAKE_ASSIGN_OR_RETURN(const Entry identity, fs.stat(identity_path(root)));
  if (identity.type != EntryType::kAbsent) return {};
  CDCLAKE_ASSIGN_OR_RETURN(const bool filled, holds_tables(fs, root));
  if (!filled) return {};
  return fail(ErrorKind::kInvalidConfig,
              "the folder holds tables that this program did not make (there is no "
              ".cdclake/lake.json); a lake of the first version is never written into: set a new "
              "BRONZE_BASE_PATH, SILVER_BASE_PATH and METADATA_DB: " +
                  std::string(setting_of(root)) + "=" + fs.absolute({root, ""}));
}

/// Tries on two empty folders what publishing will need later.
Status prove_exchange(LakeFs& fs, Root root) {
  const std::string name = "probe-" + random_hex_id();
  const LakePath probe = private_folder(root) / name;
  CDCLAKE_RETURN_IF_ERROR(fs.make_folders(probe / "one"));
  CDCLAKE_RETURN_IF_ERROR(fs.make_folders(probe / "other"));
  const Status exchanged = fs.exchange(probe / "one", probe / "other");
  const auto upper = fs.stat(private_folder(root) / ("PROBE" + name.substr(5)));
  CDCLAKE_RETURN_IF_ERROR(fs.remove_tree(probe));
  if (!exchanged) {
    return fail(exchanged.error().kind,
                "the lake needs a file system that exchanges two folders in one step (" +
                    std::string(setting_of(root)) + "): " + exchanged.error().message);
  }
  if (upper && upper->type != EntryType::kAbsent) {
    return fail(ErrorKind::kInvalidConfig,
                "the lake needs a file system that tells upper from lower case: " +
                    std::string(setting_of(root)) + "=" + fs.absolute({root, ""}));
  }
  return {};
}

/// Whether a first start that was killed may have left it in the private folder.
bool is_of_first_start(std::string_view name) {
  for (const std::string_view kind : {"probe-", "lake-"}) {
    if (!name.starts_with(kind)) continue;
    const std::string_view id = name.substr(kind.size());
    return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  }
  return false;
}

/// Only old ones: another process may be making the lake just now.
Status remove_left_by_first_start(LakeFs& fs, Root root) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(SystemClock().now());
  const auto oldest_kept = (now - kFirstStartMax).time_since_epoch().count();
  CDCLAKE_ASSIGN_OR_RETURN(const auto entries, fs.list(private_folder(root)));
  for (const Entry& entry : entries) {
    if (!is_of_first_start(entry.name) || entry.modified_ms >= oldest_kept) continue;
    CDCLAKE_RETURN_IF_ERROR(fs.remove_tree(private_folder(root) / entry.name));
  }
  return {};
}

Status prepare_root(LakeFs& fs, Root root) {
  CDCLAKE_RETURN_IF_ERROR(fs.make_folders(private_folder(root) / "wip"));
  CDCLAKE_RETURN_IF_ERROR(fs.make_folders(private_folder(root) / "aside"));
  CDCLAKE_ASSIGN_OR_RETURN(const Entry identity, fs.stat(identity_path(root)));
  if (identity.type == EntryType::kAbsent) {
    CDCLAKE_RETURN_IF_ERROR(prove_exchange(fs, root));
    CDCLAKE_RETURN_IF_ERROR(write_identity(fs, root));
  }
  CDCLAKE_RETURN_IF_ERROR(check_identity(fs, root));
  return remove_left_by_first_start(fs, root);
}

Status recognize(LakeFs& fs, Root root) {
  CDCLAKE_ASSIGN_OR_RETURN(const Entry identity, fs.stat(identity_path(root)));
  if (identity.type != EntryType::kAbsent) return check_identity(fs, root);
  return fail(ErrorKind::kInvalidConfig,
              "the folder is no lake of cdclake (there is no .cdclake/lake.json): " +
                  std::string(setting_of(root)) + "=" + fs.absolute({root, ""}));
}

}  // namespace

Result<std::unique_ptr<LakeFs>> open_posix_lake(const LakeRoots& roots) {
  CDCLAKE_ASSIGN_OR_RETURN(auto bronze, open_root(roots.bronze, Root::kBronze, IfAbsent::kMake));
  CDCLAKE_ASSIGN_OR_RETURN(auto silver, open_root(roots.silver, Root::kSilver, IfAbsent::kMake));
  CDCLAKE_RETURN_IF_ERROR(refuse_one_folder(bronze, silver));
  auto fs = std::make_unique<PosixLakeFs>(std::move(bronze), std::move(silver));
  CDCLAKE_RETURN_IF_ERROR(refuse_first_version(*fs, Root::kBronze));
  CDCLAKE_RETURN_IF_ERROR(refuse_first_version(*fs, Root::kSilver));
  CDCLAKE_RETURN_IF_ERROR(prepare_root(*fs, Root::kBronze));
  CDCLAKE_RETURN_IF_ERROR(prepare_root(*fs, Root::kSilver));
  return fs;
}

Result<std::unique_ptr<LakeFs>> open_posix_lake_to_read(const LakeRoots& roots) {
  CDCLAKE_ASSIGN_OR_RETURN(auto bronze, open_root(roots.bronze, Root::kBronze, IfAbsent::kRefuse));
  CDCLAKE_ASSIGN_OR_RETURN(auto silver, open_root(roots.silver, Root::kSilver, IfAbsent::kRefuse));
  auto fs = std::make_unique<PosixLakeFs>(std::move(bronze), std::move(silver));
  CDCLAKE_RETURN_IF_ERROR(recognize(*fs, Root::kBronze));
  CDCLAKE_RETURN_IF_ERROR(recognize(*fs, Root::kSilver));
  return fs;
}

}  // namespace cdclake::lake
