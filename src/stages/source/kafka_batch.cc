#include "stages/source/kafka_batch.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace cdclake::source {
namespace {

constexpr std::int64_t kMessageBytesGuess = 16 * 1024;

std::optional<std::string_view> bytes_of(const void* data, std::size_t size) {
  if (data == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(data), size);
}

model::TimestampType type_of(rd_kafka_timestamp_type_t type) {
  switch (type) {
    case RD_KAFKA_TIMESTAMP_CREATE_TIME:
      return model::TimestampType::kCreate;
    case RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME:
      return model::TimestampType::kLogAppend;
    case RD_KAFKA_TIMESTAMP_NOT_AVAILABLE:
      break;
  }
  return model::TimestampType::kNone;
}

/// Appends the message's headers; gives their number.
Result<std::size_t> append_headers(const rd_kafka_message_t& message,
                                   std::vector<model::Header>& headers) {
  rd_kafka_headers_t* list = nullptr;
  const auto code = rd_kafka_message_headers(&message, &list);
  if (code == RD_KAFKA_RESP_ERR__NOENT) return 0;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(ErrorKind::kCorrupt,
                std::string("cannot read a record of Kafka: its headers are damaged: ") +
                    rd_kafka_err2str(code) + ": topic=" + rd_kafka_topic_name(message.rkt) +
                    " partition=" + std::to_string(message.partition) +
                    " offset=" + std::to_string(message.offset));
  }
  std::size_t count = 0;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (rd_kafka_header_get_all(list, count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    headers.push_back({.key = name, .value = bytes_of(value, size)});
    ++count;
  }
  return count;
}

}  // namespace

void KafkaBatch::clear() {
  records_.clear();
  headers_.clear();
  header_counts_.clear();
  bytes_ = 0;
  for (rd_kafka_message_t* message : messages_) rd_kafka_message_destroy(message);
  messages_.clear();
}

Status KafkaBatch::add_record(const rd_kafka_message_t& message,
                              const model::PartitionId& partition) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t timestamp_ms = rd_kafka_message_timestamp(&message, &type);
  records_.push_back({.partition = &partition,
                      .offset = message.offset,
                      .timestamp_ms = timestamp_ms,
                      .timestamp_type = type_of(type),
                      .leader_epoch = rd_kafka_message_leader_epoch(&message),
                      .key = bytes_of(message.key, message.key_len),
                      .value = bytes_of(message.payload, message.len),
                      .headers = {}});
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) records_.back().timestamp_ms = -1;
  const std::size_t headers_before = headers_.size();
  const auto header_count = append_headers(message, headers_);
  if (!header_count) {
    records_.pop_back();
    headers_.resize(headers_before);
    return tl::unexpected<Error>(header_count.error());
  }
  header_counts_.push_back(*header_count);
  model::RawRecord whole = records_.back();  // Its headers may still move.
  whole.headers = std::span(headers_).last(*header_count);
  bytes_ += model::bytes_of(whole);
  return {};
}

std::span<const model::RawRecord> KafkaBatch::records() {
  const std::span<const model::Header> all(headers_);
  std::size_t first = 0;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    records_[i].headers = all.subspan(first, header_counts_[i]);
    first += header_counts_[i];
  }
  return records_;
}

std::size_t KafkaBatch::room_in(std::int64_t records_max, std::int64_t bytes_max) const {
  const std::int64_t left = records_max - record_count();
  if (left <= 0 || bytes_ >= bytes_max) return 0;
  const std::int64_t size =
      record_count() == 0 ? kMessageBytesGuess : std::max<std::int64_t>(bytes_ / record_count(), 1);
  return static_cast<std::size_t>(std::clamp<std::int64_t>((bytes_max - bytes_) / size, 1, left));
}

}  // namespace cdclake::source
