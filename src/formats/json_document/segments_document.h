#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/segment.h"

namespace cdclake::json_document {

/// Segments as the footer of a Bronze file keeps them: an array of objects with `topic`,
/// `incarnation`, `partition`, `first`, `next`, `records` and `checksum` (32 hexadecimal digits).
std::string to_json_text(std::span<const model::Segment> segments);

/// The segments back. kCorrupt where the text is none.
Result<std::vector<model::Segment>> parse_segments(std::string_view text);

}  // namespace cdclake::json_document
