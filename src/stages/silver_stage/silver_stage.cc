#include "stages/silver_stage/silver_stage.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "base/failpoint.h"
#include "base/ids.h"
#include "platform/memory/allowance.h"
#include "stages/silver_stage/bronze_backlog.h"
#include "stages/silver_stage/record_judge.h"
#include "stages/silver_stage/table_book.h"

namespace cdclake::silver_stage {

class SilverStage::Session {
 public:
  Session(SilverStage& stage, TableBook book)
      : stage_(stage),
        backlog_(stage.context_.fs, stage.context_.store, stage.config_.limits.group_bytes_max),
        book_(std::move(book)),
        judge_(stage.types_.settings, stage.types_.catalog, book_,
               [this](const model::PartitionId& partition, const model::OffsetRange& range,
                      const RecordJudge::Visit& visit) -> Status {
                 CDCLAKE_RETURN_IF_ERROR(
                     backlog_.read_again(partition, range, [&](const model::RawRecord& record) {
                       return !stop_.stop_requested() && visit(record);
                     }));
                 if (stop_.stop_requested()) return fail(ErrorKind::kCancelled, "stopped as asked");
                 return {};
               }),
        allowance_(stage.config_.memory_bytes, stage.context_.spare_memory) {}

  static Result<std::unique_ptr<Session>> open(SilverStage& stage);
  Result<StageReport> run_once(const std::stop_token& stop);

 private:
  using Topic = std::vector<PartitionState*>;
  static std::int64_t offsets_left(const Topic& topic) {
    return std::accumulate(topic.begin(), topic.end(), std::int64_t{0},
                           [](std::int64_t sum, const PartitionState* partition) {
                             return sum + partition->offsets_left();
                           });
  }
  enum class Reading : std::uint8_t { kDone, kFileVanished, kStopped };

  Status load_positions();
  PartitionState& state_of(const model::PartitionId& id);
  Status stage_all(const std::stop_token& stop);
  Status stage_topic(const Topic& topic, const std::stop_token& stop);
  void release_waits(const Topic& topic);
  Result<Reading> read_topic(const Topic& topic, const std::stop_token& stop);
  Result<Reading> read_file(const metadata::StoredBronzeFile& file, OpenBronzeFile& opened,
                            const std::stop_token& stop);
  Status stage_record(const Verdict& verdict, const model::RawRecord& record,
                      PartitionState& partition);
  Status pass_segments(const metadata::StoredBronzeFile& file);
  Status cover(const metadata::StoredBronzeFile& file, const OpenBronzeFile& opened,
               const std::stop_token& stop);
  Status check_no_hole(const metadata::StoredBronzeFile& file);
  Status check_explained(const PartitionState& partition, std::int64_t next);
  Status commit();
  std::vector<metadata::StageWait> new_waits() const;
  StageBatch new_batch() const;
  StageReport report() const;

  SilverStage& stage_;
  BronzeBacklog backlog_;
  TableBook book_;
  RecordJudge judge_;
  std::map<model::PartitionId, PartitionState> partitions_;
  std::map<model::PartitionId, metadata::StageWait> stored_waits_;
  memory::Allowance allowance_;

