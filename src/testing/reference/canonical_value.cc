#include "testing/reference/canonical_value.h"

#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "base/clock.h"

namespace cdclake::reference {
namespace {

/// `{a,"b \"c\"",NULL}` to its elements; one dimension.
std::vector<Value> parse_postgres_array(std::string_view text) {
  std::vector<Value> elements;
  CDCLAKE_ASSERT(text.size() >= 2 && text.front() == '{' && text.back() == '}');
  text = text.substr(1, text.size() - 2);
  std::size_t at = 0;
  while (at < text.size()) {
    std::string element;
    const bool quoted = text[at] == '"';
    if (quoted) {
      for (++at; text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
        element.push_back(text[at]);
      }
      ++at;
    } else {
      while (at < text.size() && text[at] != ',') element.push_back(text[at++]);
    }
    elements.push_back(!quoted && element == "NULL" ? Value() : Value(element));
    ++at;
  }
  return elements;
}

/// `"k"=>"v", "n"=>NULL` to JSON with sorted keys; without escapes, as in the recordings.
std::string hstore_to_json(std::string_view text) {
  nlohmann::json object = nlohmann::json::object();
  while (!text.empty()) {
    const auto key_end = text.find("\"=>", 1);
    const std::string key(text.substr(1, key_end - 1));
    text.remove_prefix(key_end + 3);
    if (text.starts_with("NULL")) {
      object[key] = nullptr;
      text.remove_prefix(4);
    } else {
      const auto value_end = text.find('"', 1);
      object[key] = std::string(text.substr(1, value_end - 1));
      text.remove_prefix(value_end + 1);
    }
    if (text.starts_with(", ")) text.remove_prefix(2);
  }
  return object.dump();
}

}  // namespace

std::string key_text(const Row& row, const std::vector<std::string>& key_columns) {
  std::string text;
  for (const std::string& column : key_columns) {
    const auto cell = row.find(column);
    CDCLAKE_ASSERT(cell != row.end() && cell->second.has_value());
    text += *cell->second;
    text += '\x1f';
  }
  return text;
}

bool is_array(std::string_view type) { return type.ends_with("[]"); }
std::string_view element_type(std::string_view type) { return type.substr(0, type.size() - 2); }

std::string canonical_numeric(std::string_view text) {
  std::string number(text);
  if (number.find('.') == std::string::npos) return number;
  while (number.back() == '0') number.pop_back();
  if (number.back() == '.') number.pop_back();
  return number == "-0" ? "0" : number;
}

std::string shortest(float value) {
  char out[64];
  return {out, std::to_chars(out, out + sizeof out, value).ptr};
}

std::string shortest(double value) {
  char out[64];
  return {out, std::to_chars(out, out + sizeof out, value).ptr};
}

std::string canonical_float(std::string_view text, std::string_view type) {
  const std::string copy(text);
  return type == "real" ? shortest(std::strtof(copy.c_str(), nullptr))
                        : shortest(std::strtod(copy.c_str(), nullptr));
}

std::string canonical_array(const std::vector<Value>& elements) {
  nlohmann::json array = nlohmann::json::array();
  for (const Value& element : elements)
    array.push_back(element ? nlohmann::json(*element) : nlohmann::json());
  return array.dump();
}

std::string date_text(long long days) {
  return utc_date(
      WallTime{std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::days{days})});
}

std::string timestamp_text(long long micros) {
  std::string text = utc_timestamp(WallTime{std::chrono::microseconds{micros}});
  text[text.find('T')] = ' ';
  text.pop_back();  // The Z.
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string hex_text(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "\\x";
  for (const char byte : bytes) {
    text.push_back(kDigits[static_cast<unsigned char>(byte) >> 4U]);
    text.push_back(kDigits[static_cast<unsigned char>(byte) & 15U]);
  }
  return text;
}

Value from_postgres_text(std::string_view type, const Value& text) {
  if (!text) return std::nullopt;
  if (is_array(type)) {
    std::vector<Value> elements = parse_postgres_array(*text);
    for (Value& element : elements) element = from_postgres_text(element_type(type), element);
    return canonical_array(elements);
  }
  if (type == "numeric") return canonical_numeric(*text);
  if (type == "real" || type == "double precision") return canonical_float(*text, type);
  if (type == "hstore") return hstore_to_json(*text);
  if (type == "timestamp with time zone") {
    CDCLAKE_ASSERT(text->ends_with("+00"));
    return text->substr(0, text->size() - 3);
  }
  return text;
}

}  // namespace cdclake::reference
