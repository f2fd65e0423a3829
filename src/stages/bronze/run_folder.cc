#include "stages/bronze/run_folder.h"

#include <algorithm>

namespace cdclake::bronze {
namespace {

constexpr std::size_t kNumberDigits = 5;

}  // namespace

lake::LakePath run_folder(const std::string& topic, const std::string& ingestion_date,
                          const RunId& run) {
  const auto dot = topic.find('.');
  // A name that is `_` itself is encoded, so that the two do not meet.
  const std::string source =
      dot == std::string::npos ? "_" : lake::encode_segment(topic.substr(0, dot));
  const std::string table =
      lake::encode_segment(dot == std::string::npos ? topic : topic.substr(dot + 1));
  return lake::LakePath{lake::Root::kBronze, "cdc"} / ("source=" + source) / ("table=" + table) /
         ("ingestion_date=" + ingestion_date) / ("run_id=" + run.value);
}

std::string part_name(std::int64_t number) {
  const std::string digits = std::to_string(number);
  return "events_" + std::string(kNumberDigits - std::min(kNumberDigits, digits.size()), '0') +
         digits + ".parquet";
}

}  // namespace cdclake::bronze
