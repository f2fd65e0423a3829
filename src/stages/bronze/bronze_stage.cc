#include "stages/bronze/bronze_stage.h"

#include <utility>
#include <vector>

#include "base/failpoint.h"
#include "platform/memory/allowance.h"
#include "stages/bronze/record_buffer.h"
#include "stages/bronze/replay_check.h"

namespace cdclake::bronze {
namespace {

constexpr std::chrono::seconds kRoundTimeMax{1};

std::int64_t size_of(const model::RawRecord& record) {
  return static_cast<std::int64_t>((record.key ? record.key->size() : 0) +
                                   (record.value ? record.value->size() : 0));
}

Error too_large(const model::RawRecord& record, const BronzeConfig& config) {
  return {ErrorKind::kInvalidConfig,
          "a message is larger than memory allows: it has " + std::to_string(size_of(record)) +
              " bytes, and " + std::to_string(config.record_bytes_max) +
              " are possible: raise CDCLAKE_MEMORY_LIMIT: topic=" + record.partition->topic +
              " partition=" + std::to_string(record.partition->partition) +
              " offset=" + std::to_string(record.offset)};
}

}  // namespace

class BronzeStage::Impl {
 public:
  Impl(BronzeConfig config, BronzeContext context, model::RecordSource& source)
      : config_(std::move(config)),
        context_(context),
        source_(source),
        buffer_(context.fs, config_.group_bytes_max),
        replay_(context.fs, context.store),
        allowance_(config_.memory_bytes, context.spare_memory) {}

  Result<BronzeReport> open() {
    CDCLAKE_ASSIGN_OR_RETURN(const auto dead, end_dead_runs(context_));
    for (const RunId& run : dead) report_.ended.push_back({run, metadata::RunStatus::kAborted});
    CDCLAKE_ASSIGN_OR_RETURN(const auto positions, context_.store.bronze_positions());
    buffer_.load(positions);
    CDCLAKE_RETURN_IF_ERROR(source_.open(positions));
    // The group may not know where we stand: its coordinator was away when we told it.
    std::vector<model::PositionMove> stands;
    for (const model::Position& position : positions) {
      stands.push_back({position.partition, position.next_offset, position.next_offset});
    }
    if (!stands.empty()) CDCLAKE_RETURN_IF_ERROR(source_.acknowledge(stands));
    return take_report();
  }

  Result<BronzeReport> run_round(const std::stop_token& stop) {
    stop_ = stop;
    const Status status = poll_until_committed(stop);
    if (status || status.error().kind == ErrorKind::kCancelled) return take_report();
    fail_run(status.error());
    return tl::unexpected<Error>(status.error());
  }

  bool owes_nothing() const { return owes_nothing_; }

  Result<BronzeReport> finish() {
    const Status status = [&]() -> Status {
      CDCLAKE_RETURN_IF_ERROR(replay_.finish_all());
      CDCLAKE_RETURN_IF_ERROR(flush());
      return end_run();
    }();
    if (status) return take_report();
    fail_run(status.error());
    return tl::unexpected<Error>(status.error());
  }

 private:
  Status poll_until_committed(const std::stop_token& stop) {
    const MonotonicTime begun = context_.clock.monotonic();
    while (!stop.stop_requested() && !report_.committed()) {
      auto batch = source_.poll(config_.poll_wait_max);
      if (!batch) {
        // What came before the error is good: a damaged file is read up to the damage.
        CDCLAKE_RETURN_IF_ERROR(flush());
        owes_nothing_ = true;
        return tl::unexpected<Error>(batch.error());
      }
      CDCLAKE_RETURN_IF_ERROR(add(*batch));
      CDCLAKE_RETURN_IF_ERROR(flush_and_roll_when_due());
      report_.at_end = batch->at_end;
      if (batch->at_end) {
        CDCLAKE_RETURN_IF_ERROR(replay_.finish_all());
        break;
      }
      if (context_.clock.monotonic() - begun >= kRoundTimeMax) break;
    }
    return {};
  }

  Status add(const model::RecordBatch& batch) {
    const WallTime now = context_.clock.now();
    buffer_.begin_batch(batch.gaps);
    for (const model::RawRecord& record : batch.records) {
      PartitionState& partition = buffer_.state_of(*record.partition);
      buffer_.pass_gaps(partition, record.offset);
      if (record.offset < partition.next) {
        CDCLAKE_RETURN_IF_ERROR(compare_with_bronze(record, partition));
      } else {
        CDCLAKE_RETURN_IF_ERROR(store(record, partition, now));
      }
    }
    for (const model::Position& position : batch.positions) {
      PartitionState& partition = buffer_.state_of(position.partition);
      buffer_.pass_gaps(partition, position.next_offset);
      buffer_.pass_position(partition, position.next_offset);
    }
    buffer_.pass_all_gaps();
    if (batch.stops) {
      CDCLAKE_RETURN_IF_ERROR(context_.store.record_stops(context_.lease, *batch.stops));
    }
    if (batch.ends.empty()) return {};
    return context_.store.record_ends(context_.lease, batch.ends);
  }

  Status compare_with_bronze(const model::RawRecord& record, PartitionState& partition) {
    // Only what is committed can be compared with.
    if (record.offset >= partition.committed) CDCLAKE_RETURN_IF_ERROR(flush());
    CDCLAKE_RETURN_IF_ERROR(replay_.add(record));
    partition.is_read_again = true;
    ++report_.records_read_again;
    return {};
  }

