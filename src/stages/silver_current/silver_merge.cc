#include "stages/silver_current/silver_merge.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "base/ids.h"
#include "stages/silver_current/lost_halves.h"
#include "stages/silver_current/merge_memory.h"

namespace cdclake::silver_current {

/// One table's part of a round.
struct SilverMerge::TableBite {
  metadata::TableMerge merge;
  TableReport report;
  bool takes_all = false;  ///< No rows are left that a larger bite would hold.

  bool decides() const {
    return takes_all || report.stopped || merge.new_version || !merge.moves.empty();
  }
};

/// A table and what there is to do for it.
struct SilverMerge::TableWork {
  const metadata::Table& table;
  std::stop_token stop;
  UnmergedRows rows{};
  std::optional<metadata::CurrentVersion> version{};
  model::TableSchemaPtr schema{};
};

/// How far the stage and its source had come when the merge started, by topic.
struct SilverMerge::Upstream {
  std::map<std::string, std::vector<model::Position>> staged;
  std::map<std::string, std::vector<model::PartitionEnd>> ends;
  std::map<std::string, std::vector<model::Position>> written;
};

namespace {

template <typename OfPartition>
std::map<std::string, std::vector<OfPartition>> by_topic(std::vector<OfPartition> all) {
  std::map<std::string, std::vector<OfPartition>> sorted;
  for (OfPartition& it : all) {
    auto& of_topic = sorted[it.partition.topic];
    of_topic.push_back(std::move(it));
  }
  return sorted;
}

template <typename OfPartition>
std::vector<OfPartition> of_topics(const std::map<std::string, std::vector<OfPartition>>& all,
                                   const std::vector<std::string>& topics) {
  std::vector<OfPartition> picked;
  for (const std::string& topic : topics) {
    const auto found = all.find(topic);
    if (found != all.end()) {
      picked.insert(picked.end(), found->second.begin(), found->second.end());
    }
  }
  return picked;
}

constexpr std::string_view kCannotMerge = "CANNOT_MERGE: ";

/// Whether the cause lies in one table's files or types, and not in the disk or the store.
bool is_of_one_table(const Error& error) {
  return error.kind == ErrorKind::kCorrupt || error.kind == ErrorKind::kInvalidConfig;
}

bool moves_anything(const metadata::TableMerge& merge) {
  return merge.new_version.has_value() || !merge.moves.empty();
}

/// Input that is complete but not all staged may still hold the other half of a key move.
MergeCut cut_batch(const ChangeBatch& batch, const MergePlan& plan, OpenMoves open_moves) {
  const bool is_complete = plan.takes_all && open_moves == OpenMoves::kTakeAsAlone;
  if (is_complete && !plan.unstaged) return cut_at_open_moves(batch, kAllAlone);
  MergeCut cut = cut_at_open_moves(batch, plan.alone_until_us);
  if (is_complete && !cut.held_back.empty()) {
    cut.held_back.push_back("the input is not complete: of " + plan.unstaged->topic + "/" +
                            std::to_string(plan.unstaged->partition) +
                            " Bronze holds more than is staged");
  }
  return cut;
}

/// Forgets files that are merged.
void keep_only(std::set<FileId>& ids, const std::vector<metadata::StoredStageFile>& files) {
  std::set<FileId> kept;
  for (const metadata::StoredStageFile& file : files) {
    if (ids.contains(file.id)) kept.insert(file.id);
  }
  ids = std::move(kept);
}

metadata::FolderView view_of(const CurrentFolder& folder, std::int64_t version,
                             const std::vector<metadata::CurrentFile>& files) {
  metadata::FolderView view;
  view.folder = folder.view();
  view.marker = "_VERSION";
  view.version = std::to_string(version) + "-" + random_hex_id();
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::string number = std::to_string(i + 1);
    number.insert(0, number.size() < 5 ? 5 - number.size() : 0, '0');
    view.links.push_back({number + "-" + files[i].id.value + ".parquet", files[i].id});
  }
  return view;
}

}  // namespace

SilverMerge::TableBite SilverMerge::stopped_by(StoppedTable reason) {
  TableBite stopped;
  stopped.report.stopped = std::move(reason.reason);
  return stopped;
}

Status SilverMergeConfig::validate() const {
  if (batch_rows_max < 1 || memory_bytes_max < 1 || file_rows_max < 1) {
    return fail(ErrorKind::kInvalidConfig,
                "rows of a merge batch and of a current file, and the memory of a merge, must be "
                "positive");
  }
  return {};
}

