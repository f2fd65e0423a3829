#include "platform/metadata/store_language/words.h"

#include <array>
#include <string>
#include <utility>

#include "base/assert.h"

namespace cdclake::metadata {
namespace {

template <typename Enum, std::size_t Size>
using Words = std::array<std::pair<Enum, std::string_view>, Size>;

constexpr Words<lake::Root, 2> kRoots = {{
    {lake::Root::kBronze, "bronze"},
    {lake::Root::kSilver, "silver"},
}};
constexpr Words<FileKind, 6> kKinds = {{
    {FileKind::kBronzePart, "bronze_part"},
    {FileKind::kBronzeCompacted, "bronze_compacted"},
    {FileKind::kStage, "stage"},
    {FileKind::kQuarantine, "quarantine"},
    {FileKind::kCurrent, "current"},
    {FileKind::kSchema, "schema"},
}};
constexpr Words<TableState, 3> kStates = {{
    {TableState::kActive, "active"},
    {TableState::kRefused, "refused"},
    {TableState::kStopped, "stopped"},
}};
constexpr Words<RunStatus, 4> kStatuses = {{
    {RunStatus::kRunning, "RUNNING"},
    {RunStatus::kSuccess, "SUCCESS"},
    {RunStatus::kFailed, "FAILED"},
    {RunStatus::kAborted, "ABORTED"},
}};
constexpr Words<Role, 5> kRoles = {{
    {Role::kBronzeWrite, "bronze_write"},
    {Role::kBronzeCompact, "bronze_compact"},
    {Role::kSilverStage, "silver_stage"},
    {Role::kSilverMerge, "silver_merge"},
    {Role::kUpkeep, "upkeep"},
}};

template <typename Enum, std::size_t Size>
std::string_view word_of(const Words<Enum, Size>& words, Enum value) {
  for (const auto& [known, word] : words) {
    if (known == value) return word;
  }
  CDCLAKE_ASSERT(!"an enumerator without a word");
  return "";
}

template <typename Enum, std::size_t Size>
Result<Enum> value_of(const Words<Enum, Size>& words, std::string_view text) {
  for (const auto& [value, word] : words) {
    if (word == text) return value;
  }
  return fail(ErrorKind::kCorrupt,
              "the metadata store holds a word that is none of ours: " + std::string(text));
}

}  // namespace

std::string_view to_word(lake::Root root) { return word_of(kRoots, root); }
std::string_view to_word(FileKind kind) { return word_of(kKinds, kind); }
std::string_view to_word(TableState state) { return word_of(kStates, state); }
std::string_view to_string(RunStatus status) { return word_of(kStatuses, status); }
std::string_view to_string(Role role) { return word_of(kRoles, role); }

template <>
Result<lake::Root> from_word(std::string_view word) {
  return value_of(kRoots, word);
}
template <>
Result<FileKind> from_word(std::string_view word) {
  return value_of(kKinds, word);
}
template <>
Result<TableState> from_word(std::string_view word) {
  return value_of(kStates, word);
}
template <>
Result<RunStatus> from_word(std::string_view word) {
  return value_of(kStatuses, word);
}

}  // namespace cdclake::metadata
