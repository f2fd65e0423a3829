#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/record_source.h"
#include "testing/fake_record.h"

namespace cdclake::testing {

/// What one poll of a fake source brings.
struct FakeBatch {
  std::vector<FakeRecord> records = {};
  std::vector<model::Gap> gaps = {};
  /// Positions past the last record, as transaction markers make them; the rest follows from the
  /// records.
  std::vector<model::Position> positions = {};
  std::vector<model::PartitionEnd> ends = {};
  std::optional<std::vector<model::PartitionStop>> stops = {};
  /// Runs when the poll is made: moves a clock, asks for a stop.
  std::function<void()> before = {};
  /// Of this batch, where it differs from the source's.
  std::string incarnation = {};
};

/// Whether records below a position are given again, as a recorded topic that is read twice does.
enum class BelowPosition { kGiven, kSkipped };

/// A source that gives batches which a test has written down, one a poll.
class FakeSource final : public model::RecordSource {
 public:
  explicit FakeSource(std::vector<FakeBatch> batches, BelowPosition below = BelowPosition::kGiven,
                      std::string incarnation = "recorded:1");

  Status open(const std::vector<model::Position>& positions) override;
  Result<model::RecordBatch> poll(std::chrono::milliseconds wait_max) override;
  Status acknowledge(std::span<const model::PositionMove> committed) override;

  const std::vector<model::Position>& opened_at() const { return opened_at_; }
  const std::vector<model::PositionMove>& acknowledged() const { return acknowledged_; }

 private:
  bool is_below(const model::RawRecord& record) const;

  std::vector<FakeBatch> batches_;
  BelowPosition below_;
  std::string incarnation_;
  std::size_t next_ = 0;
  RawRecords raw_;
  std::vector<model::RawRecord> records_;
  std::vector<model::Position> positions_;
  std::vector<model::Position> opened_at_;
  std::vector<model::PositionMove> acknowledged_;
};

}  // namespace cdclake::testing
