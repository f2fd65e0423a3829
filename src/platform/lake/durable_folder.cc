#include "platform/lake/durable_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "platform/lake/beneath.h"

namespace cdclake::lake {
namespace {

constexpr mode_t kFolderMode = 0750;

int sync_folder(const std::filesystem::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.is_open() && ::fsync(opened.get()) == 0 ? 0 : errno;
}

/// Where the folder above may not be read, it is somebody else's, who made this one too.
int sync_above_existing(const std::filesystem::path& folder) {
  const int error = sync_folder(folder.parent_path());
  return error == EACCES ? 0 : error;
}

}  // namespace

int make_durable_folder(const std::filesystem::path& folder) {
  bool is_new = ::mkdir(folder.c_str(), kFolderMode) == 0;
  if (!is_new && errno == ENOENT && folder.has_relative_path()) {
    if (const int error = make_durable_folder(folder.parent_path()); error != 0) return error;
    is_new = ::mkdir(folder.c_str(), kFolderMode) == 0;
  }
  if (is_new) return sync_folder(folder.parent_path());
  return errno == EEXIST ? sync_above_existing(folder) : errno;
}

}  // namespace cdclake::lake
