#include "formats/recorded_topic/line_parser.h"

#include <simdjson.h>

#include <array>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "base/base64.h"
#include "formats/recorded_topic/json_string.h"
#include "formats/recorded_topic/line_reader.h"

namespace cdclake::recorded_topic {
namespace {

namespace ondemand = simdjson::ondemand;

static_assert(LineReader::kPadding >= simdjson::SIMDJSON_PADDING);
static_assert(LineReader::kPadding >= kUnescapeSlack);

constexpr std::size_t kUsualLineBytes = std::size_t{1024} * 1024;

enum class Field : std::uint8_t {
  kTopic,
  kPartition,
  kOffset,
  kTimestampType,
  kTimestamp,
  kHeaders,
  kKey,
  kPayload,
  kOther,  ///< kcat adds fields of its own, such as `broker`.
};

enum class Encoding : std::uint8_t { kText, kBase64 };

struct FieldName {
  std::string_view name;
  Field field = Field::kOther;
  Encoding encoding = Encoding::kText;
};

constexpr std::array kFieldNames = {
    FieldName{"topic", Field::kTopic},
    FieldName{"partition", Field::kPartition},
    FieldName{"offset", Field::kOffset},
    FieldName{"tstype", Field::kTimestampType},
    FieldName{"ts", Field::kTimestamp},
    FieldName{"headers", Field::kHeaders},
    FieldName{"key", Field::kKey},
    FieldName{"payload", Field::kPayload},
    FieldName{"headers_base64", Field::kHeaders, Encoding::kBase64},
    FieldName{"key_base64", Field::kKey, Encoding::kBase64},
    FieldName{"payload_base64", Field::kPayload, Encoding::kBase64},
};
constexpr std::array kRequired = {Field::kTopic, Field::kPartition, Field::kOffset, Field::kKey,
                                  Field::kPayload};

FieldName find_field(std::string_view name) {
  for (const FieldName& known : kFieldNames) {
    if (known.name == name) return known;
  }
  return {};
}

std::string_view name_of(Field field) {
  for (const FieldName& known : kFieldNames) {
    if (known.field == field) return known.name;
  }
  return "?";
}

std::optional<model::TimestampType> timestamp_type(std::string_view text) {
  if (text == "create") return model::TimestampType::kCreate;
  if (text == "logappend") return model::TimestampType::kLogAppend;
  if (text == "unknown") return model::TimestampType::kNone;
  return std::nullopt;
}

}  // namespace

/// Every step returns false after it has written down why.
class LineParser::Impl {
 public:
  Result<ParsedLine> parse(std::string_view text, BatchArena& arena,
                           std::vector<model::Header>& headers) {
    line_ = {};
    seen_ = 0;
    headers_ = &headers;
    const std::size_t headers_before = headers.size();
    if (parser_.capacity() > kUsualLineBytes && text.size() <= kUsualLineBytes) {
      parser_ = ondemand::parser();  // A long line before needed much more than this one.
    }
    // No string grows when it is unescaped or decoded.
    char* const begin = arena.reserve(text.size() + kUnescapeSlack);
    cursor_ = begin;
    if (!parse_text(text) || !check_complete()) return fail(ErrorKind::kInvalidConfig, why_);
    arena.take(static_cast<std::size_t>(cursor_ - begin));
    line_.header_count = headers.size() - headers_before;
    return line_;
  }

 private:
  bool parse_text(std::string_view text) {
    if (parser_.capacity() < kUsualLineBytes && !ok(parser_.allocate(kUsualLineBytes)))
      return false;
    ondemand::document document;
    ondemand::object object;
    const simdjson::padded_string_view padded(text.data(), text.size(),
                                              text.size() + simdjson::SIMDJSON_PADDING);
    if (!ok(parser_.iterate(padded).get(document))) return false;
    if (document.get_object().get(object) != simdjson::SUCCESS) return because("not a JSON object");
    for (auto entry : object) {
      ondemand::field field;
      if (!ok(std::move(entry).get(field))) return false;
      const FieldName known = find_field(field.escaped_key());
      if (known.field == Field::kOther) continue;
      if (!mark_seen(known.field) || !read_field(known, field.value())) return false;
    }
    return document.at_end() || because("more text follows the JSON object");
  }

  bool read_field(FieldName known, ondemand::value value) {
    switch (known.field) {
      case Field::kTopic:
        return read_text(known.name, value, line_.topic);
      case Field::kPartition:
        return read_partition(value);
      case Field::kOffset:
        // One less than the largest number: the next offset must be one too.
        return read_integer(known.name, value, line_.record.offset) &&
               ((line_.record.offset >= 0 &&
                 line_.record.offset < std::numeric_limits<std::int64_t>::max()) ||
                because("\"offset\" is out of range"));
      case Field::kTimestampType:
        return read_timestamp_type(value);
      case Field::kTimestamp:
        return read_integer(known.name, value, line_.record.timestamp_ms);
      case Field::kHeaders:
        return read_headers(known, value);
      case Field::kKey:
        return read_bytes(known, value, line_.record.key);
      case Field::kPayload:
        return read_bytes(known, value, line_.record.value);
      case Field::kOther:
        break;
    }
    return true;
  }

