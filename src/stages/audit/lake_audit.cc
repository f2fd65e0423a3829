#include "stages/audit/lake_audit.h"

#include <algorithm>
#include <utility>

#include "stages/audit/file_audit.h"
#include "stages/audit/folder_audit.h"
#include "stages/audit/lake_listing.h"
#include "stages/audit/name_audit.h"
#include "stages/audit/offset_audit.h"

namespace cdclake::audit {
namespace {

/// Looks at a lake in which something is found. A commit, a swap or a sweep while we look can make
/// anything seem wrong once, hardly the same each time.
constexpr int kLooksMax = 4;

void add_file(const metadata::FileAccount& account, Totals& totals) {
  using metadata::FileKind;
  if (account.state == metadata::FileState::kSuperseded) return;
  if (account.state == metadata::FileState::kExpired) {
    ++totals.expired.files;
    totals.expired.bytes += account.file.bytes;
    totals.expired.rows += account.file.rows;
    return;
  }
  Layer* layer = nullptr;
  switch (account.file.kind) {
    case FileKind::kBronzePart:
    case FileKind::kBronzeCompacted:
      layer = &totals.bronze;
      break;
    case FileKind::kStage:
      layer = &totals.stage;
      break;
    case FileKind::kCurrent:
      layer = &totals.current;
      break;
    case FileKind::kQuarantine:
    case FileKind::kSchema:
      return;
  }
  ++layer->files;
  layer->bytes += account.file.bytes;
  layer->rows += account.file.rows;
}

Totals totals_of(const metadata::Accounts& accounts) {
  Totals totals;
  for (const metadata::FileAccount& it : accounts.files) add_file(it, totals);
  totals.partitions = static_cast<std::int64_t>(accounts.partitions.size());
  std::int64_t records = 0;
  for (const metadata::PartitionAccount& it : accounts.partitions) {
    for (const metadata::SegmentAccount& segment : it.segments) {
      records += segment.segment.record_count;
    }
    for (const metadata::StagedAccount& staged : it.staged) {
      totals.staged_rows += staged.rows;
      totals.quarantined += staged.quarantined;
      totals.no_row += staged.no_row;
    }
    for (const model::OffsetRange& gap : it.gaps) totals.gap_offsets += gap.next - gap.first;
  }
  totals.waiting = records - totals.staged_rows - totals.quarantined - totals.no_row;
  return totals;
}

Status check_binding(lake::LakeFs& fs, metadata::MetadataStore& store) {
  for (const lake::Root root : {lake::Root::kBronze, lake::Root::kSilver}) {
    CDCLAKE_ASSIGN_OR_RETURN(const std::string id, lake::lake_id(fs, root));
    CDCLAKE_ASSIGN_OR_RETURN(const auto bound, store.bound_lake(root));
    if (bound == id) continue;
    return fail(ErrorKind::kInvalidConfig,
                "the metadata store belongs to another lake (set METADATA_DB to the store that "
                "this lake was written with): " +
                    fs.absolute({root, ""}));
  }
  return {};
}

/// One look at everything.
class Look {
 public:
  Look(lake::LakeFs& fs, metadata::MetadataStore& store, const Watch& watch)
      : fs_(fs), store_(store), watch_(watch) {}

  Status at(Depth depth, const std::set<std::string>* suspects, Report& report) {
    // Who works is asked before and after: what a job has in hand while we look is not left undone.
    CDCLAKE_ASSIGN_OR_RETURN(auto at_work, watch_.roles_at_work());
    CDCLAKE_ASSIGN_OR_RETURN(const auto accounts, store_.accounts());
    CDCLAKE_ASSIGN_OR_RETURN(const auto listing, list_lake(fs_, report.findings));
    CDCLAKE_ASSIGN_OR_RETURN(const auto at_work_now, watch_.roles_at_work());
    at_work.insert(at_work_now.begin(), at_work_now.end());
    for (const std::string& what : accounts.broken) {
      report.findings.push_back(about_store(Fault::kStoreBroken, what));
    }
    report.totals = totals_of(accounts);
    audit_offsets(accounts, report.findings);
    audit_folders(fs_, accounts, listing, depth, report.findings);
    audit_names(fs_, accounts, listing, at_work, report.findings);
    FileAudit files(fs_, accounts, listing, depth);
    std::int64_t done = 0;
    for (const metadata::FileAccount& it : accounts.files) {
      if (watch_.progress) {
        watch_.progress(done++, static_cast<std::int64_t>(accounts.files.size()));
      }
      const bool is_meant = suspects == nullptr ||
                            suspects->contains(fs_.absolute(it.file.final_path)) ||
                            suspects->contains(fs_.absolute(it.file.hidden));
      if (is_meant) files.look_at(it, report.findings);
    }
    return {};
  }

 private:
  lake::LakeFs& fs_;
  metadata::MetadataStore& store_;
  const Watch& watch_;
};

}  // namespace

bool Report::balances() const {
  return std::ranges::none_of(findings, [](const Finding& it) { return is_damage(it.fault); });
}

Result<Report> audit_lake(lake::LakeFs& fs, metadata::MetadataStore& store, Depth depth,
                          const Watch& watch) {
  CDCLAKE_RETURN_IF_ERROR(check_binding(fs, store));
  Look look(fs, store, watch);
  Report report;
  CDCLAKE_RETURN_IF_ERROR(look.at(depth, nullptr, report));
  for (int looks = 1; !report.findings.empty() && looks < kLooksMax; ++looks) {
    std::set<std::string> suspects;
    for (const Finding& it : report.findings) suspects.insert(it.path);
    Report again;
    CDCLAKE_RETURN_IF_ERROR(look.at(depth, &suspects, again));
    std::erase_if(again.findings, [&](const Finding& now) {
      return std::ranges::none_of(report.findings,
                                  [&](const Finding& it) { return it.is_same_as(now); });
    });
    report = std::move(again);
  }
  return report;
}

}  // namespace cdclake::audit
