#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/record.h"

namespace cdclake::recorded_topic {

/// Appends `record` to `out` as one line with its newline, such that reading it gives the same
/// record: bytes that are not UTF-8 go into `key_base64`, `payload_base64`, `headers_base64`.
/// kInvalidConfig, with `out` as it was, for a header name that is not UTF-8: the form has no
/// place for it.
Status append_line(const model::RawRecord& record, std::string& out);

}  // namespace cdclake::recorded_topic