  // Of the round.
  std::stop_token stop_;
  RunId last_run_;  // Of the last commit; empty: nothing was committed.
  std::optional<StageBatch> batch_;
  StageCounts counts_;
};

Result<std::unique_ptr<SilverStage::Session>> SilverStage::Session::open(SilverStage& stage) {
  CDCLAKE_ASSIGN_OR_RETURN(auto book, TableBook::load(stage.context_.store, stage.context_.lease,
                                                      stage.types_.settings.meaning()));
  auto session = std::make_unique<Session>(stage, std::move(book));
  CDCLAKE_ASSIGN_OR_RETURN(auto waits, stage.context_.store.stage_waits());
  for (metadata::StageWait& wait : waits) {
    session->stored_waits_.emplace(wait.partition, std::move(wait));
  }
  CDCLAKE_ASSIGN_OR_RETURN(const auto counts, stage.context_.store.partition_counts());
  for (const metadata::PartitionCounts& count : counts) {
    session->state_of(count.partition).held_changes = count.rows + count.quarantined > 0;
  }
  return session;
}

Result<StageReport> SilverStage::Session::run_once(const std::stop_token& stop) {
  stop_ = stop;
  last_run_ = {};
  counts_ = {};
  batch_.emplace(new_batch());
  CDCLAKE_RETURN_IF_ERROR(load_positions());
  CDCLAKE_RETURN_IF_ERROR(stage_all(stop));
  return report();
}

/// Takes the positions as the store has them now; what was learned of a partition stays as long as
/// nobody else moved it.
Status SilverStage::Session::load_positions() {
  CDCLAKE_ASSIGN_OR_RETURN(const auto staged, stage_.context_.store.stage_positions());
  CDCLAKE_ASSIGN_OR_RETURN(const auto landed, stage_.context_.store.bronze_positions());
  for (const model::Position& position : staged) {
    PartitionState& partition = state_of(position.partition);
    if (partition.next != position.next_offset) {
      partition.trace = {};
      partition.wait.reset();
    }
    partition.committed = partition.next = position.next_offset;
  }
  for (const model::Position& position : landed) {
    state_of(position.partition).end = position.next_offset;
  }
  return {};
}

PartitionState& SilverStage::Session::state_of(const model::PartitionId& id) {
  const auto [entry, is_new] = partitions_.try_emplace(id);
  if (is_new) entry->second.id = id;
  return entry->second;
}

Status SilverStage::Session::stage_all(const std::stop_token& stop) {
  std::map<std::string, Topic> topics;
  for (auto& [id, partition] : partitions_) topics[id.topic].push_back(&partition);
  for (const auto& [name, topic] : topics) {
    if (stop.stop_requested()) break;
    CDCLAKE_RETURN_IF_ERROR(stage_topic(topic, stop));
  }
  CDCLAKE_RETURN_IF_ERROR(commit());
  allowance_.settle();
  return {};
}

Status SilverStage::Session::stage_topic(const Topic& topic, const std::stop_token& stop) {
  release_waits(topic);
  int look_ups = 0;  // Since something was read.
  while (std::ranges::any_of(topic, &PartitionState::has_more)) {
    const std::int64_t left = offsets_left(topic);
    CDCLAKE_ASSIGN_OR_RETURN(const Reading reading, read_topic(topic, stop));
    if (reading == Reading::kStopped) return {};
    if (offsets_left(topic) < left) look_ups = 0;
    if (reading == Reading::kFileVanished && ++look_ups == kLookUpsMax) {
      return fail(ErrorKind::kUnavailable,
                  "cannot read Bronze: its files vanish while they are looked for: topic=" +
                      topic.front()->id.topic);
    }
    release_waits(topic);
  }
  return {};
}

/// In a topic that feeds a table only tables wait that were typed before: else what has no schema
/// is quarantined. Tombstones of no known table are looked at again when more records came.
void SilverStage::Session::release_waits(const Topic& topic) {
  const bool feeds = !book_.fed_by(topic.front()->id.topic).empty();
  for (PartitionState* partition : topic) {
    if (!partition->wait) continue;
    const KnownTable* table = book_.find(partition->wait->table);
    const bool may_be_known =
        feeds ? table == nullptr || !table->was_typed_outside()
              : partition->wait->table == model::TableId{} && partition->has_more_ahead();
    if (may_be_known) partition->wait.reset();
  }
}

Result<SilverStage::Session::Reading> SilverStage::Session::read_topic(
    const Topic& topic, const std::stop_token& stop) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto files, backlog_.files(topic));
  for (const metadata::StoredBronzeFile& file : files) {
    CDCLAKE_RETURN_IF_ERROR(check_no_hole(file));
    CDCLAKE_ASSIGN_OR_RETURN(auto opened, backlog_.open(file));
    if (!opened) return Reading::kFileVanished;
    CDCLAKE_ASSIGN_OR_RETURN(const Reading reading, read_file(file, *opened, stop));
    if (reading != Reading::kDone) return reading;
  }
  for (PartitionState* partition : topic) {
    if (!partition->has_more()) continue;
    CDCLAKE_RETURN_IF_ERROR(check_explained(*partition, partition->end));
    partition->next = partition->end;
  }
  return Reading::kDone;
}

