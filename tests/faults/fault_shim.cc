// Loaded before the C library into a program under test: lets the n-th operation on files below a
// folder fail, as a disk does, whoever asks for it: our own code, SQLite, the log.
//
//   FAULT_BELOW    the folder, with a slash; operations elsewhere are neither counted nor failed
//   FAULT_AT       n, from 1; 0 counts only
//   FAULT_KIND     EIO, ENOSPC (operations that write), or SHORT (half of a write is done)
//   FAULT_ONWARD   1: the disk stays broken
//   FAULT_REPORT   a file that gets the number of operations counted, at the end of the
//                  process, and the one that failed
//
// Counts what can fail on a disk: opening, reading, writing, syncing, naming, making and removing.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

enum class Effect { kReads, kWrites };

constexpr int kDescriptorsMax = 4096;

class Shim {
 public:
  static Shim& get() {
    static Shim shim;
    return shim;
  }

  /// Whether the operation on the path or descriptor is the one to fail.
  bool fails(const char* operation, Effect effect, bool is_below) {
    if (!is_below) return false;
    if (is_full_disk_ && effect == Effect::kReads) return false;
    const long number = count_.fetch_add(1) + 1;
    const bool is_meant = at_ > 0 && (number == at_ || (goes_on_ && number > at_));
    if (is_meant && number == at_) report(operation, number);
    return is_meant;
  }

  bool is_below(const char* path) const {
    return !below_.empty() && std::string_view(path).starts_with(below_);
  }
  bool is_below(int descriptor) const {
    return descriptor >= 0 && descriptor < kDescriptorsMax && below_descriptors_[descriptor].load();
  }
  /// A name in a folder that is open.
  bool is_below(int folder, const char* name) const {
    return name[0] == '/' || folder == AT_FDCWD ? is_below(name) : is_below(folder);
  }

  void opened(int descriptor) {
    if (descriptor < 0 || descriptor >= kDescriptorsMax) return;
    below_descriptors_[descriptor] = is_below(path_of(descriptor).c_str());
  }

  /// Notes that a sync of a file of the lake has failed. Whoever syncs it again has not understood
  /// that its bytes may be gone (SQLite writes a log's frames anew before).
  void sync_failed(int file) {
    struct stat found{};
    const bool is_file = ::fstat(file, &found) == 0 && S_ISREG(found.st_mode);
    if (is_file && path_of(file).find(".sqlite") == std::string::npos) failed_inode_ = found.st_ino;
  }
  void synced(int file) {
    if (failed_inode_ != 0 && inode_of(file) == failed_inode_)
      report("synced-again", count_.load());
  }

  int error() const { return error_; }
  bool is_short() const { return is_short_; }

 private:
  Shim() {
    const auto text = [](const char* name) {
      const char* value = std::getenv(name);
      return std::string_view(value == nullptr ? "" : value);
    };
    below_ = text("FAULT_BELOW");
    report_ = std::getenv("FAULT_REPORT");
    at_ = std::strtol(text("FAULT_AT").data(), nullptr, 10);
    goes_on_ = text("FAULT_ONWARD") == "1";
    const std::string_view kind = text("FAULT_KIND");
    is_short_ = kind == "SHORT";
    is_full_disk_ = kind == "ENOSPC" || is_short_;
    error_ = is_full_disk_ ? ENOSPC : EIO;
  }
  ~Shim() { report("counted", count_.load()); }

  static std::string path_of(int descriptor) {
    char link[64];
    char target[PATH_MAX];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const long length = syscall(SYS_readlink, link, target, sizeof target - 1);
    return {target, length > 0 ? static_cast<size_t>(length) : 0};
  }

  static unsigned long inode_of(int file) {
    struct stat found{};
    return ::fstat(file, &found) == 0 ? found.st_ino : 0;
  }

  void report(const char* what, long number) {
    if (report_ == nullptr) return;
    char line[128];
    const int length = std::snprintf(line, sizeof line, "%s %ld\n", what, number);
    const long file = syscall(SYS_openat, AT_FDCWD, report_, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file < 0) return;
    syscall(SYS_write, file, line, length);
    syscall(SYS_close, file);
  }

  std::string_view below_;
  const char* report_ = nullptr;
  long at_ = 0;
  bool goes_on_ = false;
  bool is_full_disk_ = false;
  bool is_short_ = false;
  int error_ = EIO;
  std::atomic<long> count_ = 0;
  std::atomic<unsigned long> failed_inode_ = 0;
  std::atomic<bool> below_descriptors_[kDescriptorsMax] = {};
};

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

int failed() {
  errno = Shim::get().error();
  return -1;
}

Effect effect_of(int flags) {
  return (flags & (O_CREAT | O_TRUNC)) != 0 ? Effect::kWrites : Effect::kReads;
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(arguments, int)) : 0;
}

