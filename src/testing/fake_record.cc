#include "testing/fake_record.h"

#include <ostream>
#include <string_view>

namespace cdclake::testing {
namespace {

std::optional<std::string_view> view(const std::optional<std::string>& bytes) {
  if (!bytes) return std::nullopt;
  return *bytes;
}

std::optional<std::string> copy(const std::optional<std::string_view>& bytes) {
  if (!bytes) return std::nullopt;
  return std::string(*bytes);
}

}  // namespace

void PrintTo(const FakeRecord& record, std::ostream* out) {
  *out << record.topic << "/" << record.partition << "@" << record.offset << " ("
       << (record.key ? std::to_string(record.key->size()) : "null") << " and "
       << (record.value ? std::to_string(record.value->size()) : "null") << " bytes, "
       << record.headers.size() << " headers)";
}

std::vector<FakeRecord> fake_records(std::int64_t first, std::int64_t count,
                                     const FakeRecord& like) {
  std::vector<FakeRecord> records;
  for (std::int64_t offset = first; offset < first + count; ++offset) {
    FakeRecord record = like;
    record.offset = offset;
    record.timestamp_ms += offset;
    if (record.value) *record.value += std::to_string(offset);
    records.push_back(std::move(record));
  }
  return records;
}

FakeRecord copy_of(const model::RawRecord& record) {
  FakeRecord result{.topic = record.partition->topic,
                    .partition = record.partition->partition,
                    .offset = record.offset,
                    .timestamp_ms = record.timestamp_ms,
                    .timestamp_type = record.timestamp_type,
                    .key = copy(record.key),
                    .value = copy(record.value),
                    .headers = {}};
  for (const model::Header& header : record.headers) {
    result.headers.push_back({std::string(header.key), copy(header.value)});
  }
  return result;
}

RawRecords::RawRecords(std::string incarnation) : incarnation_(std::move(incarnation)) {}

const model::PartitionId& RawRecords::partition(const std::string& topic, std::int32_t number) {
  auto& id = partitions_[{topic, number}];
  id = {.topic = topic, .incarnation = incarnation_, .partition = number};
  return id;
}

const model::RawRecord& RawRecords::add(FakeRecord record) {
  const FakeRecord& kept = records_.emplace_back(std::move(record));
  auto& headers = headers_.emplace_back();
  for (const FakeHeader& header : kept.headers) headers.push_back({header.key, view(header.value)});
  raw_.push_back({.partition = &partition(kept.topic, kept.partition),
                  .offset = kept.offset,
                  .timestamp_ms = kept.timestamp_ms,
                  .timestamp_type = kept.timestamp_type,
                  .leader_epoch = kept.leader_epoch,
                  .key = view(kept.key),
                  .value = view(kept.value),
                  .headers = headers});
  return raw_.back();
}

}  // namespace cdclake::testing