Result<SilverStage::Session::Reading> SilverStage::Session::read_file(
    const metadata::StoredBronzeFile& file, OpenBronzeFile& opened, const std::stop_token& stop) {
  std::vector<PartitionState*> states;
  for (const model::PartitionId& id : opened.partitions()) states.push_back(&state_of(id));
  if (const Status covered = cover(file, opened, stop); !covered) {
    if (covered.error().kind == ErrorKind::kCancelled) return Reading::kStopped;
    return tl::unexpected(covered.error());
  }
  for (;;) {
    if (stop.stop_requested()) return Reading::kStopped;
    CDCLAKE_ASSIGN_OR_RETURN(const auto records, opened.next());
    if (records.empty()) break;
    for (const model::RawRecord& record : records) {
      PartitionState& partition = *states[opened.index_of(record)];
      if (!partition.wants(record.offset)) continue;
      const auto verdict = judge_.judge(record, partition);
      if (!verdict) {
        if (verdict.error().kind != ErrorKind::kCancelled) return tl::unexpected(verdict.error());
        partition.trace = {};  // It was learned in part.
        return Reading::kStopped;
      }
      CDCLAKE_RETURN_IF_ERROR(stage_record(*verdict, record, partition));
    }
  }
  CDCLAKE_RETURN_IF_ERROR(pass_segments(file));
  if (allowance_.has_borrowed()) {
    CDCLAKE_RETURN_IF_ERROR(commit());
    allowance_.settle();
  }
  return Reading::kDone;
}

/// Makes sure that the file's largest record may be held, beside an empty batch where that takes
/// more than the stage has for itself.
Status SilverStage::Session::cover(const metadata::StoredBronzeFile& file,
                                   const OpenBronzeFile& opened, const std::stop_token& stop) {
  const std::int64_t bytes = opened.batch_bytes() * kTimesHeld;
  if (bytes > stage_.config_.memory_bytes) CDCLAKE_RETURN_IF_ERROR(commit());
  return allowance_.cover(bytes, "a Bronze file of topic " + file.topic, stop);
}

Status SilverStage::Session::stage_record(const Verdict& verdict, const model::RawRecord& record,
                                          PartitionState& partition) {
  if (const auto* order = std::get_if<WaitOrder>(&verdict)) {
    partition.next = record.offset;
    partition.wait = metadata::StageWait{partition.id, record.offset, order->table, order->need};
    return {};
  }
  // A value that is larger than a row group is staged alone, so that it is read alone.
  const bool is_large = record.value && static_cast<std::int64_t>(record.value->size()) >
                                            stage_.config_.limits.group_bytes_max;
  if (is_large && !batch_->is_empty()) CDCLAKE_RETURN_IF_ERROR(commit());
  CDCLAKE_RETURN_IF_ERROR(batch_->add(verdict, record, partition));
  return is_large || batch_->is_full() ? commit() : Status{};
}

/// A segment may end past its last record.
Status SilverStage::Session::pass_segments(const metadata::StoredBronzeFile& file) {
  for (const model::Segment& segment : file.segments) {
    PartitionState& partition = state_of(segment.partition);
    if (!partition.wait) {
      partition.next = std::max(partition.next, std::min(segment.range.next, partition.end));
    }
  }
  return {};
}

/// Positions must not jump over records that are not there.
Status SilverStage::Session::check_no_hole(const metadata::StoredBronzeFile& file) {
  std::vector<const model::Segment*> segments;
  for (const model::Segment& segment : file.segments) segments.push_back(&segment);
  std::ranges::sort(segments, {},
                    [](const model::Segment* segment) { return segment->range.first; });
  std::map<model::PartitionId, std::int64_t> reached;
  for (const model::Segment* segment : segments) {
    const PartitionState& partition = state_of(segment->partition);
    if (!partition.has_more()) continue;
    const auto [cursor, is_new] = reached.try_emplace(segment->partition, partition.next);
    if (segment->range.first > cursor->second && segment->range.first < partition.end) {
      PartitionState at_hole = partition;
      at_hole.next = cursor->second;
      CDCLAKE_RETURN_IF_ERROR(check_explained(at_hole, segment->range.first));
    }
    cursor->second = std::max(cursor->second, segment->range.next);
  }
  return {};
}

