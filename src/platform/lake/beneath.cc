#include "platform/lake/beneath.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace cdclake::lake {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close_now();
    number_ = other.release();
  }
  return *this;
}

int Descriptor::release() { return std::exchange(number_, -1); }

int Descriptor::close_now() {
  const int number = release();
  if (number < 0) return 0;
  return ::close(number) == 0 ? 0 : errno;
}

OpenedFolder open_folder_in(int parent, const char* name) {
  const int number = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (number >= 0) return {Descriptor(number), 0};
  const int error = errno;
  struct stat found{};
  if (error == ENOTDIR && ::fstatat(parent, name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
      S_ISLNK(found.st_mode)) {
    return {Descriptor(), ELOOP};
  }
  return {Descriptor(), error};
}

OpenedFolder open_beneath(int root, std::string_view relative) {
  OpenedFolder opened{Descriptor(::fcntl(root, F_DUPFD_CLOEXEC, 0)), 0};
  if (!opened.folder.is_open()) return {Descriptor(), errno};
  while (!relative.empty() && opened.error == 0) {
    const auto slash = relative.find('/');
    const std::string segment(relative.substr(0, slash));
    opened = open_folder_in(opened.folder.get(), segment.c_str());
    relative = slash == std::string_view::npos ? std::string_view() : relative.substr(slash + 1);
  }
  return opened;
}

bool stays_beneath(std::string_view relative) {
  if (relative.empty()) return true;
  if (relative.find('\0') != std::string_view::npos) return false;
  while (true) {
    const auto slash = relative.find('/');
    const std::string_view segment = relative.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (slash == std::string_view::npos) return true;
    relative = relative.substr(slash + 1);
  }
}

}  // namespace cdclake::lake
