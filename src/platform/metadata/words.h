#pragma once

#include <optional>
#include <string_view>

#include "platform/lake/lake_path.h"
#include "platform/metadata/lease.h"
#include "platform/metadata/prepared_file.h"
#include "platform/metadata/views.h"

/// How our enumerations are written in the store (docs/formats/metadata.md).
namespace cdclake::metadata {

std::string_view to_word(lake::Root root);
std::string_view to_word(FileKind kind);
std::string_view to_word(TableState state);

/// Nothing where the word is none of ours.
template <typename Enum>
std::optional<Enum> from_word(std::string_view word);
template <>
std::optional<lake::Root> from_word(std::string_view word);
template <>
std::optional<FileKind> from_word(std::string_view word);
template <>
std::optional<TableState> from_word(std::string_view word);
template <>
std::optional<RunStatus> from_word(std::string_view word);
template <>
std::optional<Role> from_word(std::string_view word);

}  // namespace cdclake::metadata
