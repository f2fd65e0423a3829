#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "formats/recorded_topic/byte_input.h"

namespace cdclake::recorded_topic {

/// One line without its end. At least `LineReader::kPadding` readable bytes follow it.
struct Line {
  std::string_view text;
  std::int64_t number = 0;  ///< From 1.
};
struct NothingYet {};
struct EndOfInput {};
using NextLine = std::variant<Line, NothingYet, EndOfInput>;

/// Cuts an input into lines. Holds one buffer; it grows for a long line and shrinks again after it.
/// Not thread-safe.
class LineReader {
 public:
  static constexpr std::size_t kPadding = 64;  ///< What simdjson may read past a document.
  static constexpr std::size_t kLineBytesMax = std::size_t{512} * 1024 * 1024;

  explicit LineReader(ByteInput input, std::size_t line_bytes_max = kLineBytesMax);

  /// The next line that is not blank; the last one may lack its newline. Borrowed until the next
  /// call. Waits at most `wait_max`, once. A line past the maximum, give or
  /// take the buffer's next size, is kInvalidConfig.
  Result<NextLine> next(std::chrono::milliseconds wait_max);

  /// An error message about a line, with the file's name.
  std::string describe(std::int64_t number, std::string_view why) const;

 private:
  Line cut(std::size_t line_end, std::size_t next_begin);
  Status make_room();

  ByteInput input_;
  std::size_t line_bytes_max_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;    ///< Of the bytes not yet handed out.
  std::size_t scanned_ = 0;  ///< No newline in `[begin_, scanned_)`.
  std::size_t end_ = 0;
  std::int64_t number_ = 0;
  bool at_end_ = false;
};

}  // namespace cdclake::recorded_topic
