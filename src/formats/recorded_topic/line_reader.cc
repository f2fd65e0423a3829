#include "formats/recorded_topic/line_reader.h"

#include <cstring>
#include <span>
#include <utility>

namespace cdclake::recorded_topic {
namespace {

constexpr std::size_t kUsualBufferBytes = std::size_t{1024} * 1024;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

LineReader::LineReader(ByteInput input, std::size_t line_bytes_max)
    : input_(std::move(input)),
      line_bytes_max_(line_bytes_max),
      buffer_(kUsualBufferBytes + kPadding) {}

std::string LineReader::describe(std::int64_t number, std::string_view why) const {
  return "cannot read the recorded topic: line " + std::to_string(number) + ": " +
         std::string(why) + ": input=" + input_.path();
}

Result<NextLine> LineReader::next(std::chrono::milliseconds wait_max) {
  for (;;) {
    const char* data = buffer_.data();
    const void* newline = std::memchr(data + scanned_, '\n', end_ - scanned_);
    if (newline != nullptr) {
      const auto line_end = static_cast<std::size_t>(static_cast<const char*>(newline) - data);
      const Line line = cut(line_end, line_end + 1);
      if (is_blank(line.text)) continue;
      return line;
    }
    scanned_ = end_;
    if (at_end_) {
      if (begin_ == end_) return EndOfInput{};
      const Line line = cut(end_, end_);
      if (is_blank(line.text)) continue;
      return line;
    }
    CDCLAKE_RETURN_IF_ERROR(make_room());
    const std::span<char> room(buffer_.data() + end_, buffer_.size() - kPadding - end_);
    CDCLAKE_ASSIGN_OR_RETURN(const InputRead read, input_.read(room, wait_max));
    end_ += read.size;
    at_end_ = read.at_end;
    if (read.size == 0 && !at_end_) return NothingYet{};
    wait_max = std::chrono::milliseconds(0);
  }
}

Line LineReader::cut(std::size_t line_end, std::size_t next_begin) {
  const Line line{.text = {buffer_.data() + begin_, line_end - begin_}, .number = ++number_};
  begin_ = next_begin;
  scanned_ = next_begin;
  return line;
}

/// Leaves room for a read of some size before the padding.
Status LineReader::make_room() {
  const std::size_t capacity = buffer_.size() - kPadding;
  const std::size_t kept = end_ - begin_;
  if (capacity - end_ >= capacity / 4) return {};
  if (kept >= line_bytes_max_) {
    return fail(ErrorKind::kInvalidConfig,
                describe(number_ + 1, "longer than " + std::to_string(line_bytes_max_) +
                                          " bytes, so this is no recorded topic"));
  }
  std::size_t wanted = capacity;
  if (kept > capacity / 2) {
    wanted = capacity * 2;
  } else if (kept < kUsualBufferBytes / 4) {
    wanted = kUsualBufferBytes;
  }
  if (wanted == capacity) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, kept);
  } else {
    std::vector<char> resized(wanted + kPadding);
    std::memcpy(resized.data(), buffer_.data() + begin_, kept);
    buffer_ = std::move(resized);
  }
  begin_ = 0;
  scanned_ = kept;
  end_ = kept;
  return {};
}

}  // namespace cdclake::recorded_topic