SilverMerge::SilverMerge(SilverMergeConfig config, Context context, Progress progress)
    : config_(config),
      context_(context),
      progress_(std::move(progress)),
      run_({context.store, context.lease, context.clock}, "silver_merge"),
      allowance_(0, context.spare_memory) {}

Result<MergeReport> SilverMerge::run_once(const std::stop_token& stop, Pace pace) {
  MergeReport report;
  CDCLAKE_ASSIGN_OR_RETURN(auto staged, context_.store.stage_positions());
  CDCLAKE_ASSIGN_OR_RETURN(auto ends, context_.store.source_ends());
  CDCLAKE_ASSIGN_OR_RETURN(auto written, context_.store.bronze_positions());
  const Upstream upstream{by_topic(std::move(staged)), by_topic(std::move(ends)),
                          by_topic(std::move(written))};
  const auto work = [&]() -> Status {
    while (!stop.stop_requested()) {
      CDCLAKE_ASSIGN_OR_RETURN(auto bites, bite_all(stop, pace, upstream));
      if (bites.empty()) break;
      CDCLAKE_RETURN_IF_ERROR(publish(std::move(bites), report));
      if (pace == Pace::kPaced) break;
    }
    return {};
  };
  if (const Status done = work(); !done) {
    static_cast<void>(run_.end(metadata::RunStatus::kFailed));  // Else the next start ends it.
    return tl::unexpected<Error>(done.error());
  }
  if (run_.is_open()) report.run = run_.id();
  CDCLAKE_RETURN_IF_ERROR(run_.end_if_due());
  return report;
}

Status SilverMerge::finish() { return run_.end(metadata::RunStatus::kSuccess); }

Result<std::vector<SilverMerge::TableBite>> SilverMerge::bite_all(const std::stop_token& stop,
                                                                  Pace pace,
                                                                  const Upstream& upstream) {
  std::vector<TableBite> bites;
  CDCLAKE_ASSIGN_OR_RETURN(auto tables, context_.store.tables());
  std::ranges::sort(tables, {}, &metadata::Table::path_segment);
  for (const metadata::Table& table : tables) {
    if (stop.stop_requested()) break;
    if (!may_merge(table)) continue;
    const MonotonicTime start = context_.clock.monotonic();
    if (pace == Pace::kPaced && not_before_.contains(table.key) && start < not_before_[table.key])
      continue;
    auto bitten = bite(table, upstream, stop);
    allowance_.settle();
    if (!bitten) {
      if (bitten.error().kind == ErrorKind::kCancelled) break;
      return tl::unexpected<Error>(std::move(bitten).error());
    }
    const MonotonicTime end = context_.clock.monotonic();
    not_before_[table.key] = end + (end - start);
    if (!*bitten) continue;
    if ((*bitten)->report.stopped) {
      CDCLAKE_RETURN_IF_ERROR(stop_table(table, (*bitten)->report));
    } else {
      bites.push_back(std::move(**bitten));
    }
  }
  return bites;
}

bool SilverMerge::may_merge(const metadata::Table& table) {
  if (table.state == metadata::TableState::kActive) return true;
  return table.state == metadata::TableState::kStopped && table.reason.starts_with(kCannotMerge) &&
         tried_again_.insert(table.key).second;
}

Status SilverMerge::stop_table(const metadata::Table& table, const TableReport& report) {
  tried_again_.insert(table.key);
  CDCLAKE_RETURN_IF_ERROR(context_.store.set_table_state(
      context_.lease, table.key, metadata::TableState::kStopped, *report.stopped));
  if (progress_) progress_(report);
  return {};
}

