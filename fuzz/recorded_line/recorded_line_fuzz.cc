// Parses any bytes as a line of a recorded topic. What is taken for a record must be written and
// read again as the same record.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "formats/recorded_topic/line_parser.h"
#include "formats/recorded_topic/line_reader.h"
#include "formats/recorded_topic/recorded_topic_writer.h"

using cdclake::recorded_topic::BatchArena;
using cdclake::recorded_topic::LineParser;
using cdclake::recorded_topic::LineReader;
using cdclake::recorded_topic::ParsedLine;

namespace {

/// A buffer of just the size that is asked for, so that the sanitizer sees every step too far.
std::vector<char> padded(std::string_view text) {
  std::vector<char> buffer(text.begin(), text.end());
  buffer.resize(text.size() + LineReader::kPadding);
  return buffer;
}

class Parsing {
 public:
  Parsing(LineParser& parser, std::string_view text)
      : buffer_(padded(text)),
        result_(parser.parse({buffer_.data(), text.size()}, arena_, headers_)) {}

  bool is_record() const { return result_.has_value(); }
  const ParsedLine& line() const { return *result_; }
  const std::vector<cdclake::model::Header>& headers() const { return headers_; }

 private:
  std::vector<char> buffer_;
  BatchArena arena_;
  std::vector<cdclake::model::Header> headers_;
  cdclake::Result<ParsedLine> result_;
};

bool same(const Parsing& a, const Parsing& b) {
  const auto& left = a.line().record;
  const auto& right = b.line().record;
  const auto same_header = [](const auto& x, const auto& y) {
    return x.key == y.key && x.value == y.value;
  };
  return a.line().topic == b.line().topic && a.line().partition == b.line().partition &&
         left.offset == right.offset && left.timestamp_ms == right.timestamp_ms &&
         left.timestamp_type == right.timestamp_type && left.key == right.key &&
         left.value == right.value && std::ranges::equal(a.headers(), b.headers(), same_header);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static LineParser parser;
  const Parsing first(parser, {reinterpret_cast<const char*>(data), size});
  if (!first.is_record()) return 0;

  const cdclake::model::PartitionId partition{std::string(first.line().topic), "recorded:1",
                                              first.line().partition};
  cdclake::model::RawRecord record = first.line().record;
  record.partition = &partition;
  record.headers = first.headers();
  std::string written;
  CDCLAKE_ASSERT(cdclake::recorded_topic::append_line(record, written).has_value());
  written.pop_back();
  const Parsing second(parser, written);
  CDCLAKE_ASSERT(second.is_record() && same(first, second));
  return 0;
}
