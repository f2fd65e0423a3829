#include "stages/upkeep/upkeep.h"

#include <utility>

#include "base/ids.h"

namespace cdclake::upkeep {
namespace {

using metadata::Role;

constexpr std::chrono::hours kBetweenClearings{1};
/// What a turn may take where others work at the same time. A rewrite is not cut short by it.
constexpr std::chrono::seconds kTurnTimeMax{2};
/// How long rows of the store stay that nothing needs any more: for people who look.
constexpr std::chrono::hours kHistoryAge{30 * 24};

metadata::ExpiryTimes expiry_times(const UpkeepConfig& config, const Clock& clock) {
  const auto before = [&](std::chrono::hours age) -> std::optional<std::int64_t> {
    if (age.count() == 0) return std::nullopt;
    return (clock.now() - age).time_since_epoch().count();
  };
  return {.bronze_us = before(config.bronze_age), .stage_us = before(config.stage_age)};
}

std::string counted(std::int64_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

void add(const metadata::PreparedFile& file, Share& share) {
  ++share.files;
  share.bytes += file.bytes;
}

const char* layer_of(const lake::LakePath& folder) {
  return folder.root == lake::Root::kBronze ? "Bronze" : "the stage";
}

}  // namespace

Result<std::vector<Share>> plan_upkeep(lake::LakeFs& fs, metadata::MetadataStore& store,
                                       const Clock& clock, const UpkeepConfig& config) {
  Share replaced{.what = "replaced files whose grace period is over, to be removed"};
  for (const Role role : metadata::kAllRoles) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto found, store.superseded(role, config.grace));
    for (const metadata::PreparedFile& file : found.files) add(file, replaced);
  }
  Share orphaned{.what = "hidden files of processes that died, to be removed"};
  CDCLAKE_ASSIGN_OR_RETURN(const auto orphans,
                           commit::find_orphans(fs, store, config.store_path, clock));
  for (const commit::Orphans& it : orphans) {
    orphaned.files += std::ssize(it.paths);
    orphaned.bytes += it.bytes;
  }
  std::set<FileId> leaving;
  Share bronze{.what = "Bronze files that are old enough to expire"};
  Share stage{.what = "stage files that are old enough to expire"};
  CDCLAKE_ASSIGN_OR_RETURN(const auto expiring,
                           store.upkeep().expiring_files(expiry_times(config, clock)));
  for (const metadata::ExpiringFiles& folder : expiring) {
    Share& share = folder.folder.root == lake::Root::kBronze ? bronze : stage;
    for (const metadata::PreparedFile& file : folder.files) {
      add(file, share);
      leaving.insert(file.id);
    }
  }
  Share small{.what = "small stage files, to be put together"};
  CDCLAKE_ASSIGN_OR_RETURN(const auto days,
                           store.upkeep().days_of_small_files(config.rewrite.small_bytes));
  for (const metadata::StageDayKey& key : days) {
    CDCLAKE_ASSIGN_OR_RETURN(auto day, store.upkeep().stage_day(key));
    std::erase_if(day.files, [&](const auto& it) { return leaving.contains(it.file.id); });
    for (const Rewrite& files : plan_rewrites(day, config.rewrite, clock.now())) {
      small.files += std::ssize(files);
      for (const metadata::RewritableFile& file : files) small.bytes += file.bytes;
    }
  }
  std::vector<Share> plan = {replaced, orphaned, bronze, stage, small};
  std::erase_if(plan, [](const Share& share) { return share.files == 0; });
  return plan;
}

Upkeep::Upkeep(UpkeepConfig config, const UpkeepContext& context)
    : config_(std::move(config)),
      context_(context),
      run_({context.store, context.lease, context.clock}, "upkeep"),
      next_clearing_(context.clock.monotonic()) {}

Result<TurnReport> Upkeep::turn(const std::stop_token& stop, Effort effort) {
  TurnReport report;
  if (const Status done = work(report, stop, effort); !done) {
    if (done.error().kind == ErrorKind::kCancelled) return report;
    static_cast<void>(run_.end(metadata::RunStatus::kFailed));  // Else the next start ends it.
    return tl::unexpected<Error>(done.error());
  }
  if (run_.is_open()) report.run = run_.id();
  CDCLAKE_RETURN_IF_ERROR(run_.end_if_due());
  return report;
}

Status Upkeep::finish() { return run_.end(metadata::RunStatus::kSuccess); }

Status Upkeep::work(TurnReport& report, const std::stop_token& stop, Effort effort) {
  const MonotonicTime now = context_.clock.monotonic();
  if (effort == Effort::kAll || now >= next_clearing_) {
    CDCLAKE_RETURN_IF_ERROR(clear_away(report));
    CDCLAKE_RETURN_IF_ERROR(expire(report));
    CDCLAKE_RETURN_IF_ERROR(trim());
    next_clearing_ = now + kBetweenClearings;
  }
  return rewrite(report, stop, effort);
}

