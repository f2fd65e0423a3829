#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace cdclake::source {

/// What to do where records expired before they were read.
enum class OnDataLoss : std::uint8_t {
  kStop,      ///< The partition stops, and it is said what is missing.
  kContinue,  ///< Go on with the first record there is; the gap is recorded.
};

struct KafkaSourceConfig {
  std::vector<std::string> brokers{};  ///< host:port. Required.
  std::vector<std::string> topics{};   ///< Names, or POSIX patterns that begin with `^`. Required.
  std::string group_id = "cdc_bronze_writer";       ///< Told its positions, for lag tools only.
  std::map<std::string, std::string> librdkafka{};  ///< Passed through as is; TLS, SASL, tuning.
  OnDataLoss on_data_loss = OnDataLoss::kStop;
  std::chrono::milliseconds connect_wait_max{8'000};  ///< Below what a shutdown may take.
  std::chrono::milliseconds topic_refresh{30'000};    ///< New partitions, topics made anew.
  std::chrono::milliseconds outage_max{60'000};  ///< Brokers out of reach for longer are an error.
  /// An open transaction that holds a partition back for longer is worth a warning.
  std::chrono::milliseconds pin_patience{60'000};
  std::int64_t batch_records_max = 10'000;
  std::int64_t batch_bytes_max = 16 * 1024 * 1024;  ///< One record may pass it alone.
  std::int64_t queue_bytes_max = 64 * 1024 * 1024;  ///< Fetched ahead, beside one fetch a broker.

  Status validate() const;
};

}  // namespace cdclake::source