Result<std::optional<SilverMerge::TableBite>> SilverMerge::bite(const metadata::Table& table,
                                                                const Upstream& upstream,
                                                                const std::stop_token& stop) {
  TableWork work{table, stop};
  UnmergedRows& rows = work.rows;
  rows.staged = of_topics(upstream.staged, table.topics);
  rows.ends = of_topics(upstream.ends, table.topics);
  rows.written = of_topics(upstream.written, table.topics);
  CDCLAKE_ASSIGN_OR_RETURN(rows.merged, context_.store.merge_positions(table.key));
  CDCLAKE_ASSIGN_OR_RETURN(rows.files, context_.store.unmerged_stage_files(table.key));
  if (rows.files.empty() && rows.merged.empty()) return std::nullopt;
  if (!rows.files.empty()) {
    CDCLAKE_ASSIGN_OR_RETURN(
        rows.batch_ends, context_.store.stage_batch_ends(table.key, rows.files.front().batch - 1));
  }
  // Half a key move may hold back much, which is looked at again only where that can help.
  Outlook outlook = outlook_of(rows);
  const auto seen = nothing_moved_.find(table.key);
  if (seen != nothing_moved_.end() && seen->second == outlook) return std::nullopt;
  CDCLAKE_ASSIGN_OR_RETURN(work.version, context_.store.current_version(table.key));
  if (rows.files.empty() && !work.version) return std::nullopt;
  auto bitten = next_bite(work);
  if (!bitten && is_of_one_table(bitten.error())) {
    bitten = stopped_by({std::string(kCannotMerge) + bitten.error().message});
  }
  if (!bitten) return tl::unexpected<Error>(std::move(bitten).error());
  bitten->report.table = table.id.display();
  if (bitten->report.stopped) return std::move(*bitten);
  if (table.state != metadata::TableState::kActive) {
    CDCLAKE_RETURN_IF_ERROR(context_.store.set_table_state(context_.lease, table.key,
                                                           metadata::TableState::kActive, ""));
  }
  if (moves_anything(bitten->merge)) {
    // The same may be seen again with other rows.
    if (nothing_moved_.contains(table.key)) nothing_moved_[table.key].reset();
    return std::move(*bitten);
  }
  nothing_moved_[table.key] = std::move(outlook);
  CDCLAKE_ASSIGN_OR_RETURN(const auto known, context_.store.held_back(table.key));
  if (bitten->merge.held_back == known) return std::nullopt;
  return std::move(*bitten);  // Nothing moves, but status shall say why.
}

/// The oldest rows, unless they are known to be held back.
Result<SilverMerge::TableBite> SilverMerge::next_bite(TableWork& work) {
  const auto& files = work.rows.files;
  CDCLAKE_ASSIGN_OR_RETURN(
      work.schema,
      context_.store.schema(files.empty() ? work.version->schema : files.front().schema));
  if (!nothing_moved_.contains(work.table.key)) {
    CDCLAKE_ASSIGN_OR_RETURN(
        TableBite bitten,
        bite_of_rows(work, {config_.batch_rows_max, share_of(config_.memory_bytes_max)}));
    if (bitten.decides()) return bitten;
  }
  return bite_past_open_moves(work);
}

/// Looks for the other halves of open key moves, among nothing but halves, in all that is staged.
Result<SilverMerge::TableBite> SilverMerge::bite_past_open_moves(TableWork& work) {
  constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
  const MergePlan whole = plan_merge(work.rows, {kNoLimit, kNoLimit});
  if (const auto reason = reason_to_stop(whole, work.version)) return stopped_by(*reason);
  CDCLAKE_ASSIGN_OR_RETURN(const KeyCodec codec, KeyCodec::make(*work.schema));
  std::set<FileId>& without_halves = without_halves_[work.table.key];
  keep_only(without_halves, whole.files);
  const std::int64_t halves_max = changes_share_max(config_.memory_bytes_max) / kChangeBytes;
  CDCLAKE_ASSIGN_OR_RETURN(
      const ChangeBatch halves,
      load_move_halves({context_.fs, context_.store, whole.files, work.stop}, *work.schema, codec,
                       whole.spans, {without_halves, halves_max}));
  const MergeCut cut = cut_batch(halves, whole, config_.open_moves);
  work.rows = rows_below(std::move(work.rows), whole, cut);
  if (cut.held_back.empty()) nothing_moved_.erase(work.table.key);

  BiteLimits limits{config_.batch_rows_max, share_of(config_.memory_bytes_max)};
  CDCLAKE_ASSIGN_OR_RETURN(TableBite bitten, bite_of_rows(work, limits));
  if (!bitten.decides()) {
    const MergePlan nearest =
        up_to_first_halves(plan_merge(work.rows, {kNoLimit, kNoLimit}), halves, cut,
                           changes_within(work.rows, limits.bytes));
    CDCLAKE_ASSIGN_OR_RETURN(bitten, bite_of_plan(work, nearest));
  }
  // What the first half of a partition waits for lies behind another half: of a move within that
  // partition, or of moves that wait for each other in a circle.
  while (!bitten.decides()) {
    limits.rows *= 4;
    if (limits.rows > changes_within(work.rows, limits.bytes)) limits.bytes *= 2;
    if (limits.bytes > changes_share_max(config_.memory_bytes_max)) {
      return tl::unexpected<Error>(moves_too_far_apart(cut));
    }
    CDCLAKE_ASSIGN_OR_RETURN(bitten, bite_of_rows(work, limits));
  }
  bitten.merge.held_back = bitten.report.held_back = cut.held_back;
  return bitten;
}

