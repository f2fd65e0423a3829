#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/ids.h"
#include "platform/lake/posix_error.h"
#include "platform/lake/posix_lake_fs.h"

namespace cdclake::lake {
namespace {

constexpr int kLakeFormat = 1;
constexpr std::string_view kFormatKey = "\"format\":";

const char* setting_of(Root root) {
  return root == Root::kBronze ? "BRONZE_BASE_PATH" : "SILVER_BASE_PATH";
}

/// Creates the folder and those above it, each durable. The root itself may be a symbolic link of
/// the operator's.
Status make_root(const std::string& path, Root root) {
  const std::string attempted = "open lake root " + std::string(setting_of(root));
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0750) != 0) {
      if (errno == EEXIST) continue;
      return fail_with_errno(attempted, part, errno);
    }
    const std::string above = std::filesystem::path(part).parent_path();
    const Descriptor parent(::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent.is_open() || ::fsync(parent.get()) != 0) {
      return fail_with_errno(attempted, part, errno);
    }
  }
  return {};
}

Result<PosixLakeFs::OpenedRoot> open_root(const std::string& path, Root root) {
  if (path.empty()) {
    return fail(ErrorKind::kInvalidConfig, std::string(setting_of(root)) + " must not be empty");
  }
  std::error_code error;
  const std::string absolute = std::filesystem::absolute(path, error).lexically_normal();
  if (error) return fail_with_errno("find the working folder", path, error.value());
  std::string trimmed = absolute;
  while (trimmed.size() > 1 && trimmed.back() == '/') trimmed.pop_back();
  CDCLAKE_RETURN_IF_ERROR(make_root(trimmed, root));
  Descriptor folder(::open(trimmed.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) {
    return fail_with_errno("open lake root " + std::string(setting_of(root)), trimmed, errno);
  }
  return PosixLakeFs::OpenedRoot{std::move(folder), std::move(trimmed)};
}

LakePath identity_path(Root root) { return private_folder(root) / "lake.json"; }

/// Refuses a root that holds tables but not our mark: it was filled by the first version.
Status refuse_first_version(LakeFs& fs, Root root) {
  const LakePath top{root, ""};
  CDCLAKE_ASSIGN_OR_RETURN(const Entry identity, fs.stat(identity_path(root)));
  if (identity.type != EntryType::kAbsent) return {};
  for (const char* folder : {"cdc", "stage_events", "current"}) {
    CDCLAKE_ASSIGN_OR_RETURN(const Entry found, fs.stat(top / folder));
    if (found.type == EntryType::kAbsent) continue;
    return fail(ErrorKind::kInvalidConfig,
                std::string("the folder holds a lake that this program did not make (") + folder +
                    "/ without .cdclake/lake.json); one of the first version is never written "
                    "into: set a new BRONZE_BASE_PATH, SILVER_BASE_PATH and METADATA_DB: " +
                    setting_of(root) + "=" + fs.absolute(top));
  }
  return {};
}

Status write_identity(LakeFs& fs, Root root) {
  const LakePath draft = private_folder(root) / ("lake-" + random_hex_id());
  CDCLAKE_ASSIGN_OR_RETURN(const auto file, fs.create(draft));
  CDCLAKE_RETURN_IF_ERROR(file->append("{" + std::string(kFormatKey) + " " +
                                       std::to_string(kLakeFormat) + ", \"lake_id\": \"" +
                                       random_hex_id() + "\"}\n"));
  CDCLAKE_RETURN_IF_ERROR(file->sync_and_close());
  const Status named = fs.rename(draft, identity_path(root));
  if (!named) {
    CDCLAKE_RETURN_IF_ERROR(fs.remove_file(draft));
    // Another process made the lake at the same time: its mark is as good.
    if (named.error().kind != ErrorKind::kConflict) return named;
  }
  return fs.sync_folder(private_folder(root));
}

Status check_identity(LakeFs& fs, Root root) {
  const LakePath path = identity_path(root);
  CDCLAKE_ASSIGN_OR_RETURN(const std::string text, read_text(fs, path));
  const std::size_t key = text.find(kFormatKey);
  const std::size_t digits = text.find_first_of("0123456789", key);
  int format = 0;
  if (key == std::string::npos || digits == std::string::npos ||
      std::from_chars(text.data() + digits, text.data() + text.size(), format).ec != std::errc()) {
    return fail(ErrorKind::kCorrupt, "the mark of the lake cannot be read: " + fs.absolute(path));
  }
  if (format > kLakeFormat) {
    return fail(
        ErrorKind::kInvalidConfig,
        "the lake was made by a newer cdclake (use that one): format=" + std::to_string(format) +
            " known=" + std::to_string(kLakeFormat) + ": " + fs.absolute(path));
  }
  return {};
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

Status prepare_root(LakeFs& fs, Root root) {
  CDCLAKE_RETURN_IF_ERROR(fs.make_folders(private_folder(root) / "wip"));
  CDCLAKE_RETURN_IF_ERROR(fs.make_folders(private_folder(root) / "aside"));
  CDCLAKE_RETURN_IF_ERROR(prove_exchange(fs, root));
  CDCLAKE_ASSIGN_OR_RETURN(const Entry identity, fs.stat(identity_path(root)));
  if (identity.type == EntryType::kAbsent) CDCLAKE_RETURN_IF_ERROR(write_identity(fs, root));
  return check_identity(fs, root);
}

}  // namespace

Result<std::unique_ptr<LakeFs>> open_posix_lake(const LakeRoots& roots) {
  CDCLAKE_ASSIGN_OR_RETURN(auto bronze, open_root(roots.bronze, Root::kBronze));
  CDCLAKE_ASSIGN_OR_RETURN(auto silver, open_root(roots.silver, Root::kSilver));
  auto fs = std::make_unique<PosixLakeFs>(std::move(bronze), std::move(silver));
  CDCLAKE_RETURN_IF_ERROR(refuse_first_version(*fs, Root::kBronze));
  CDCLAKE_RETURN_IF_ERROR(refuse_first_version(*fs, Root::kSilver));
  CDCLAKE_RETURN_IF_ERROR(prepare_root(*fs, Root::kBronze));
  CDCLAKE_RETURN_IF_ERROR(prepare_root(*fs, Root::kSilver));
  return fs;
}

}  // namespace cdclake::lake
