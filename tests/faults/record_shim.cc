// Loaded before the C library into a program under test: writes down everything that changes the
// files below a folder, whoever asks for it (our own code, SQLite), and every sync, in the order
// in which it was done. `power_cut.py` makes of it what a disk may hold after a power cut.
//
//   RECORD_BELOW   the folder, with a slash
//   RECORD_TO      the journal; it lies outside of the folder
//
// A record is a line; fields stand between tabs, names last. Files and folders go by their inode.
//
//   create  FOLDER INODE NAME      a file opened so that it would be made; it may have been there
//   mkdir   FOLDER INODE NAME
//   write   INODE OFFSET LENGTH    the bytes follow the line
//   length  INODE LENGTH           ftruncate
//   rename, exchange  FOLDER FOLDER NAME NAME
//   link    FOLDER INODE NAME
//   unlink  FOLDER NAME            of a file or a folder
//   sync    INODE
//
// What is written into mapped memory (SQLite's index of its log, which it makes anew after a
// crash) and through FILE streams (logs) is not seen.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>

namespace {

constexpr int kDescriptorsMax = 4096;

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

/// A name and the folder that it stands in.
struct Place {
  unsigned long folder = 0;  ///< Its inode; 0: not below the recorded folder.
  std::string name;
};

class Journal {
 public:
  static Journal& get() {
    static Journal journal;
    return journal;
  }

  /// One operation and its record at a time: the journal's order is the order on the disk.
  std::mutex mutex;

  bool is_below(std::string_view path) const { return !below_.empty() && path.starts_with(below_); }
  bool is_below(int descriptor) const {
    return descriptor >= 0 && descriptor < kDescriptorsMax && below_descriptors_[descriptor];
  }

  void opened(int descriptor) {
    if (descriptor >= 0 && descriptor < kDescriptorsMax) {
      below_descriptors_[descriptor] = is_below(path_of(descriptor) + "/");
    }
  }
  void closed(int descriptor) {
    if (descriptor >= 0 && descriptor < kDescriptorsMax) below_descriptors_[descriptor] = false;
  }

