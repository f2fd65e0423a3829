#include "platform/commit/lock_place.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

namespace cdclake::commit {

std::vector<std::int64_t> LockPlace::epochs() const {
  const std::string prefix = role + ".";
  std::vector<std::int64_t> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(prefix)) continue;
    std::int64_t epoch = 0;
    const char* end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + prefix.size(), end, epoch);
    if (read.ec == std::errc() && read.ptr == end) found.push_back(epoch);
  }
  return found;
}

LockPlace place_of(const std::string& store_path, metadata::Role role) {
  std::error_code error;
  const std::string real_path = std::filesystem::weakly_canonical(store_path, error);
  return {(error ? store_path : real_path) + ".lease", std::string(to_string(role))};
}

Result<LockPlace> make_place(const std::string& store_path, metadata::Role role) {
  LockPlace place = place_of(store_path, role);
  if (::mkdir(place.folder.c_str(), 0700) == 0 || errno == EEXIST) return place;
  return fail(ErrorKind::kUnavailable,
              "cannot make the folder of lock files: " + std::generic_category().message(errno) +
                  " (user id " + std::to_string(geteuid()) + "): " + place.folder);
}

}  // namespace cdclake::commit
