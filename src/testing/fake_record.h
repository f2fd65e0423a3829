#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/partition.h"
#include "model/record.h"

namespace cdclake::testing {

struct FakeHeader {
  std::string key;
  std::optional<std::string> value;

  friend bool operator==(const FakeHeader&, const FakeHeader&) = default;
};

/// A record that owns its bytes. Every member has a default, so that a test names what matters.
struct FakeRecord {
  std::string topic = "shop.public.users";
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 1'764'000'000'000;
  model::TimestampType timestamp_type = model::TimestampType::kCreate;
  std::optional<std::string> key = R"({"id":1})";
  std::optional<std::string> value = R"({"op":"c"})";
  std::vector<FakeHeader> headers = {};
  std::int32_t leader_epoch = model::kNoLeaderEpoch;

  friend bool operator==(const FakeRecord&, const FakeRecord&) = default;
};

/// Prints what tells records apart in a failed test.
void PrintTo(const FakeRecord& record, std::ostream* out);

/// `count` records of one partition with consecutive offsets from `first` on; each has bytes of its
/// own.
std::vector<FakeRecord> fake_records(std::int64_t first, std::int64_t count,
                                     const FakeRecord& like = {});

FakeRecord copy_of(const model::RawRecord& record);

/// Gives records the form in which sources hand them out. Keeps what they borrow.
class RawRecords {
 public:
  explicit RawRecords(std::string incarnation = "recorded:1");

  /// The raw form; valid as long as this object.
  const model::RawRecord& add(FakeRecord record);
  const model::PartitionId& partition(const std::string& topic, std::int32_t number);
  const std::deque<model::RawRecord>& all() const { return raw_; }

 private:
  std::string incarnation_;
  std::map<std::pair<std::string, std::int32_t>, model::PartitionId> partitions_;
  std::deque<FakeRecord> records_;
  std::deque<std::vector<model::Header>> headers_;
  std::deque<model::RawRecord> raw_;
};

}  // namespace cdclake::testing
