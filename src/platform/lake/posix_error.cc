#include "platform/lake/posix_error.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace cdclake::lake {
namespace {

std::string reason_of(int code) {
  switch (code) {
    case ENOSPC:
      return "no space left on device (free some, or move the lake)";
    case EDQUOT:
      return "the disk quota is used up";
    case EACCES:
    case EPERM:
      return "permission denied for user id " + std::to_string(geteuid()) +
             " (give it this folder, or run as its owner)";
    case EROFS:
      return "the file system is read-only";
    case EMFILE:
    case ENFILE:
      return "too many open files (raise `ulimit -n`)";
    case EIO:
      return "input/output error (the disk may be failing; see the kernel's log)";
    case ELOOP:
      return "there is a symbolic link inside the lake (replace it by a real file or folder)";
    case EINVAL:
    case ENOSYS:
    case EOPNOTSUPP:
    case EXDEV:
      return "the file system cannot do that (keep the lake on a local ext4, xfs or btrfs)";
    default:
      return std::generic_category().message(code);
  }
}

ErrorKind kind_of(int code) {
  switch (code) {
    case ELOOP:
      return ErrorKind::kCorrupt;
    case EINVAL:
    case ENOSYS:
    case EOPNOTSUPP:
    case EXDEV:
      return ErrorKind::kInvalidConfig;
    default:
      return ErrorKind::kUnavailable;
  }
}

}  // namespace

tl::unexpected<Error> fail_with_errno(std::string_view attempted, std::string_view where,
                                      int code) {
  return fail(kind_of(code), "cannot " + std::string(attempted) + ": " + reason_of(code) + ": " +
                                 std::string(where));
}

}  // namespace cdclake::lake
