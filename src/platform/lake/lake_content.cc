#include <algorithm>
#include <string>

#include "platform/lake/lake_fs.h"

namespace cdclake::lake {
namespace {

constexpr std::int64_t kBlockBytes = 1 << 20;
constexpr std::int64_t kTextBytesMax = 64 << 20;

}  // namespace

Result<std::string> read_text(LakeFs& fs, const LakePath& path) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto file, fs.open(path));
  if (file->size() > kTextBytesMax) {
    return fail(ErrorKind::kCorrupt,
                "cannot read file: it is larger than any text of ours: bytes=" +
                    std::to_string(file->size()) + " " + fs.absolute(path));
  }
  std::string text(static_cast<std::size_t>(file->size()), '\0');
  CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t got, file->read_at(0, file->size(), text.data()));
  text.resize(static_cast<std::size_t>(got));
  return text;
}

Result<Content> read_content(LakeFs& fs, const LakePath& path) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto file, fs.open(path));
  StreamHash128 hash;
  std::string block(static_cast<std::size_t>(std::min(kBlockBytes, file->size())), '\0');
  for (std::int64_t offset = 0; offset < file->size();) {
    CDCLAKE_ASSIGN_OR_RETURN(
        const std::int64_t got,
        file->read_at(offset, static_cast<std::int64_t>(block.size()), block.data()));
    if (got == 0) break;
    hash.update({block.data(), static_cast<std::size_t>(got)});
    offset += got;
  }
  return Content{file->size(), hash.digest()};
}

Status verify_content(LakeFs& fs, const LakePath& path, std::int64_t size, const Hash128& content) {
  CDCLAKE_ASSIGN_OR_RETURN(const Content found, read_content(fs, path));
  if (found.bytes == size && found.hash == content) return {};
  return fail(ErrorKind::kCorrupt,
              "file does not hold what was written: bytes=" + std::to_string(found.bytes) +
                  " expected=" + std::to_string(size) + " hash=" + found.hash.to_hex() +
                  " expected=" + content.to_hex() + ": " + fs.absolute(path));
}

}  // namespace cdclake::lake