  bool read_partition(ondemand::value value) {
    std::int64_t number = 0;
    if (!read_integer("partition", value, number)) return false;
    if (number < 0 || number > std::numeric_limits<std::int32_t>::max()) {
      return because("\"partition\" is out of range");
    }
    line_.partition = static_cast<std::int32_t>(number);
    return true;
  }

  bool read_timestamp_type(ondemand::value value) {
    std::string_view text;
    if (!read_text("tstype", value, text)) return false;
    const auto type = timestamp_type(text);
    if (!type) return because("\"tstype\" is none of create, logappend, unknown");
    line_.record.timestamp_type = *type;
    return true;
  }

  bool read_integer(std::string_view name, ondemand::value value, std::int64_t& out) {
    return value.get_int64().get(out) == simdjson::SUCCESS || because(name, "is not an integer");
  }

  bool read_text(std::string_view name, ondemand::value value, std::string_view& out) {
    ondemand::raw_json_string raw;
    if (value.get_raw_json_string().get(raw) != simdjson::SUCCESS) {
      return because(name, "is not a string");
    }
    char* const end = unescape_json_string(raw.raw(), cursor_);
    if (end == nullptr) return because(name, "has an escape that stands for no character");
    out = {cursor_, static_cast<std::size_t>(end - cursor_)};
    cursor_ = end;
    return true;
  }

  bool read_bytes(FieldName known, ondemand::value value, std::optional<std::string_view>& out) {
    bool is_null = false;
    if (!ok(value.is_null().get(is_null))) return false;
    if (is_null) return true;
    std::string_view text;
    if (!read_text(known.name, value, text)) return false;
    out = text;
    return known.encoding == Encoding::kText || decode(known.name, *out);
  }

  /// Replaces base64 text, the last thing in the arena, by its bytes.
  bool decode(std::string_view name, std::string_view& text) {
    decoded_.clear();
    if (!decode_base64(text, Base64Alphabet::kStandard, decoded_)) {
      return because(name, "is not base64");
    }
    char* const begin = cursor_ - text.size();
    std::memcpy(begin, decoded_.data(), decoded_.size());
    cursor_ = begin + decoded_.size();
    text = {begin, decoded_.size()};
    return true;
  }

  bool read_headers(FieldName known, ondemand::value value) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) {
      return because(known.name, "is not an array of names and values");
    }
    bool expects_name = true;
    for (auto entry : array) {
      ondemand::value item;
      if (!ok(std::move(entry).get(item))) return false;
      if (expects_name) {
        if (!read_text(known.name, item, headers_->emplace_back().key)) return false;
      } else if (!read_bytes(known, item, headers_->back().value)) {
        return false;
      }
      expects_name = !expects_name;
    }
    return expects_name || because(known.name, "ends with a name that has no value");
  }

  bool mark_seen(Field field) {
    const unsigned bit = 1U << static_cast<unsigned>(field);
    if ((seen_ & bit) != 0) return because(name_of(field), "stands there twice");
    seen_ |= bit;
    return true;
  }
  bool has(Field field) const { return (seen_ & (1U << static_cast<unsigned>(field))) != 0; }

  bool check_complete() {
    for (const Field field : kRequired) {
      if (!has(field)) return because(name_of(field), "is missing");
    }
    if (has(Field::kTimestampType) != has(Field::kTimestamp)) {
      return because("\"tstype\" and \"ts\" go together, and one is missing");
    }
    // Old versions of kcat write 0 where there is no timestamp.
    if (line_.record.timestamp_type == model::TimestampType::kNone) line_.record.timestamp_ms = -1;
    return true;
  }

  bool ok(simdjson::error_code code) {
    return code == simdjson::SUCCESS || because(simdjson::error_message(code));
  }
  bool because(std::string_view why) {
    why_ = why;
    return false;
  }
  bool because(std::string_view name, std::string_view what) {
    why_ = std::string("\"").append(name).append("\" ").append(what);
    return false;
  }

  ondemand::parser parser_;
  ParsedLine line_;
  unsigned seen_ = 0;       ///< One bit a field.
  char* cursor_ = nullptr;  ///< Where the next string goes in the arena.
  std::vector<model::Header>* headers_ = nullptr;
  std::string decoded_;
  std::string why_;
};

LineParser::LineParser() : impl_(std::make_unique<Impl>()) {}
LineParser::LineParser(LineParser&&) noexcept = default;
LineParser& LineParser::operator=(LineParser&&) noexcept = default;
LineParser::~LineParser() = default;

Result<ParsedLine> LineParser::parse(std::string_view text, BatchArena& arena,
                                     std::vector<model::Header>& headers) {
  return impl_->parse(text, arena, headers);
}

}  // namespace cdclake::recorded_topic
