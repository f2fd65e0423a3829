#include "formats/recorded_topic/recorded_topic_reader.h"

#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "formats/recorded_topic/batch_arena.h"
#include "formats/recorded_topic/line_parser.h"
#include "formats/recorded_topic/line_reader.h"

namespace cdclake::recorded_topic {
namespace {

struct PartitionName {
  std::string_view topic;
  std::int32_t partition;
  friend bool operator==(const PartitionName&, const PartitionName&) = default;
};

struct PartitionNameHash {
  std::size_t operator()(const PartitionName& name) const noexcept {
    return std::hash<std::string_view>{}(name.topic) ^
           (std::hash<std::int32_t>{}(name.partition) * 0x9E3779B97F4A7C15ULL);
  }
};

struct PartitionState {
  model::PartitionId id;
  std::int64_t next_offset = 0;
};

}  // namespace

class RecordedTopicReader::Impl {
 public:
  Impl(ReaderConfig config, ByteInput input)
      : config_(std::move(config)), lines_(std::move(input)) {}

  Result<RecordedBatch> read(std::chrono::milliseconds wait_max) {
    if (held_error_) return fail(held_error_->kind, held_error_->message);
    records_.clear();
    header_counts_.clear();
    headers_.clear();
    arena_.reset();
    Status filled = fill(wait_max);
    if (!filled && records_.empty()) return fail(filled.error().kind, filled.error().message);
    if (!filled) held_error_ = std::move(filled).error();
    attach_headers();
    return RecordedBatch{.records = records_, .at_end = at_end_};
  }

 private:
  Status fill(std::chrono::milliseconds wait_max) {
    while (!at_end_ && !is_full()) {
      CDCLAKE_ASSIGN_OR_RETURN(const NextLine next, lines_.next(wait_max));
      if (std::holds_alternative<NothingYet>(next)) break;
      at_end_ = std::holds_alternative<EndOfInput>(next);
      if (!at_end_) CDCLAKE_RETURN_IF_ERROR(append(std::get<Line>(next)));
      wait_max = std::chrono::milliseconds(0);
    }
    return {};
  }

  bool is_full() const {
    return static_cast<std::int64_t>(records_.size()) >= config_.batch_records_max ||
           static_cast<std::int64_t>(arena_.used()) >= config_.batch_bytes_max;
  }

  Status append(const Line& line) {
    auto parsed = parser_.parse(line.text, arena_, headers_);
    if (!parsed) return malformed(line, parsed.error().message);
    PartitionState& partition = find_partition(parsed->topic, parsed->partition);
    if (parsed->record.offset < partition.next_offset) {
      return malformed(line, "its offset is not above that of the partition's record before");
    }
    partition.next_offset = parsed->record.offset + 1;
    records_.push_back(parsed->record);
    records_.back().partition = &partition.id;
    header_counts_.push_back(parsed->header_count);
    return {};
  }

  Status malformed(const Line& line, const std::string& why) const {
    return fail(ErrorKind::kInvalidConfig,
                lines_.describe(line.number, "not a record as `kcat -J` prints it: " + why));
  }

  /// The keys of the map borrow from the states, which never move.
  PartitionState& find_partition(std::string_view topic, std::int32_t partition) {
    if (last_ != nullptr && last_->id.partition == partition && last_->id.topic == topic) {
      return *last_;
    }
    auto found = partitions_.find({topic, partition});
    if (found == partitions_.end()) {
      auto state = std::make_unique<PartitionState>();
      state->id = {std::string(topic), config_.incarnation, partition};
      const PartitionName name{state->id.topic, partition};
      found = partitions_.emplace(name, std::move(state)).first;
    }
    last_ = found->second.get();
    return *last_;
  }

  /// Only now: the vector of headers has stopped moving.
  void attach_headers() {
    const std::span<const model::Header> all(headers_);
    std::size_t first = 0;
    for (std::size_t i = 0; i < records_.size(); ++i) {
      records_[i].headers = all.subspan(first, header_counts_[i]);
      first += header_counts_[i];
    }
  }

  ReaderConfig config_;
  LineReader lines_;
  LineParser parser_;
  BatchArena arena_;
  std::vector<model::RawRecord> records_;
  std::vector<model::Header> headers_;
  std::vector<std::size_t> header_counts_;  ///< Of each record.
  std::unordered_map<PartitionName, std::unique_ptr<PartitionState>, PartitionNameHash> partitions_;
  PartitionState* last_ = nullptr;
  bool at_end_ = false;
  std::optional<Error> held_error_;  ///< Comes after the records before it.
};

Result<RecordedTopicReader> RecordedTopicReader::open(ReaderConfig config) {
  CDCLAKE_ASSERT(config.batch_records_max > 0 && config.batch_bytes_max > 0);
  CDCLAKE_ASSIGN_OR_RETURN(ByteInput input, ByteInput::open(config.path));
  return RecordedTopicReader(std::make_unique<Impl>(std::move(config), std::move(input)));
}

Result<RecordedBatch> RecordedTopicReader::read(std::chrono::milliseconds wait_max) {
  return impl_->read(wait_max);
}

RecordedTopicReader::RecordedTopicReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordedTopicReader::RecordedTopicReader(RecordedTopicReader&&) noexcept = default;
RecordedTopicReader& RecordedTopicReader::operator=(RecordedTopicReader&&) noexcept = default;
RecordedTopicReader::~RecordedTopicReader() = default;

}  // namespace cdclake::recorded_topic
