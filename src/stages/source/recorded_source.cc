#include "stages/source/recorded_source.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "formats/recorded_topic/recorded_topic_reader.h"

namespace cdclake::source {
namespace {

constexpr std::size_t kIncarnationNameBytesMax = 100;

/// What is known of a partition: from the position at the start, or from an earlier file.
struct PartitionEnd {
  std::int64_t next_offset = 0;
  std::int64_t seen_in_batch = 0;  ///< The last batch that held a record of it.
};

bool is_plain_name(const std::string& name) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= kIncarnationNameBytesMax &&
         std::ranges::all_of(name, is_plain);
}

}  // namespace

Status RecordedSourceConfig::validate() const {
  if (files.empty()) return fail(ErrorKind::kInvalidConfig, "input: names no file");
  if (std::ranges::count(files, "-") > 1) {
    return fail(ErrorKind::kInvalidConfig, "input: - (stdin) may stand once");
  }
  if (!is_plain_name(incarnation_name)) {
    return fail(ErrorKind::kInvalidConfig,
                "incarnation: 1 to " + std::to_string(kIncarnationNameBytesMax) +
                    " letters, digits, _, - and . are allowed: incarnation=" + incarnation_name);
  }
  if (batch_records_max < 1 || batch_bytes_max < 1) {
    return fail(ErrorKind::kInvalidConfig, "a batch of a recorded source holds at least 1");
  }
  return {};
}

class RecordedSource::Impl {
 public:
  explicit Impl(RecordedSourceConfig config)
      : config_(std::move(config)), incarnation_("recorded:" + config_.incarnation_name) {}

  Status open(const std::vector<model::Position>& positions) {
    for (const model::Position& position : positions) {
      if (position.partition.incarnation != incarnation_) continue;
      ends_[position.partition].next_offset = position.next_offset;
    }
    for (const std::string& file : config_.files) {
      if (file != "-" && ::access(file.c_str(), R_OK) != 0) {
        return fail(ErrorKind::kInvalidConfig, std::string("cannot read a recorded topic: ") +
                                                   std::strerror(errno) + ": input=" + file);
      }
    }
    return {};
  }

  Result<model::RecordBatch> poll(std::chrono::milliseconds wait_max) {
    gaps_.clear();
    positions_.clear();
    touched_.clear();
    if (file_ended_) close_file();
    if (!reader_ && next_file_ == config_.files.size()) {
      return model::RecordBatch{.records = {}, .positions = {}, .gaps = {}, .at_end = true};
    }
    if (!reader_) CDCLAKE_RETURN_IF_ERROR(open_next_file());

    CDCLAKE_ASSIGN_OR_RETURN(const auto batch, reader_->read(wait_max));
    file_ended_ = batch.at_end;
    ++batch_number_;
    for (const model::RawRecord& record : batch.records) note(record);
    for (const auto& [partition, end] : touched_) {
      positions_.push_back({.partition = *partition, .next_offset = end->next_offset});
    }
    return model::RecordBatch{.records = batch.records,
                              .positions = positions_,
                              .gaps = gaps_,
                              .at_end = file_ended_ && next_file_ == config_.files.size()};
  }

 private:
  Status open_next_file() {
    CDCLAKE_ASSIGN_OR_RETURN(reader_, recorded_topic::RecordedTopicReader::open({
                                          .path = config_.files[next_file_],
                                          .incarnation = incarnation_,
                                          .batch_records_max = config_.batch_records_max,
                                          .batch_bytes_max = config_.batch_bytes_max,
                                      }));
    ++next_file_;
    return {};
  }

  /// The last batch borrowed from the file, so it stays open until the next poll.
  void close_file() {
    in_file_.clear();
    reader_.reset();
    file_ended_ = false;
  }

  void note(const model::RawRecord& record) {
    PartitionEnd& end = end_before(record);
    end.next_offset = std::max(end.next_offset, record.offset + 1);
    if (end.seen_in_batch == batch_number_) return;
    end.seen_in_batch = batch_number_;
    touched_.emplace_back(record.partition, &end);
  }

  /// The partition's end; its first record in a file may open a gap.
  PartitionEnd& end_before(const model::RawRecord& record) {
    PartitionEnd*& end = in_file_[record.partition];
    if (end != nullptr) return *end;
    const auto [found, is_new] = ends_.try_emplace(*record.partition);
    end = &found->second;
    if (record.offset > end->next_offset) {
      gaps_.push_back({.partition = *record.partition,
                       .range = {end->next_offset, record.offset},
                       .reason = is_new ? "before_first_read" : "recorded_gap"});
    }
    return *end;
  }

  RecordedSourceConfig config_;
  std::string incarnation_;
  std::size_t next_file_ = 0;
  std::optional<recorded_topic::RecordedTopicReader> reader_;
  bool file_ended_ = false;
  std::map<model::PartitionId, PartitionEnd> ends_;
  /// Partitions of this file, by the address that the reader gives them.
  std::unordered_map<const model::PartitionId*, PartitionEnd*> in_file_;
  std::int64_t batch_number_ = 0;
  std::vector<std::pair<const model::PartitionId*, const PartitionEnd*>> touched_;
  std::vector<model::Position> positions_;
  std::vector<model::Gap> gaps_;
};

RecordedSource::RecordedSource(RecordedSourceConfig config)
    : impl_(std::make_unique<Impl>(std::move(config))) {}

RecordedSource::~RecordedSource() = default;

Status RecordedSource::open(const std::vector<model::Position>& positions) {
  return impl_->open(positions);
}

Result<model::RecordBatch> RecordedSource::poll(std::chrono::milliseconds wait_max) {
  return impl_->poll(wait_max);
}

Status RecordedSource::acknowledge(std::span<const model::PositionMove> /*committed*/) {
  return {};
}

}  // namespace cdclake::source
