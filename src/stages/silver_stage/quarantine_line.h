#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "model/record.h"

namespace cdclake::silver_stage {

/// Appends one quarantined record as a line of JSON (docs/formats/stage.md): why it is here, where
/// it stood, and all its bytes, as text where they are valid UTF-8 and in base64 where they are
/// not.
void append_quarantine_line(const model::RawRecord& record, std::string_view reason,
                            std::string_view detail, WallTime quarantined_at, std::string& out);

}  // namespace cdclake::silver_stage
