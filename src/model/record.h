#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/partition.h"

namespace cdclake::model {

/// What the broker says of a record's timestamp; the numbers are Kafka's own.
enum class TimestampType : std::int8_t { kNone = -1, kCreate = 0, kLogAppend = 1 };

/// One header of a record. A null value and an empty value are different things.
struct Header {
  std::string_view key;
  std::optional<std::string_view> value;
};

/// One record of a topic, byte for byte. Borrows all its bytes from whoever made it.
struct RawRecord {
  const PartitionId* partition =
      nullptr;  ///< Never null; outlives the batch that holds the record.
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;  ///< Milliseconds since 1970 UTC; -1 where the type is kNone.
  TimestampType timestamp_type = TimestampType::kNone;
  std::int32_t leader_epoch = kNoLeaderEpoch;  ///< As in `Position`. Not part of the record.
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  ///< Null is a tombstone; empty is not.
  std::span<const Header> headers;        ///< In the record's order; keys may repeat.
};

/// What a record takes while it is held: all its bytes, and something for itself and for each
/// header, so that empty ones count too.
std::int64_t bytes_of(const RawRecord& record);

}  // namespace cdclake::model
