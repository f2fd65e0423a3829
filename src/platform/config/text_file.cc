#include "platform/config/text_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace cdclake::config {

Result<std::string> read_text_file(const std::string& path) {
  static constexpr std::size_t kBytesMax = 64 << 20;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  if (file == nullptr) return fail(ErrorKind::kInvalidConfig, std::strerror(errno));
  std::string content;
  std::array<char, 4096> piece{};
  while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), file.get())) {
    content.append(piece.data(), count);
    if (content.size() > kBytesMax) return fail(ErrorKind::kInvalidConfig, "larger than 64 MiB");
  }
  if (std::ferror(file.get()) != 0) return fail(ErrorKind::kInvalidConfig, std::strerror(errno));
  return content;
}

}  // namespace cdclake::config