Status SilverStage::Session::check_explained(const PartitionState& partition, std::int64_t next) {
  const model::OffsetRange hole{partition.next, next};
  CDCLAKE_ASSIGN_OR_RETURN(const bool explained, backlog_.explains_gap(partition.id, hole));
  if (explained) return {};
  return fail(ErrorKind::kCorrupt,
              "cannot stage: Bronze holds no records of offsets " + std::to_string(hole.first) +
                  " to " + std::to_string(hole.next) + " of topic " + partition.id.topic +
                  ", partition " + std::to_string(partition.id.partition) +
                  ", and no gap says why");
}

Status SilverStage::Session::commit() {
  CDCLAKE_ASSIGN_OR_RETURN(metadata::StageCommit commit, std::move(*batch_).seal());
  const StageCounts counts = batch_->counts();
  for (auto& [id, partition] : partitions_) {
    if (partition.next != partition.committed) commit.ranges.push_back(partition.take_range());
  }
  commit.waits = new_waits();
  book_.add_settings(commit);
  if (!commit.ranges.empty() || !commit.waits.empty()) {
    CDCLAKE_RETURN_IF_ERROR(stage_.run_.begin());
    failpoint("silver_stage.sealed");
    CDCLAKE_RETURN_IF_ERROR(stage_.context_.publisher.run(commit));
    last_run_ = stage_.run_.id();
    for (const metadata::StageFile& file : commit.files) stage_.run_.add_bytes(file.file.bytes);
    for (const metadata::StagedRange& range : commit.ranges) {
      stored_waits_.erase(range.move.partition);
    }
    for (metadata::StageWait& wait : commit.waits) {
      stored_waits_.insert_or_assign(wait.partition, std::move(wait));
    }
    counts_ += counts;
    if (stage_.progress_) {
      StageProgress progress{counts_, 0};
      for (const auto& [id, partition] : partitions_) {
        progress.offsets_left += partition.offsets_left();
      }
      stage_.progress_(progress);
    }
  }
  CDCLAKE_RETURN_IF_ERROR(stage_.run_.end_if_due());
  batch_.emplace(new_batch());
  return {};
}

/// The waits that hold now and that the store does not know.
std::vector<metadata::StageWait> SilverStage::Session::new_waits() const {
  std::vector<metadata::StageWait> waits;
  for (const auto& [id, partition] : partitions_) {
    if (!partition.wait) continue;
    const auto stored = stored_waits_.find(id);
    const bool is_known = stored != stored_waits_.end() &&
                          stored->second.offset == partition.wait->offset &&
                          stored->second.need == partition.wait->need;
    if (!is_known) waits.push_back(*partition.wait);
  }
  return waits;
}

StageBatch SilverStage::Session::new_batch() const {
  return StageBatch(stage_.config_.limits, {stage_.context_.fs, stage_.context_.clock},
                    stage_.run_.id(), stage_.types_);
}

StageReport SilverStage::Session::report() const {
  StageReport report;
  report.committed = !last_run_.empty();
  if (report.committed) {
    report.run = last_run_;
  } else if (stage_.run_.is_open()) {
    report.run = stage_.run_.id();
  }
  report.counts = counts_;
  for (const auto& [id, partition] : partitions_) {
    if (partition.wait) report.waits.push_back(*partition.wait);
  }
  report.refused = book_.not_active();
  return report;
}

SilverStage::SilverStage(SilverStageConfig config, Context context, OutsideTypes types,
                         Progress progress)
    : config_(config),
      context_(context),
      types_(std::move(types)),
      progress_(std::move(progress)),
      run_({context.store, context.lease, context.clock}, "silver_stage") {}
SilverStage::~SilverStage() = default;

Result<StageReport> SilverStage::run_once(const std::stop_token& stop) {
  if (!session_) {
    CDCLAKE_ASSIGN_OR_RETURN(session_, Session::open(*this));
  }
  auto report = session_->run_once(stop);
  if (report) return report;
  session_.reset();
  static_cast<void>(run_.end(metadata::RunStatus::kFailed));  // Else the next start ends it.
  return report;
}

void SilverStage::use_types(OutsideTypes types) {
  types_ = std::move(types);
  session_.reset();
}

Status SilverStage::finish() { return run_.end(metadata::RunStatus::kSuccess); }

}  // namespace cdclake::silver_stage
