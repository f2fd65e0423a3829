#include "stages/bronze/bronze_config.h"

namespace cdclake::bronze {
namespace {

Status at_least_one(const char* key, std::int64_t value) {
  if (value >= 1) return {};
  return fail(ErrorKind::kInvalidConfig,
              std::string(key) + " must be at least 1, not " + std::to_string(value));
}

}  // namespace

Status BronzeConfig::validate() const {
  CDCLAKE_RETURN_IF_ERROR(at_least_one("BATCH_SIZE", batch_rows_max));
  CDCLAKE_RETURN_IF_ERROR(at_least_one("batch_bytes_max", batch_bytes_max));
  CDCLAKE_RETURN_IF_ERROR(at_least_one("group_bytes_max", group_bytes_max));
  CDCLAKE_RETURN_IF_ERROR(at_least_one("record_bytes_max", record_bytes_max));
  CDCLAKE_RETURN_IF_ERROR(at_least_one("open_files_max", open_files_max));
  CDCLAKE_RETURN_IF_ERROR(at_least_one("FLUSH_SECONDS (in milliseconds)", flush_interval.count()));
  CDCLAKE_RETURN_IF_ERROR(at_least_one("poll_wait_max", poll_wait_max.count()));
  CDCLAKE_RETURN_IF_ERROR(at_least_one("run_time_max", run_time_max.count()));
  return at_least_one("run_bytes_max", run_bytes_max);
}

}  // namespace cdclake::bronze
