#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"

namespace cdclake::debezium {

enum class DecimalMode : std::uint8_t { kPrecise, kString, kDouble };
enum class TimePrecisionMode : std::uint8_t {
  kAdaptive,
  kAdaptiveMicroseconds,
  kConnect,
  kIsoString,
  kMicroseconds,
  kNanoseconds,
  kStructured
};
enum class BinaryMode : std::uint8_t { kBytes, kBase64, kBase64UrlSafe, kHex };
enum class HstoreMode : std::uint8_t { kJson, kMap };
enum class DecimalFormat : std::uint8_t { kBase64, kNumeric };

/// The settings of a Debezium connector that decide how a value is spelled. Defaults are Debezium's
/// documented ones.
struct ConnectorSettings {
  DecimalMode decimal = DecimalMode::kPrecise;
  TimePrecisionMode time = TimePrecisionMode::kAdaptive;
  BinaryMode binary = BinaryMode::kBytes;
  HstoreMode hstore = HstoreMode::kJson;
  DecimalFormat decimal_format = DecimalFormat::kBase64;  ///< The value converter's.
  std::string placeholder = "__debezium_unavailable_value";
  std::string signal_table{};  ///< `schema.table` whose rows steer the connector; empty: none.

  /// From a connector's configuration. Unknown values of the settings we need are kInvalidConfig by
  /// name, and so is message.key.columns, whose keys need not be unique; settings that do not
  /// matter here are ignored.
  static Result<ConnectorSettings> from_properties(
      const std::map<std::string, std::string>& properties);
  /// What `from_properties` reads back equal: every setting that decides, most defaults included,
  /// and nothing else (a connector's configuration holds passwords).
  std::map<std::string, std::string> to_properties() const;
  /// Those that decide what a value means, every default included.
  std::map<std::string, std::string> meaning() const;

  bool operator==(const ConnectorSettings&) const = default;
};

}  // namespace cdclake::debezium