  Status store(const model::RawRecord& record, PartitionState& partition, WallTime now) {
    if (partition.is_read_again) {
      CDCLAKE_RETURN_IF_ERROR(replay_.finish(partition.id));
      partition.is_read_again = false;
    }
    if (buffer_.is_full(config_) || buffer_.lacks_file_for(partition, config_)) {
      CDCLAKE_RETURN_IF_ERROR(flush());
    }
    // A folder holds one life of a topic, so that an offset names one record in it.
    if (run_ && !run_->takes(partition.id)) {
      CDCLAKE_RETURN_IF_ERROR(flush());
      CDCLAKE_RETURN_IF_ERROR(end_run());
    }
    if (!run_) {
      CDCLAKE_ASSIGN_OR_RETURN(run_, BronzeRun::begin(context_, config_));
    }
    if (size_of(record) > config_.group_bytes_max) return store_alone(record, partition, now);
    if (buffer_.is_empty()) oldest_buffered_ = context_.clock.monotonic();
    return buffer_.store(record, partition, now, *run_);
  }

  /// A record that is larger than what is held of others: with memory of its own.
  Status store_alone(const model::RawRecord& record, PartitionState& partition, WallTime now) {
    const std::int64_t bytes = size_of(record);
    if (bytes > config_.record_bytes_max) return tl::unexpected<Error>(too_large(record, config_));
    CDCLAKE_RETURN_IF_ERROR(flush());
    CDCLAKE_RETURN_IF_ERROR(
        allowance_.cover(bytes * kTimesHeld, "a message of topic " + partition.id.topic, stop_));
    CDCLAKE_RETURN_IF_ERROR(buffer_.store(record, partition, now, *run_));
    CDCLAKE_RETURN_IF_ERROR(flush());
    allowance_.settle();
    return {};
  }

  Status flush_and_roll_when_due() {
    const bool is_old = !buffer_.is_empty() &&
                        context_.clock.monotonic() - oldest_buffered_ >= config_.flush_interval;
    const bool run_is_due = run_ && run_->is_due();
    if (is_old || run_is_due || buffer_.is_full(config_)) CDCLAKE_RETURN_IF_ERROR(flush());
    return run_is_due ? end_run() : Status{};
  }

  /// The durable steps, in order.
  Status flush() {
    CDCLAKE_ASSIGN_OR_RETURN(auto commit, buffer_.prepare());  // Crash: hidden, unrecorded; swept.
    if (commit.moves.empty()) return {};
    if (!run_) {  // Gaps alone.
      CDCLAKE_ASSIGN_OR_RETURN(run_, BronzeRun::begin(context_, config_));
    }
    commit.run = run_->id();
    failpoint("bronze.prepared");
    CDCLAKE_RETURN_IF_ERROR(context_.publisher.run(commit));  // Crash: recovery gives the names.
    count(commit);
    buffer_.committed(commit);
    failpoint("bronze.published");
    return source_.acknowledge(commit.moves);  // A hint for lag tools; never read back.
  }

  void count(const metadata::BronzeCommit& commit) {
    report_.run = run_->id();
    for (const metadata::BronzeFile& file : commit.files) {
      ++report_.files;
      report_.records += file.file.rows;
      report_.file_bytes += file.file.bytes;
      run_->add_bytes(file.file.bytes);
    }
    report_.gaps.insert(report_.gaps.end(), commit.gaps.begin(), commit.gaps.end());
  }

  Status end_run() {
    if (!run_) return {};
    report_.run = run_->id();  // Of the run that ends; afterwards it is that of the next one.
    CDCLAKE_RETURN_IF_ERROR(run_->end(context_, metadata::RunStatus::kSuccess, std::nullopt));
    report_.ended.push_back({report_.run, metadata::RunStatus::kSuccess});
    run_.reset();
    return {};
  }

  /// As far as it goes: the next `open` ends a run that is left RUNNING.
  void fail_run(const Error& error) {
    buffer_.discard();
    if (!run_) return;
    const Status ended = run_->end(context_, metadata::RunStatus::kFailed, error.message);
    static_cast<void>(ended);
    run_.reset();
  }

  BronzeReport take_report() {
    if (run_) report_.run = run_->id();
    return std::exchange(report_, BronzeReport{});
  }

  BronzeConfig config_;
  BronzeContext context_;
  model::RecordSource& source_;
  RecordBuffer buffer_;
  ReplayCheck replay_;
  std::optional<BronzeRun> run_;
  MonotonicTime oldest_buffered_;
  BronzeReport report_;
  memory::Allowance allowance_;
  std::stop_token stop_;  ///< Of the round.
  bool owes_nothing_ = false;
};

BronzeStage::BronzeStage(BronzeConfig config, BronzeContext context, model::RecordSource& source)
    : impl_(std::make_unique<Impl>(std::move(config), context, source)) {}
BronzeStage::~BronzeStage() = default;

Result<BronzeReport> BronzeStage::open() { return impl_->open(); }
Result<BronzeReport> BronzeStage::run_round(const std::stop_token& stop) {
  return impl_->run_round(stop);
}
bool BronzeStage::owes_nothing() const { return impl_->owes_nothing(); }
Result<BronzeReport> BronzeStage::finish() { return impl_->finish(); }

}  // namespace cdclake::bronze
