#include "stages/source/fetch_errors.h"

#include <librdkafka/rdkafka.h>

#include <charconv>

namespace cdclake::source {

FetchTrouble trouble_of(int code, std::string_view text) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      return FetchTrouble::kEndReached;
    case RD_KAFKA_RESP_ERR__LOG_TRUNCATION:
      return FetchTrouble::kTruncated;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      // With auto.offset.reset=error a truncation comes under this code, too.
      return text.find(rd_kafka_err2str(RD_KAFKA_RESP_ERR__LOG_TRUNCATION)) !=
                     std::string_view::npos
                 ? FetchTrouble::kTruncated
                 : FetchTrouble::kOffsetGone;
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return FetchTrouble::kOffsetGone;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
      return FetchTrouble::kDamaged;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return FetchTrouble::kTooLarge;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      return FetchTrouble::kRefused;
    case RD_KAFKA_RESP_ERR__FATAL:
      return FetchTrouble::kBroken;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID:
    case RD_KAFKA_RESP_ERR_INCONSISTENT_TOPIC_ID:
      return FetchTrouble::kTopicGone;
    default:
      return FetchTrouble::kMayPass;
  }
}

std::optional<std::int64_t> fork_in(std::string_view text) {
  constexpr std::string_view kBefore = "broker end offset is ";
  const auto at = text.find(kBefore);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(at + kBefore.size());
  std::int64_t fork = -1;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), fork);
  if (parsed.ec != std::errc() || fork < 0) return std::nullopt;
  return fork;
}

}  // namespace cdclake::source
