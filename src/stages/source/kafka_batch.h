#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "model/record.h"
#include "stages/source/kafka_brokers/kafka_handles.h"

namespace cdclake::source {

/// The messages of one poll and the records that borrow their bytes, until `clear`.
class KafkaBatch {
 public:
  KafkaBatch() = default;
  KafkaBatch(const KafkaBatch&) = delete;
  KafkaBatch& operator=(const KafkaBatch&) = delete;
  ~KafkaBatch() { clear(); }

  /// Gives the messages back to librdkafka.
  void clear();
  /// Owns the message from now on, whatever it holds.
  void keep(rd_kafka_message_s* message) { messages_.push_back(message); }
  /// Makes a record of a message that was kept. `partition` outlives the batch. kCorrupt for
  /// headers that cannot be decoded.
  Status add_record(const rd_kafka_message_s& message, const model::PartitionId& partition);
  /// The records, once all are there.
  std::span<const model::RawRecord> records();

  std::int64_t record_count() const { return static_cast<std::int64_t>(records_.size()); }
  std::int64_t bytes() const { return bytes_; }
  /// How many messages fit yet if they are of the size of those before; none where it is full.
  std::size_t room_in(std::int64_t records_max, std::int64_t bytes_max) const;

 private:
  std::vector<rd_kafka_message_s*> messages_;
  std::vector<model::RawRecord> records_;
  std::vector<model::Header> headers_;
  std::vector<std::size_t> header_counts_;  ///< Of each record.
  std::int64_t bytes_ = 0;
};

}  // namespace cdclake::source
