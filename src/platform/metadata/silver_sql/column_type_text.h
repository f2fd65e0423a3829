#pragma once

#include <optional>
#include <string_view>

#include "model/column_type.h"

namespace cdclake::metadata {

/// Reads what `model::to_string(ColumnType)` writes; nothing where the text is none of it.
std::optional<model::ColumnType> column_type_from_text(std::string_view text);

}  // namespace cdclake::metadata
