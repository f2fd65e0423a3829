#pragma once

#include <string_view>

#include "base/result.h"
#include "platform/lake/lake_path.h"
#include "platform/metadata/store_language/lease.h"
#include "platform/metadata/store_language/prepared_file.h"
#include "platform/metadata/store_language/views.h"

/// How our enumerations are written in the store (docs/formats/metadata.md).
namespace cdclake::metadata {

std::string_view to_word(lake::Root root);
std::string_view to_word(FileKind kind);
std::string_view to_word(TableState state);

/// kCorrupt where the word is none of ours.
template <typename Enum>
Result<Enum> from_word(std::string_view word);
template <>
Result<lake::Root> from_word(std::string_view word);
template <>
Result<FileKind> from_word(std::string_view word);
template <>
Result<TableState> from_word(std::string_view word);
template <>
Result<RunStatus> from_word(std::string_view word);

}  // namespace cdclake::metadata
