#include "formats/debezium/table_plans/connector_settings.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "formats/exact_values/uuid_text.h"

namespace cdclake::debezium {
namespace {

template <typename Mode>
using Word = std::pair<std::string_view, Mode>;

constexpr std::array<Word<DecimalMode>, 3> kDecimalModes{{{"precise", DecimalMode::kPrecise},
                                                          {"string", DecimalMode::kString},
                                                          {"double", DecimalMode::kDouble}}};
constexpr std::array<Word<TimePrecisionMode>, 7> kTimeModes{{
    {"adaptive", TimePrecisionMode::kAdaptive},
    {"adaptive_time_microseconds", TimePrecisionMode::kAdaptiveMicroseconds},
    {"connect", TimePrecisionMode::kConnect},
    {"isostring", TimePrecisionMode::kIsoString},
    {"microseconds", TimePrecisionMode::kMicroseconds},
    {"nanoseconds", TimePrecisionMode::kNanoseconds},
    {"structured", TimePrecisionMode::kStructured},
}};
constexpr std::array<Word<BinaryMode>, 4> kBinaryModes{{
    {"bytes", BinaryMode::kBytes},
    {"base64", BinaryMode::kBase64},
    {"base64-url-safe", BinaryMode::kBase64UrlSafe},
    {"hex", BinaryMode::kHex},
}};
constexpr std::array<Word<HstoreMode>, 2> kHstoreModes{
    {{"json", HstoreMode::kJson}, {"map", HstoreMode::kMap}}};
constexpr std::array<Word<DecimalFormat>, 2> kDecimalFormats{
    {{"BASE64", DecimalFormat::kBase64}, {"NUMERIC", DecimalFormat::kNumeric}}};
constexpr const char* kDecimalFormat = "value.converter.decimal.format";

using Properties = std::map<std::string, std::string>;

template <typename Mode>
Status read_mode(const Properties& properties, const std::string& key,
                 std::span<const Word<Mode>> words, Mode& mode) {
  const auto found = properties.find(key);
  if (found == properties.end()) return {};
  std::string allowed;
  for (const auto& [word, value] : words) {
    if (found->second == word) {
      mode = value;
      return {};
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  }
  return fail(ErrorKind::kInvalidConfig, "connector setting " + key + " must be one of " + allowed +
                                             ": it is \"" + found->second + "\"");
}

/// Connect takes its words in any case.
Status read_decimal_format(Properties properties, DecimalFormat& format) {
  const auto found = properties.find(kDecimalFormat);
  if (found == properties.end()) return {};
  std::ranges::transform(found->second, found->second.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return read_mode<DecimalFormat>(properties, kDecimalFormat, kDecimalFormats, format);
}

/// Last-write-wins by such a key would merge rows that are distinct.
Status refuse_other_keys(const Properties& properties) {
  const auto found = properties.find("message.key.columns");
  if (found == properties.end() || found->second.empty()) return {};
  return fail(
      ErrorKind::kInvalidConfig,
      "connector setting message.key.columns is not supported, because rows that share such "
      "a key would become one: take it off the connector and take a new snapshot");
}

template <typename Mode>
std::string word_of(Mode mode, std::span<const Word<Mode>> words) {
  for (const auto& [word, value] : words) {
    if (value == mode) return std::string(word);
  }
  CDCLAKE_ASSERT(!"a mode without a word");
  return {};
}

/// `hex:` introduces the placeholder's bytes.
Status read_placeholder(const Properties& properties, std::string& placeholder) {
  const std::string key = "unavailable.value.placeholder";
  const auto found = properties.find(key);
  if (found == properties.end()) return {};
  placeholder = found->second;
  if (placeholder.starts_with("hex:")) {
    const std::string digits = placeholder.substr(4);
    placeholder.assign(digits.size() / 2, '\0');
    if (exact_values::parse_hex(digits, placeholder.data()) != exact_values::Parsed::kOk) {
      return fail(ErrorKind::kInvalidConfig,
                  "connector setting " + key + " must hold pairs of hexadecimal digits after hex:");
    }
  }
  if (placeholder.empty()) {
    return fail(ErrorKind::kInvalidConfig, "connector setting " + key + " must not be empty");
  }
  return {};
}

/// As `read_placeholder` reads it; bytes that are no plain text, or would be read as hexadecimal,
/// are spelled so.
std::string placeholder_text(const std::string& placeholder) {
  const bool plain = std::ranges::all_of(placeholder, [](char c) { return c >= ' ' && c <= '~'; });
  if (plain && !placeholder.starts_with("hex:")) return placeholder;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text = "hex:";
  for (const char c : placeholder) {
    text += kHex[static_cast<unsigned char>(c) >> 4];
    text += kHex[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

}  // namespace

Result<ConnectorSettings> ConnectorSettings::from_properties(const Properties& properties) {
  ConnectorSettings settings;
  CDCLAKE_RETURN_IF_ERROR(refuse_other_keys(properties));
  CDCLAKE_RETURN_IF_ERROR((read_mode<DecimalMode>(properties, "decimal.handling.mode",
                                                  kDecimalModes, settings.decimal)));
  CDCLAKE_RETURN_IF_ERROR(
      (read_mode<TimePrecisionMode>(properties, "time.precision.mode", kTimeModes, settings.time)));
  CDCLAKE_RETURN_IF_ERROR(
      (read_mode<BinaryMode>(properties, "binary.handling.mode", kBinaryModes, settings.binary)));
  CDCLAKE_RETURN_IF_ERROR(
      (read_mode<HstoreMode>(properties, "hstore.handling.mode", kHstoreModes, settings.hstore)));
  CDCLAKE_RETURN_IF_ERROR(read_decimal_format(properties, settings.decimal_format));
  CDCLAKE_RETURN_IF_ERROR(read_placeholder(properties, settings.placeholder));
  const auto signals = properties.find("signal.data.collection");
  if (signals != properties.end()) settings.signal_table = signals->second;
  return settings;
}

Properties ConnectorSettings::to_properties() const {
  Properties properties{
      {"decimal.handling.mode", word_of<DecimalMode>(decimal, kDecimalModes)},
      {"time.precision.mode", word_of<TimePrecisionMode>(time, kTimeModes)},
      {"binary.handling.mode", word_of<BinaryMode>(binary, kBinaryModes)},
      {"hstore.handling.mode", word_of<HstoreMode>(hstore, kHstoreModes)},
      {"unavailable.value.placeholder", placeholder_text(placeholder)},
  };
  // Defaults that came later are left out, so that schemas stored before keep their names.
  if (decimal_format != DecimalFormat{}) {
    properties.emplace(kDecimalFormat, word_of<DecimalFormat>(decimal_format, kDecimalFormats));
  }
  if (!signal_table.empty()) properties.emplace("signal.data.collection", signal_table);
  return properties;
}

Properties ConnectorSettings::meaning() const {
  Properties properties = to_properties();
  properties.erase("signal.data.collection");
  properties.emplace(kDecimalFormat, word_of<DecimalFormat>(decimal_format, kDecimalFormats));
  return properties;
}

}  // namespace cdclake::debezium