Status Upkeep::clear_away(TurnReport& report) {
  CDCLAKE_RETURN_IF_ERROR(context_.publisher.sweep(config_.grace));
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto found,
      commit::find_orphans(context_.fs, context_.store, config_.store_path, context_.clock));
  for (const commit::Orphans& orphans : found) {
    CDCLAKE_RETURN_IF_ERROR(
        commit::remove_orphans(context_.fs, context_.store, context_.lease, orphans));
    report.lines.push_back(counted(std::ssize(orphans.paths), "hidden file") + " of " +
                           std::string(to_string(orphans.role)) +
                           ", whose process died, removed: " + std::to_string(orphans.bytes) +
                           " bytes");
  }
  return {};
}

Status Upkeep::expire(TurnReport& report) {
  CDCLAKE_ASSIGN_OR_RETURN(const auto folders, context_.store.upkeep().expiring_files(
                                                   expiry_times(config_, context_.clock)));
  for (const metadata::ExpiringFiles& folder : folders) {
    CDCLAKE_RETURN_IF_ERROR(unless_passing(expire(folder, report)));
  }
  return {};
}

Status Upkeep::expire(const metadata::ExpiringFiles& files, TurnReport& report) {
  CDCLAKE_RETURN_IF_ERROR(run_.begin());
  metadata::UpkeepCommit commit;
  commit.run = run_.id();
  commit.view.folder = files.folder;
  commit.view.version = random_hex_id();
  Share gone;
  for (const metadata::PreparedFile& file : files.files) {
    commit.expired.push_back(file.id);
    commit.view.leaving.emplace_back(file.final_path.name());
    add(file, gone);
  }
  CDCLAKE_RETURN_IF_ERROR(context_.publisher.run(commit));
  report.lines.push_back(counted(gone.files, "file") + " of " + layer_of(files.folder) +
                         " expired: " + std::to_string(gone.bytes) +
                         " bytes: " + context_.fs.absolute(files.folder));
  return {};
}

Status Upkeep::rewrite(TurnReport& report, const std::stop_token& stop, Effort effort) {
  const MonotonicTime end = context_.clock.monotonic() + kTurnTimeMax;
  CDCLAKE_ASSIGN_OR_RETURN(
      const auto days, context_.store.upkeep().days_of_small_files(config_.rewrite.small_bytes));
  for (const metadata::StageDayKey& key : days) {
    const auto place = std::tuple(key.table, key.schema_key, key.event_date);
    if (troubled_.contains(place)) continue;
    CDCLAKE_ASSIGN_OR_RETURN(const auto day, context_.store.upkeep().stage_day(key));
    for (const Rewrite& files : plan_rewrites(day, config_.rewrite, context_.clock.now())) {
      const bool is_out_of_time = effort == Effort::kAllotted && context_.clock.monotonic() >= end;
      if (stop.stop_requested() || is_out_of_time) {
        report.is_done = false;
        return {};
      }
      const Status done = rewrite(day, files, stop, report);
      if (!done && done.error().kind == ErrorKind::kCorrupt) {
        troubled_.insert(place);
        report.trouble.push_back(done.error().message);
        break;
      }
      CDCLAKE_RETURN_IF_ERROR(unless_passing(done));
    }
  }
  return {};
}

Status Upkeep::rewrite(const metadata::StageDay& day, const Rewrite& files,
                       const std::stop_token& stop, TurnReport& report) {
  CDCLAKE_RETURN_IF_ERROR(run_.begin());
  CDCLAKE_ASSIGN_OR_RETURN(const auto done,
                           rewrite_stage_files(context_, run_.id(), day, files, stop));
  run_.add_bytes(done.bytes_after);
  report.lines.push_back(day.table.id.display() + ", " + day.event_date + ": " +
                         counted(done.files, "stage file") + " into one, " +
                         counted(done.rows, "row") + ", " + std::to_string(done.bytes_before) +
                         " to " + std::to_string(done.bytes_after) + " bytes");
  return {};
}

Status Upkeep::unless_passing(const Status& status) {
  if (status || status.error().kind != ErrorKind::kConflict) return status;
  // Files were replaced since they were listed: the next turn lists them anew. Unless it is the
  // role that was taken over, which the store would say again.
  return context_.store.heartbeat(context_.lease);
}

Status Upkeep::trim() {
  for (std::int64_t rows = 1; rows > 0;) {
    CDCLAKE_ASSIGN_OR_RETURN(rows, context_.store.upkeep().trim(context_.lease, kHistoryAge));
  }
  return {};
}

}  // namespace cdclake::upkeep
