#include "platform/config/config.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "platform/config/byte_size.h"

namespace cdclake::config {
namespace {

std::int64_t number_of(const SettingValues& values, std::string_view key) {
  const std::string& text = values.of(key).text;
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::chrono::seconds seconds_of(const SettingValues& values, std::string_view key) {
  return std::chrono::seconds(number_of(values, key));
}

std::chrono::hours days_of(const SettingValues& values, std::string_view key) {
  return std::chrono::hours(24 * number_of(values, key));
}

std::vector<std::string> list_of(const SettingValues& values, std::string_view key) {
  std::vector<std::string> parts;
  std::string_view text = values.of(key).text;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

SourceConfig source_of(const SettingValues& values, const std::vector<std::string>& input_files) {
  if (!input_files.empty()) {
    return RecordedConfig{.files = input_files,
                          .incarnation = values.of("CDCLAKE_INCARNATION").text};
  }
  KafkaConfig kafka{.brokers = list_of(values, "KAFKA_BOOTSTRAP"),
                    .topics = list_of(values, "TOPICS"),
                    .group_id = values.of("KAFKA_GROUP_ID").text,
                    .librdkafka = {},
                    .on_data_loss = values.of("CDCLAKE_ON_DATA_LOSS").text == "continue"
                                        ? OnDataLoss::kContinue
                                        : OnDataLoss::kStop};
  for (const auto& [option, value] : values.kafka_options()) {
    kafka.librdkafka.emplace(option, value.text);
  }
  return kafka;
}

Config config_of(const SettingValues& values, const std::vector<std::string>& input_files) {
  const auto text = [&](std::string_view key) { return values.of(key).text; };
  return Config{
      .lake = {.bronze_base = text("BRONZE_BASE_PATH"),
               .silver_base = text("SILVER_BASE_PATH"),
               .metadata_db = text("METADATA_DB"),
               .grace = std::chrono::hours(number_of(values, "CDCLAKE_GRACE_HOURS"))},
      .memory = {.limit_bytes = parse_byte_size(text("CDCLAKE_MEMORY_LIMIT")).value_or(0)},
      .log = {.base_path = text("LOG_BASE_PATH"),
              .format = text("CDCLAKE_LOG_FORMAT") == "json" ? LogFormat::kJson : LogFormat::kText},
      .source = source_of(values, input_files),
      .bronze = {.batch_rows_max = number_of(values, "BATCH_SIZE"),
                 .flush_after = seconds_of(values, "FLUSH_SECONDS"),
                 .run_time_max = seconds_of(values, "CDCLAKE_RUN_SECONDS"),
                 .run_bytes_max = number_of(values, "CDCLAKE_RUN_BYTES")},
      .types = {.catalog_file = text("CDCLAKE_CATALOG"),
                .connector_config = text("CDCLAKE_CONNECTOR_CONFIG"),
                .database = {.host = text("SOURCE_DB_HOST"),
                             .port = text("SOURCE_DB_PORT"),
                             .name = text("SOURCE_DB_NAME"),
                             .user = text("SOURCE_DB_USER"),
                             .password = text("SOURCE_DB_PASSWORD"),
                             .sslmode = text("SOURCE_DB_SSLMODE")}},
      .upkeep = {.bronze_age = days_of(values, "CDCLAKE_BRONZE_RETENTION_DAYS"),
                 .stage_age = days_of(values, "CDCLAKE_STAGE_RETENTION_DAYS")},
  };
}

class Requirements {
 public:
  Requirements(const SettingValues& values, std::vector<Fault>& faults)
      : values_(values), faults_(faults) {}

  void check(const SourceConfig& source, Purpose purpose) {
    check_roots();
    if (purpose == Purpose::kReadRecords) check_source(source);
    if (purpose == Purpose::kReadDatabase || !values_.of("SOURCE_DB_HOST").text.empty()) {
      need("SOURCE_DB_HOST", "is needed to read the database's catalog");
      need("SOURCE_DB_NAME", "is needed with SOURCE_DB_HOST");
      need("SOURCE_DB_USER", "is needed with SOURCE_DB_HOST");
    }
  }

 private:
  void need(std::string_view key, std::string_view rule) {
    if (values_.of(key).text.empty()) add(key, rule);
  }

  void add(std::string_view key, std::string_view rule) {
    const SettingValue& value = values_.of(key);
    faults_.push_back({std::string(key), std::string(rule), value.text, to_string(value.origin)});
  }

  void check_source(const SourceConfig& source) {
    const auto* kafka = std::get_if<KafkaConfig>(&source);
    if (kafka == nullptr) return;
    if (kafka->topics.empty()) {
      add("TOPICS", "must name at least one topic, where no --input FILE is given");
    }
    if (kafka->brokers.empty()) add("KAFKA_BOOTSTRAP", "must name at least one broker");
  }

  // A reader that globs one root must never meet the files of the other.
  void check_roots() {
    const auto root_of = [&](std::string_view key) {
      std::error_code error;
      const auto path = std::filesystem::absolute(values_.of(key).text, error);
      return (path / "").lexically_normal().string();
    };
    const std::string bronze = root_of("BRONZE_BASE_PATH");
    const std::string silver = root_of("SILVER_BASE_PATH");
    if (bronze.starts_with(silver) || silver.starts_with(bronze)) {
      add("SILVER_BASE_PATH", "must lie outside of BRONZE_BASE_PATH, and the other way round");
    }
  }

  const SettingValues& values_;
  std::vector<Fault>& faults_;
};

}  // namespace

Loaded load(const Inputs& inputs, const std::vector<std::string>& input_files, Purpose purpose) {
  std::vector<Fault> faults;
  SettingValues values = SettingValues::gather(inputs, faults);
  Config config = config_of(values, input_files);
  Requirements(values, faults).check(config.source, purpose);
  return {.config = std::move(config), .values = std::move(values), .faults = std::move(faults)};
}

}  // namespace cdclake::config