  Place place_of(int folder, const char* path) const {
    const std::string_view whole = path;
    const bool is_relative = !whole.starts_with('/') && folder != AT_FDCWD;
    std::string absolute = is_relative ? path_of(folder) + "/" + path : std::string(path);
    while (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
    const auto slash = absolute.rfind('/');
    if (slash == std::string::npos || !is_below(absolute)) return {};
    struct stat found{};
    if (::stat(absolute.substr(0, slash + 1).c_str(), &found) != 0) return {};
    return {found.st_ino, absolute.substr(slash + 1)};
  }

  void record(const std::string& line, const void* bytes = nullptr, size_t length = 0) {
    const std::string ended = line + "\n";
    append(ended.data(), ended.size());
    append(static_cast<const char*>(bytes), length);
  }

 private:
  Journal() {
    const auto text = [](const char* name) {
      const char* value = std::getenv(name);
      return std::string(value == nullptr ? "" : value);
    };
    below_ = text("RECORD_BELOW");
    const std::string path = text("RECORD_TO");
    file_ = static_cast<int>(
        syscall(SYS_openat, AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
    if (file_ < 0) below_.clear();
  }

  static std::string path_of(int descriptor) {
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    char target[PATH_MAX];
    const long length = syscall(SYS_readlink, link.c_str(), target, sizeof target - 1);
    return {target, length > 0 ? static_cast<size_t>(length) : 0};
  }

  void append(const char* bytes, size_t length) const {
    while (length > 0) {
      const long written = syscall(SYS_write, file_, bytes, length);
      if (written <= 0) std::abort();  // Half a journal proves nothing.
      bytes += written;
      length -= static_cast<size_t>(written);
    }
  }

  std::string below_;
  int file_ = -1;
  bool below_descriptors_[kDescriptorsMax] = {};
};

std::string line(const char* word, std::initializer_list<unsigned long> numbers,
                 std::initializer_list<std::string> names = {}) {
  std::string text = word;
  for (const unsigned long number : numbers) text += "\t" + std::to_string(number);
  for (const std::string& name : names) text += "\t" + name;
  return text;
}

unsigned long inode_of(int descriptor) {
  struct stat found{};
  return ::fstat(descriptor, &found) == 0 ? found.st_ino : 0;
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(arguments, int)) : 0;
}

int open_and_record(int folder, const char* path, int flags, mode_t mode) {
  Journal& journal = Journal::get();
  const std::scoped_lock lock(journal.mutex);
  const int file = real<int (*)(int, const char*, int, ...)>("openat")(folder, path, flags, mode);
  if (file < 0) return file;
  journal.opened(file);
  if (!journal.is_below(file)) return file;
  if ((flags & O_CREAT) != 0) {
    const Place place = journal.place_of(folder, path);
    journal.record(line("create", {place.folder, inode_of(file)}, {place.name}));
  }
  if ((flags & O_TRUNC) != 0) journal.record(line("length", {inode_of(file), 0}));
  return file;
}

template <typename Write>
ssize_t write_and_record(int file, const void* bytes, off64_t offset, Write write) {
  Journal& journal = Journal::get();
  const std::scoped_lock lock(journal.mutex);
  if (offset < 0) offset = ::lseek64(file, 0, SEEK_CUR);
  const ssize_t written = write();
  if (written > 0 && journal.is_below(file)) {
    const auto length = static_cast<size_t>(written);
    const auto at = static_cast<unsigned long>(offset);
    journal.record(line("write", {inode_of(file), at, length}), bytes, length);
  }
  return written;
}

int sync_and_record(int file, const char* name) {
  Journal& journal = Journal::get();
  const std::scoped_lock lock(journal.mutex);
  const int done = real<int (*)(int)>(name)(file);
  if (done == 0 && journal.is_below(file)) journal.record(line("sync", {inode_of(file)}));
  return done;
}

/// An operation on one name: records it where it was done, below the folder.
template <typename Operation, typename Line>
int name_and_record(int folder, const char* path, Operation operation, Line line_of) {
  Journal& journal = Journal::get();
  const std::scoped_lock lock(journal.mutex);
  const Place place = journal.place_of(folder, path);
  const int done = operation();
  if (done == 0 && place.folder != 0) journal.record(line_of(place));
  return done;
}

unsigned long inode_at(int folder, const char* path) {
  struct stat found{};
  return ::fstatat(folder, path, &found, AT_SYMLINK_NOFOLLOW) == 0 ? found.st_ino : 0;
}

template <typename Operation>
int remove_and_record(int folder, const char* path, Operation operation) {
  return name_and_record(folder, path, operation, [](const Place& place) {
    return line("unlink", {place.folder}, {place.name});
  });
}

}  // namespace

// The C library names its parameters with underscores, which are not ours to use.
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_and_record(AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_and_record(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_and_record(folder, path, flags, mode);
}

int openat64(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_and_record(folder, path, flags, mode);
}

int close(int file) {
  Journal& journal = Journal::get();
  const std::scoped_lock lock(journal.mutex);
  journal.closed(file);
  return real<int (*)(int)>("close")(file);
}

int fcntl(int file, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  const int result = real<int (*)(int, int, ...)>("fcntl")(file, command, argument);
  if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) {
    Journal& journal = Journal::get();
    const std::scoped_lock lock(journal.mutex);
    journal.opened(result);
  }
  return result;
}

int fcntl64(int file, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  return fcntl(file, command, argument);
}

ssize_t write(int file, const void* bytes, size_t length) {
  const auto write = [&] {
    return real<ssize_t (*)(int, const void*, size_t)>("write")(file, bytes, length);
  };
  // Not every stream takes its turn: a pipe may be full for long.
  return Journal::get().is_below(file) ? write_and_record(file, bytes, -1, write) : write();
}

ssize_t pwrite64(int file, const void* bytes, size_t length, off64_t offset) {
  return write_and_record(file, bytes, offset, [&] {
    return real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64")(file, bytes, length,
                                                                            offset);
  });
}

ssize_t pwrite(int file, const void* bytes, size_t length, off_t offset) {
  return pwrite64(file, bytes, length, offset);
}

int fsync(int file) { return sync_and_record(file, "fsync"); }
int fdatasync(int file) { return sync_and_record(file, "fdatasync"); }

int ftruncate64(int file, off64_t length) {
  Journal& journal = Journal::get();
  const std::scoped_lock lock(journal.mutex);
  const int done = real<int (*)(int, off64_t)>("ftruncate64")(file, length);
  if (done == 0 && journal.is_below(file)) {
    journal.record(line("length", {inode_of(file), static_cast<unsigned long>(length)}));
  }
  return done;
}

int ftruncate(int file, off_t length) { return ftruncate64(file, length); }

int renameat2(int old_folder, const char* old_path, int new_folder, const char* new_path,
              unsigned flags) {
  Journal& journal = Journal::get();
  const std::scoped_lock lock(journal.mutex);
  const Place from = journal.place_of(old_folder, old_path);
  const Place to = journal.place_of(new_folder, new_path);
  const int done = real<int (*)(int, const char*, int, const char*, unsigned)>("renameat2")(
      old_folder, old_path, new_folder, new_path, flags);
  if (done == 0 && from.folder != 0) {
    const char* word = (flags & RENAME_EXCHANGE) != 0 ? "exchange" : "rename";
    journal.record(line(word, {from.folder, to.folder}, {from.name, to.name}));
  }
  return done;
}

int rename(const char* old_path, const char* new_path) {
  return renameat2(AT_FDCWD, old_path, AT_FDCWD, new_path, 0);
}

int linkat(int old_folder, const char* old_path, int new_folder, const char* new_path, int flags) {
  const auto link = [&] {
    return real<int (*)(int, const char*, int, const char*, int)>("linkat")(
        old_folder, old_path, new_folder, new_path, flags);
  };
  return name_and_record(new_folder, new_path, link, [&](const Place& place) {
    return line("link", {place.folder, inode_at(new_folder, new_path)}, {place.name});
  });
}

int unlinkat(int folder, const char* path, int flags) {
  return remove_and_record(folder, path, [&] {
    return real<int (*)(int, const char*, int)>("unlinkat")(folder, path, flags);
  });
}

int unlink(const char* path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char* path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char* path) {
  return remove_and_record(AT_FDCWD, path,
                           [&] { return real<int (*)(const char*)>("remove")(path); });
}

int mkdirat(int folder, const char* path, mode_t mode) {
  const auto make = [&] {
    return real<int (*)(int, const char*, mode_t)>("mkdirat")(folder, path, mode);
  };
  return name_and_record(folder, path, make, [&](const Place& place) {
    return line("mkdir", {place.folder, inode_at(folder, path)}, {place.name});
  });
}

int mkdir(const char* path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
