#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cdclake::source {

/// What an error that librdkafka gives in place of a record means for its partition.
enum class FetchTrouble : std::uint8_t {
  kEndReached,  ///< No error: the partition's end, past markers and aborted records.
  kOffsetGone,  ///< The broker does not have the next offset.
  kTruncated,   ///< The log was cut behind us.
  kDamaged,     ///< A batch fails its checksum or cannot be unpacked.
  kTooLarge,    ///< A batch is larger than we take.
  kRefused,     ///< We may not read it.
  kBroken,      ///< The client cannot go on at all.
  kTopicGone,   ///< Deleted, and perhaps made again.
  kMayPass,     ///< librdkafka tries again by itself.
};

/// `code` is a rd_kafka_resp_err_t, `text` what librdkafka says to it. Pure.
FetchTrouble trouble_of(int code, std::string_view text);

/// The offset from which on the broker has other records than were read, as librdkafka says it of
/// kTruncated; nothing where it does not know.
std::optional<std::int64_t> fork_in(std::string_view text);

}  // namespace cdclake::source