template <typename Write>
ssize_t write_or_fail(int file, size_t length, Write write) {
  Shim& shim = Shim::get();
  if (!shim.fails("write", Effect::kWrites, shim.is_below(file))) return write(length);
  return shim.is_short() && length > 1 ? write(length / 2) : failed();
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
  Shim& shim = Shim::get();
  if (shim.fails("open", effect_of(flags), shim.is_below(path))) return failed();
  const int file = real<int (*)(const char*, int, ...)>("open")(path, flags, mode);
  shim.opened(file);
  return file;
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  Shim& shim = Shim::get();
  if (shim.fails("open", effect_of(flags), shim.is_below(folder, path))) return failed();
  const int file = real<int (*)(int, const char*, int, ...)>("openat")(folder, path, flags, mode);
  shim.opened(file);
  return file;
}

int openat64(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return openat(folder, path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) {
  Shim& shim = Shim::get();
  const Effect effect = mode[0] == 'r' ? Effect::kReads : Effect::kWrites;
  if (shim.fails("fopen", effect, shim.is_below(path))) {
    errno = shim.error();
    return nullptr;
  }
  return real<FILE* (*)(const char*, const char*)>("fopen")(path, mode);
}

FILE* fopen64(const char* path, const char* mode) { return fopen(path, mode); }

int fcntl(int file, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  const int result = real<int (*)(int, int, ...)>("fcntl")(file, command, argument);
  if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) Shim::get().opened(result);
  return result;
}

int fcntl64(int file, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  return fcntl(file, command, argument);
}

ssize_t read(int file, void* out, size_t length) {
  Shim& shim = Shim::get();
  if (shim.fails("read", Effect::kReads, shim.is_below(file))) return failed();
  return real<ssize_t (*)(int, void*, size_t)>("read")(file, out, length);
}

ssize_t pread64(int file, void* out, size_t length, off64_t offset) {
  Shim& shim = Shim::get();
  if (shim.fails("read", Effect::kReads, shim.is_below(file))) return failed();
  return real<ssize_t (*)(int, void*, size_t, off64_t)>("pread64")(file, out, length, offset);
}

ssize_t pread(int file, void* out, size_t length, off_t offset) {
  return pread64(file, out, length, offset);
}

ssize_t write(int file, const void* bytes, size_t length) {
  return write_or_fail(file, length, [&](size_t some) {
    return real<ssize_t (*)(int, const void*, size_t)>("write")(file, bytes, some);
  });
}

ssize_t pwrite64(int file, const void* bytes, size_t length, off64_t offset) {
  return write_or_fail(file, length, [&](size_t some) {
    return real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64")(file, bytes, some,
                                                                            offset);
  });
}

ssize_t pwrite(int file, const void* bytes, size_t length, off_t offset) {
  return pwrite64(file, bytes, length, offset);
}

int fsync(int file) {
  Shim& shim = Shim::get();
  if (shim.fails("fsync", Effect::kWrites, shim.is_below(file))) {
    shim.sync_failed(file);
    return failed();
  }
  shim.synced(file);
  return real<int (*)(int)>("fsync")(file);
}

int fdatasync(int file) {
  Shim& shim = Shim::get();
  if (shim.fails("fdatasync", Effect::kWrites, shim.is_below(file))) return failed();
  return real<int (*)(int)>("fdatasync")(file);
}

int ftruncate64(int file, off64_t length) {
  Shim& shim = Shim::get();
  if (shim.fails("ftruncate", Effect::kWrites, shim.is_below(file))) return failed();
  return real<int (*)(int, off64_t)>("ftruncate64")(file, length);
}

int ftruncate(int file, off_t length) { return ftruncate64(file, length); }

int renameat2(int old_folder, const char* old_name, int new_folder, const char* new_name,
              unsigned flags) {
  Shim& shim = Shim::get();
  if (shim.fails("rename", Effect::kWrites, shim.is_below(old_folder, old_name))) return failed();
  return real<int (*)(int, const char*, int, const char*, unsigned)>("renameat2")(
      old_folder, old_name, new_folder, new_name, flags);
}

int linkat(int old_folder, const char* old_name, int new_folder, const char* new_name, int flags) {
  Shim& shim = Shim::get();
  if (shim.fails("link", Effect::kWrites, shim.is_below(old_folder, old_name))) return failed();
  return real<int (*)(int, const char*, int, const char*, int)>("linkat")(
      old_folder, old_name, new_folder, new_name, flags);
}

int unlinkat(int folder, const char* name, int flags) {
  Shim& shim = Shim::get();
  if (shim.fails("unlink", Effect::kWrites, shim.is_below(folder, name))) return failed();
  return real<int (*)(int, const char*, int)>("unlinkat")(folder, name, flags);
}

int unlink(const char* path) {
  Shim& shim = Shim::get();
  if (shim.fails("unlink", Effect::kWrites, shim.is_below(path))) return failed();
  return real<int (*)(const char*)>("unlink")(path);
}

int mkdirat(int folder, const char* name, mode_t mode) {
  Shim& shim = Shim::get();
  if (shim.fails("mkdir", Effect::kWrites, shim.is_below(folder, name))) return failed();
  return real<int (*)(int, const char*, mode_t)>("mkdirat")(folder, name, mode);
}

int mkdir(const char* path, mode_t mode) {
  Shim& shim = Shim::get();
  if (shim.fails("mkdir", Effect::kWrites, shim.is_below(path))) return failed();
  return real<int (*)(const char*, mode_t)>("mkdir")(path, mode);
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
