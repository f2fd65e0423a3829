#include "platform/commit/lock_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace cdclake::commit {
namespace {

tl::unexpected<Error> cannot_lock(const std::string& path, int code) {
  return fail(ErrorKind::kUnavailable,
              "cannot lock file: " + std::generic_category().message(code) + " (user id " +
                  std::to_string(geteuid()) + "): " + path);
}

struct flock whole_file() {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return whole;
}

}  // namespace

Result<std::optional<LockFile>> LockFile::try_lock(const std::string& path) {
  lake::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return cannot_lock(path, errno);
  const struct flock whole = whole_file();
  if (::fcntl(file.get(), F_OFD_SETLK, &whole) == 0) return LockFile(std::move(file));
  if (errno == EAGAIN || errno == EACCES) return std::nullopt;
  return cannot_lock(path, errno);
}

Result<bool> LockFile::is_locked(const std::string& path) {
  const lake::Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) return false;
  if (!file.is_open()) return cannot_lock(path, errno);
  struct flock whole = whole_file();
  if (::fcntl(file.get(), F_OFD_GETLK, &whole) != 0) return cannot_lock(path, errno);
  return whole.l_type != F_UNLCK;
}

}  // namespace cdclake::commit