Result<SilverMerge::TableBite> SilverMerge::bite_of_rows(TableWork& work,
                                                         const BiteLimits& limits) {
  CDCLAKE_RETURN_IF_ERROR(measure_changes({context_.fs, context_.store, work.rows.files, work.stop},
                                          *work.schema, limits.bytes, work.rows.file_bytes));
  return bite_of_plan(work, plan_bite(work.rows, limits));
}

Result<SilverMerge::TableBite> SilverMerge::bite_of_plan(const TableWork& work,
                                                         const MergePlan& plan) {
  if (const auto reason = reason_to_stop(plan, work.version)) return stopped_by(*reason);
  const auto& [table, stop, rows, version, schema] = work;
  const CurrentFolder folder{table.path_segment};
  CDCLAKE_ASSIGN_OR_RETURN(const KeyCodec codec, KeyCodec::make(*schema));
  const StagedFiles staged{context_.fs, context_.store, plan.files, stop};
  CDCLAKE_ASSIGN_OR_RETURN(const ChangeBatch batch,
                           load_change_batch(staged, *schema, codec, plan.spans));
  MergeCut cut = cut_batch(batch, plan, config_.open_moves);
  FoldResult folded = fold_changes(batch, cut);

  const auto hold = [&](std::int64_t row_bytes) {
    return allowance_.cover((row_bytes - config_.group_bytes_max) * kTimesHeld,
                            "a row of " + table.id.display(), stop);
  };
  const CurrentTable current{context_.fs, folder, *schema, codec, stop, hold};
  static const std::vector<metadata::CurrentFile> kNone;
  TableBite bitten;
  bitten.takes_all = plan.takes_all;
  CDCLAKE_ASSIGN_OR_RETURN(bitten.merge.lost_halves,
                           lost_halves(current, version ? version->files : kNone, batch, cut));
  bitten.report.held_back = cut.held_back;
  if (!folded.stopped && !folded.changes.empty()) {
    const FoldedBatch changes{batch, folded.changes,
                              [&](std::size_t file) { return staged.open(file); }};
    CDCLAKE_ASSIGN_OR_RETURN(BuiltVersion built,
                             build_version({.file_rows_max = config_.file_rows_max,
                                            .file_bytes_max = share_of(config_.memory_bytes_max),
                                            .group_bytes_max = config_.group_bytes_max},
                                           current, changes, version));
    folded.stopped = std::move(built.stopped);
    if (built.changed) {
      bitten.merge.new_version = (version ? version->version : 0) + 1;
      bitten.merge.view = view_of(folder, *bitten.merge.new_version, built.files);
      bitten.merge.files = std::move(built.files);
      bitten.merge.added = std::move(built.added);
    }
    bitten.report.rows_written = built.rows_written;
  }
  if (folded.stopped) bitten.report.stopped = folded.stopped->reason;
  bitten.report.version = bitten.merge.new_version;
  bitten.merge.table = table.key;
  bitten.merge.expected_version = version ? version->version : 0;
  bitten.merge.schema = schema->id;
  bitten.merge.held_back = std::move(cut.held_back);
  for (std::size_t i = 0; i < batch.partitions.size(); ++i) {
    const PartitionSpan& span = batch.partitions[i];
    if (cut.next_offsets[i] == span.range.first) continue;
    bitten.merge.moves.push_back({span.id, span.range.first, cut.next_offsets[i]});
  }
  bitten.report.rows_read = std::ranges::count_if(batch.events, [&](const ChangeEvent& event) {
    return event.offset < cut.next_offsets[event.partition];
  });
  return bitten;
}

Status SilverMerge::publish(std::vector<TableBite> bites, MergeReport& report) {
  CDCLAKE_RETURN_IF_ERROR(run_.begin());
  metadata::MergeCommit commit;
  commit.run = run_.id();
  for (TableBite& bitten : bites) commit.tables.push_back(std::move(bitten.merge));
  CDCLAKE_RETURN_IF_ERROR(context_.publisher.run(commit));
  for (const metadata::TableMerge& table : commit.tables) {
    for (const metadata::PreparedFile& file : table.added) run_.add_bytes(file.bytes);
  }
  for (TableBite& bitten : bites) {
    if (progress_) progress_(bitten.report);
    report.tables.push_back(std::move(bitten.report));
  }
  return {};
}

}  // namespace cdclake::silver_current
