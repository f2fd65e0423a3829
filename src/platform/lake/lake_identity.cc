#include "platform/lake/lake_identity.h"

#include <charconv>
#include <string>

#include "base/ids.h"

namespace cdclake::lake {
namespace {

constexpr int kLakeFormat = 1;
constexpr std::string_view kFormatKey = "\"format\":";
constexpr std::string_view kIdKey = "\"lake_id\":";

tl::unexpected<Error> unreadable(LakeFs& fs, Root root) {
  return fail(ErrorKind::kCorrupt,
              "the mark of the lake cannot be read: " + fs.absolute(identity_path(root)));
}

/// What follows a key in the mark, from its first character of `set` on.
std::string_view after(std::string_view text, std::string_view key, const char* set) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  const std::size_t value = text.find_first_of(set, at + key.size());
  return value == std::string_view::npos ? std::string_view() : text.substr(value);
}

}  // namespace

LakePath identity_path(Root root) { return private_folder(root) / "lake.json"; }

Status write_identity(LakeFs& fs, Root root) {
  const LakePath draft = private_folder(root) / ("lake-" + random_hex_id());
  CDCLAKE_ASSIGN_OR_RETURN(const auto file, fs.create(draft));
  CDCLAKE_RETURN_IF_ERROR(file->append("{" + std::string(kFormatKey) + " " +
                                       std::to_string(kLakeFormat) + ", " + std::string(kIdKey) +
                                       " \"" + random_hex_id() + "\"}\n"));
  CDCLAKE_RETURN_IF_ERROR(file->sync_and_close());
  const Status named = fs.rename(draft, identity_path(root));
  if (!named) {
    CDCLAKE_RETURN_IF_ERROR(fs.remove_file(draft));
    if (named.error().kind != ErrorKind::kConflict) return named;
  }
  return fs.sync_folder(private_folder(root));
}

Status check_identity(LakeFs& fs, Root root) {
  CDCLAKE_ASSIGN_OR_RETURN(const std::string text, read_text(fs, identity_path(root)));
  const std::string_view digits = after(text, kFormatKey, "0123456789");
  int format = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), format).ec != std::errc()) {
    return unreadable(fs, root);
  }
  if (format <= kLakeFormat) return {};
  return fail(
      ErrorKind::kInvalidConfig,
      "the lake was made by a newer cdclake (use that one): format=" + std::to_string(format) +
          " known=" + std::to_string(kLakeFormat) + ": " + fs.absolute(identity_path(root)));
}

Result<std::string> lake_id(LakeFs& fs, Root root) {
  CDCLAKE_ASSIGN_OR_RETURN(const std::string text, read_text(fs, identity_path(root)));
  const std::string_view quoted = after(text, kIdKey, "\"");
  const std::size_t end = quoted.find('"', 1);
  if (end == std::string_view::npos) return unreadable(fs, root);
  return std::string(quoted.substr(1, end - 1));
}

Result<bool> holds_tables(LakeFs& fs, Root root) {
  const LakePath top{root, ""};
  for (const char* folder :
       {"cdc", "stage_events", "stage_events_quarantine", "current", "current_data"}) {
    CDCLAKE_ASSIGN_OR_RETURN(const Entry found, fs.stat(top / folder));
    if (found.type != EntryType::kAbsent) return true;
  }
  return false;
}

}  // namespace cdclake::lake
