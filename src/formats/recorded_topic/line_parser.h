#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/recorded_topic/batch_arena.h"
#include "model/record.h"

namespace cdclake::recorded_topic {

/// A line, decoded; its bytes lie in the arena. `record.partition` is for the caller to set.
struct ParsedLine {
  std::string_view topic;
  std::int32_t partition = 0;
  model::RawRecord record;       ///< Without its headers.
  std::size_t header_count = 0;  ///< As many were appended to `headers`.
};

/// Turns one line into one record. Reused from line to line, so that its buffers are too.
class LineParser {
 public:
  LineParser();
  LineParser(LineParser&&) noexcept;
  LineParser& operator=(LineParser&&) noexcept;
  ~LineParser();

  /// `text` has `LineReader::kPadding` readable bytes behind it. On kInvalidConfig the message says
  /// what is wrong with the line, without any value of it, and arena and headers hold leftovers.
  Result<ParsedLine> parse(std::string_view text, BatchArena& arena,
                           std::vector<model::Header>& headers);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::recorded_topic
