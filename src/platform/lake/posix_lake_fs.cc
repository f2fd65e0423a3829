#include "platform/lake/posix_lake_fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include "base/assert.h"
#include "platform/lake/posix_error.h"
#include "platform/lake/posix_file.h"

namespace cdclake::lake {
namespace {

constexpr mode_t kFileMode = 0640;
constexpr mode_t kFolderMode = 0750;
constexpr std::size_t kDurableFoldersMax = 10'000;

bool is_absent(int error) { return error == ENOENT; }

Entry entry_of(const struct stat& found, std::string name) {
  Entry entry;
  entry.name = std::move(name);
  entry.type = S_ISREG(found.st_mode)   ? EntryType::kFile
               : S_ISDIR(found.st_mode) ? EntryType::kFolder
                                        : EntryType::kOther;
  entry.size = found.st_size;
  entry.modified_ms = found.st_mtim.tv_sec * 1000 + found.st_mtim.tv_nsec / 1'000'000;
  entry.inode = found.st_ino;
  return entry;
}

Entry absent(std::string name) {
  Entry entry;
  entry.name = std::move(name);
  return entry;
}

struct CloseStream {
  void operator()(DIR* stream) const { ::closedir(stream); }
};
using FolderStream = std::unique_ptr<DIR, CloseStream>;

struct Names {
  std::vector<std::string> names;
  int error = 0;
};

/// The names in a folder, sorted; `.` and `..` left out.
Names names_in(Descriptor folder) {
  Names read;
  const FolderStream stream(::fdopendir(folder.get()));
  if (stream == nullptr) return {{}, errno};
  folder.release();
  ::rewinddir(stream.get());  // A copy of a descriptor reads on where the other one stands.
  errno = 0;
  while (const dirent* next = ::readdir(stream.get())) {
    const std::string_view name = next->d_name;
    if (name != "." && name != "..") read.names.emplace_back(name);
  }
  read.error = errno;
  std::ranges::sort(read.names);
  return read;
}

/// Removes what `name` names in `parent`, following no link. Returns an errno, 0 where it is gone.
int remove_below(int parent, const std::string& name) {
  if (::unlinkat(parent, name.c_str(), 0) == 0 || is_absent(errno)) return 0;
  if (errno != EISDIR && errno != EPERM) return errno;
  OpenedFolder opened = open_folder_in(parent, name.c_str());
  if (is_absent(opened.error)) return 0;
  if (opened.error != 0) return opened.error;
  const int folder = opened.folder.get();
  const Names inside = names_in(Descriptor(::fcntl(folder, F_DUPFD_CLOEXEC, 0)));
  if (inside.error != 0) return inside.error;
  for (const std::string& child : inside.names) {
    if (const int error = remove_below(folder, child); error != 0) return error;
  }
  return ::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || is_absent(errno) ? 0 : errno;
}

}  // namespace

PosixLakeFs::PosixLakeFs(OpenedRoot bronze, OpenedRoot silver)
    : roots_{std::move(bronze), std::move(silver)} {}

Status PosixLakeFs::make_folders(const LakePath& folder) {
  constexpr const char* kAttempted = "make folder";
  if (!stays_beneath(folder.relative)) return outside(kAttempted, folder);
  OpenedFolder opened = open_beneath(root_of(folder).folder.get(), "");
  LakePath made{folder.root, ""};
  for (std::size_t begin = 0; opened.error == 0 && begin < folder.relative.size();) {
    const std::size_t end = std::min(folder.relative.find('/', begin), folder.relative.size());
    const std::string segment = folder.relative.substr(begin, end - begin);
    made = made / segment;
    begin = end + 1;
    const bool is_new = ::mkdirat(opened.folder.get(), segment.c_str(), kFolderMode) == 0;
    if (!is_new && errno != EEXIST) return fail_with_errno(kAttempted, absolute(made), errno);
    // A folder that was there already may come from a process that died before its fsync.
    if (is_new || !is_known_durable(made)) {
      if (::fsync(opened.folder.get()) != 0) {
        return fail_with_errno("make folder durable", absolute(made), errno);
      }
      remember_durable(made);
    }
    opened = open_folder_in(opened.folder.get(), segment.c_str());
  }
  if (opened.error != 0) return fail_with_errno(kAttempted, absolute(made), opened.error);
  return {};
}

bool PosixLakeFs::is_known_durable(const LakePath& folder) {
  const std::scoped_lock lock(mutex_);
  return durable_folders_.contains(folder);
}

void PosixLakeFs::remember_durable(const LakePath& folder) {
  const std::scoped_lock lock(mutex_);
  if (durable_folders_.size() >= kDurableFoldersMax) durable_folders_.clear();
  durable_folders_.insert(folder);
}

Result<std::unique_ptr<FileWriter>> PosixLakeFs::create(const LakePath& path) {
  constexpr const char* kAttempted = "create file";
  CDCLAKE_ASSIGN_OR_RETURN(const Place place, place_of(path, kAttempted));
  Descriptor file(::openat(place.folder.get(), place.name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  if (file.is_open()) return write_to(std::move(file), absolute(path));
  if (errno == EEXIST) return taken(kAttempted, path);
  return fail_with_errno(kAttempted, absolute(path), errno);
}

Result<std::unique_ptr<FileReader>> PosixLakeFs::open(const LakePath& path) {
  constexpr const char* kAttempted = "open file";
  CDCLAKE_ASSIGN_OR_RETURN(const Place place, place_of(path, kAttempted));
  // Not blocking: what lies here might be a pipe of somebody else's.
  Descriptor file(::openat(place.folder.get(), place.name.c_str(),
                           O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return fail_with_errno(kAttempted, absolute(path), errno);
  return read_from(std::move(file), absolute(path));
}

Status PosixLakeFs::rename(const LakePath& from, const LakePath& to) {
  return move(from, to, Move::kToFreeName);
}

Status PosixLakeFs::exchange(const LakePath& one, const LakePath& other) {
  return move(one, other, Move::kExchange);
}

Status PosixLakeFs::move(const LakePath& from, const LakePath& to, Move how) {
  CDCLAKE_ASSERT(from.root == to.root);
  const char* attempted = how == Move::kExchange ? "exchange folders" : "rename";
  CDCLAKE_ASSIGN_OR_RETURN(const Place source, place_of(from, attempted));
  CDCLAKE_ASSIGN_OR_RETURN(const Place target, place_of(to, attempted));
  const unsigned flags = how == Move::kExchange ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  if (::renameat2(source.folder.get(), source.name.c_str(), target.folder.get(),
                  target.name.c_str(), flags) == 0) {
    return {};
  }
  if (errno == EEXIST) return taken(attempted, to);
  return fail_with_errno(attempted, absolute(from) + " to " + absolute(to), errno);
}

Status PosixLakeFs::link(const LakePath& from, const LakePath& to) {
  CDCLAKE_ASSERT(from.root == to.root);
  constexpr const char* kAttempted = "link file";
  CDCLAKE_ASSIGN_OR_RETURN(const Place source, place_of(from, kAttempted));
  CDCLAKE_ASSIGN_OR_RETURN(const Place target, place_of(to, kAttempted));
  if (::linkat(source.folder.get(), source.name.c_str(), target.folder.get(), target.name.c_str(),
               0) == 0) {
    return {};
  }
  if (errno == EEXIST) return taken(kAttempted, to);
  return fail_with_errno(kAttempted, absolute(from) + " to " + absolute(to), errno);
}

Status PosixLakeFs::remove_file(const LakePath& path) {
  constexpr const char* kAttempted = "remove file";
  CDCLAKE_ASSIGN_OR_RETURN(const Entry found, stat(path));
  if (found.type == EntryType::kAbsent) return {};
  CDCLAKE_ASSIGN_OR_RETURN(const Place place, place_of(path, kAttempted));
  if (::unlinkat(place.folder.get(), place.name.c_str(), 0) == 0 || is_absent(errno)) return {};
  return fail_with_errno(kAttempted, absolute(path), errno);
}

Status PosixLakeFs::remove_tree(const LakePath& path) {
  constexpr const char* kAttempted = "remove folder";
  CDCLAKE_ASSIGN_OR_RETURN(const Entry found, stat(path));
  if (found.type == EntryType::kAbsent) return {};
  CDCLAKE_ASSIGN_OR_RETURN(const Place place, place_of(path, kAttempted));
  if (const int error = remove_below(place.folder.get(), place.name); error != 0) {
    return fail_with_errno(kAttempted, absolute(path), error);
  }
  return {};
}

Status PosixLakeFs::sync_folder(const LakePath& folder) {
  constexpr const char* kAttempted = "make folder durable";
  if (!stays_beneath(folder.relative)) return outside(kAttempted, folder);
  const OpenedFolder opened = open_beneath(root_of(folder).folder.get(), folder.relative);
  if (opened.error != 0) return fail_with_errno(kAttempted, absolute(folder), opened.error);
  if (::fsync(opened.folder.get()) != 0)
    return fail_with_errno(kAttempted, absolute(folder), errno);
  return {};
}

Result<Entry> PosixLakeFs::stat(const LakePath& path) {
  constexpr const char* kAttempted = "look at";
  if (!stays_beneath(path.relative)) return outside(kAttempted, path);
  const OpenedFolder opened = open_beneath(root_of(path).folder.get(), path.parent().relative);
  std::string name(path.name());
  if (is_absent(opened.error)) return absent(std::move(name));
  if (opened.error != 0) return fail_with_errno(kAttempted, absolute(path), opened.error);
  struct stat found{};
  if (::fstatat(opened.folder.get(), name.empty() ? "." : name.c_str(), &found,
                AT_SYMLINK_NOFOLLOW) != 0) {
    if (is_absent(errno)) return absent(std::move(name));
    return fail_with_errno(kAttempted, absolute(path), errno);
  }
  return entry_of(found, std::move(name));
}

Result<std::vector<Entry>> PosixLakeFs::list(const LakePath& folder) {
  constexpr const char* kAttempted = "list folder";
  if (!stays_beneath(folder.relative)) return outside(kAttempted, folder);
  const OpenedFolder opened = open_beneath(root_of(folder).folder.get(), folder.relative);
  if (is_absent(opened.error)) return std::vector<Entry>();
  if (opened.error != 0) return fail_with_errno(kAttempted, absolute(folder), opened.error);
  const Names read = names_in(Descriptor(::fcntl(opened.folder.get(), F_DUPFD_CLOEXEC, 0)));
  if (read.error != 0) return fail_with_errno(kAttempted, absolute(folder), read.error);
  std::vector<Entry> entries;
  for (const std::string& name : read.names) {
    struct stat found{};
    if (::fstatat(opened.folder.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0) {
      entries.push_back(entry_of(found, name));
    } else if (!is_absent(errno)) {  // Absent: removed since it was listed.
      return fail_with_errno(kAttempted, absolute(folder), errno);
    }
  }
  return entries;
}

std::string PosixLakeFs::absolute(const LakePath& path) const {
  const std::string& root = root_of(path).path;
  return path.relative.empty() ? root : root + "/" + path.relative;
}

const PosixLakeFs::OpenedRoot& PosixLakeFs::root_of(const LakePath& path) const {
  return roots_.at(static_cast<std::size_t>(path.root));
}

Result<PosixLakeFs::Place> PosixLakeFs::place_of(const LakePath& path,
                                                 const char* attempted) const {
  if (path.relative.empty() || !stays_beneath(path.relative)) return outside(attempted, path);
  OpenedFolder opened = open_beneath(root_of(path).folder.get(), path.parent().relative);
  if (opened.error != 0) return fail_with_errno(attempted, absolute(path), opened.error);
  return Place{std::move(opened.folder), std::string(path.name())};
}

tl::unexpected<Error> PosixLakeFs::taken(const char* attempted, const LakePath& path) const {
  return fail(ErrorKind::kConflict,
              "cannot " + std::string(attempted) + ": the name is taken: " + absolute(path));
}

tl::unexpected<Error> PosixLakeFs::outside(const char* attempted, const LakePath& path) const {
  return fail(ErrorKind::kCorrupt, "cannot " + std::string(attempted) +
                                       ": the path would leave the lake: " + absolute(path));
}

}  // namespace cdclake::lake
