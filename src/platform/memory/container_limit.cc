#include "platform/memory/container_limit.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string_view>

namespace cdclake::memory {
namespace {

/// Version 1 says "no limit" with a number near the largest there is.
constexpr std::int64_t kNoLimit = std::int64_t{1} << 60;

std::optional<std::int64_t> read_number(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  if (!(file >> text)) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number >= kNoLimit) return std::nullopt;  // `max`.
  return number;
}

/// The least limit of a group and of those above it.
std::optional<std::int64_t> least_of(const std::string& mount, std::string group,
                                     const std::string& name) {
  std::optional<std::int64_t> least;
  for (;;) {
    const auto limit = read_number(std::string(mount).append(group).append("/").append(name));
    if (limit && (!least || *limit < *least)) least = limit;
    if (group.empty()) return least;
    group.resize(group.find_last_of('/'));
  }
}

}  // namespace

std::optional<std::int64_t> container_limit(const std::string& root) {
  // `0::/path` is version 2, `4:memory:/path` the controller of version 1.
  std::ifstream groups(root + "/proc/self/cgroup");
  std::optional<std::int64_t> least;
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos || line.find('/', second) != second + 1) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    std::string group = line.substr(second + 1);
    if (group == "/") group.clear();
    std::optional<std::int64_t> limit;
    if (controllers.empty()) limit = least_of(root + "/sys/fs/cgroup", group, "memory.max");
    if (controllers == "memory") {
      limit = least_of(root + "/sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
    }
    if (limit && (!least || *limit < *least)) least = limit;
  }
  return least;
}

}  // namespace cdclake::memory
