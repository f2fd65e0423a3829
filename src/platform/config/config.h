#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "platform/config/fault.h"
#include "platform/config/setting_values.h"

namespace cdclake::config {

/// Where the lake and its metadata store lie.
struct LakeConfig {
  std::string bronze_base;
  std::string silver_base;
  std::string metadata_db;
  std::chrono::hours grace{24};  ///< How long a replaced file stays.
};

struct MemoryConfig {
  std::int64_t limit_bytes = std::int64_t{1} << 30;  ///< Of the process, whatever it runs.
};

enum class LogFormat : std::uint8_t { kText, kJson };

struct LogConfig {
  std::string base_path;
  LogFormat format = LogFormat::kText;
};

enum class OnDataLoss : std::uint8_t { kStop, kContinue };

struct KafkaConfig {
  std::vector<std::string> brokers;  ///< host:port.
  std::vector<std::string> topics;   ///< Names, or patterns that begin with `^`.
  std::string group_id;
  std::map<std::string, std::string> librdkafka;  ///< Passed through as is, applied last.
  OnDataLoss on_data_loss = OnDataLoss::kStop;
};

struct RecordedConfig {
  std::vector<std::string> files;  ///< In the order in which they are read; `-` is stdin.
  std::string incarnation;
};

/// Where records come from: one of the two, never both.
using SourceConfig = std::variant<KafkaConfig, RecordedConfig>;

struct BronzeConfig {
  std::int64_t batch_rows_max = 0;
  std::chrono::seconds flush_after{0};
  std::chrono::seconds run_time_max{0};
  std::int64_t run_bytes_max = 0;
};

/// How long records and rows stay; 0: for ever.
struct UpkeepConfig {
  std::chrono::hours bronze_age{0};
  std::chrono::hours stage_age{0};
};

/// How to reach the source database's catalog. No host: it is not asked.
struct SourceDatabaseConfig {
  std::string host;
  std::string port;
  std::string name;
  std::string user;
  std::string password;
  std::string sslmode;  ///< Empty: verify-full, and prefer on this machine.
};

/// Where declared types come from when messages carry no schema.
struct TypesConfig {
  std::string catalog_file;      ///< Goes before the database.
  std::string connector_config;  ///< A file or an address; empty: Debezium's defaults.
  SourceDatabaseConfig database;
};

/// All settings, typed: each stage gets its part by value.
struct Config {
  LakeConfig lake;
  MemoryConfig memory;
  LogConfig log;
  SourceConfig source;
  BronzeConfig bronze;
  TypesConfig types;
  UpkeepConfig upkeep;
};

/// What the command is going to do, which decides what must be set.
enum class Purpose : std::uint8_t { kReadRecords, kWorkInLake, kReadDatabase };

struct Loaded {
  Config config;              ///< Usable only without faults.
  SettingValues values;       ///< For `config show`.
  std::vector<Fault> faults;  ///< All of them, in the order of the settings.

  /// kInvalidConfig that names every fault.
  Status status() const { return to_status(faults); }
};

/// Loads once, for the whole program. `input_files` are those of `--input`; without them records
/// come from Kafka.
Loaded load(const Inputs& inputs, const std::vector<std::string>& input_files, Purpose purpose);

}  // namespace cdclake::config
