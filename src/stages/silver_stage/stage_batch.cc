#include "stages/silver_stage/stage_batch.h"

#include <utility>
#include <variant>

#include "base/assert.h"

namespace cdclake::silver_stage {
namespace {

std::int64_t sum(const Counts& counts) {
  std::int64_t total = 0;
  for (const auto& [word, count] : counts) total += count;
  return total;
}

void add_one(std::string_view word, Counts& counts) {
  const auto found = counts.find(word);
  if (found != counts.end()) {
    ++found->second;
  } else {
    counts.emplace(word, 1);
  }
}

}  // namespace

std::int64_t StageCounts::records() const { return rows + sum(quarantined) + sum(no_row); }

StageCounts& StageCounts::operator+=(const StageCounts& other) {
  rows += other.rows;
  for (const auto& [reason, count] : other.quarantined) quarantined[reason] += count;
  for (const auto& [kind, count] : other.no_row) no_row[kind] += count;
  return *this;
}

Status StageBatchLimits::validate() const {
  if (records_max < 1 || bytes_max < 1 || group_bytes_max < 1 || quarantined_max < 1 ||
      files_max < 1 || open_files_max < 1) {
    return fail(ErrorKind::kInvalidConfig, "every limit of a stage batch must be positive");
  }
  return {};
}

StageBatch::StageBatch(StageBatchLimits limits, Context context, RunId run, OutsideTypes types)
    : limits_(limits),
      run_(std::move(run)),
      changes_(context.fs, run_, {limits.open_files_max, limits.group_bytes_max}),
      quarantine_(context.fs, context.clock, limits.open_files_max),
      schemas_(context.fs, std::move(types)) {}

Status StageBatch::add(const Verdict& verdict, const model::RawRecord& record,
                       PartitionState& partition) {
  CDCLAKE_ASSERT(partition.wants(record.offset));
  return std::visit([&](const auto& order) { return take(order, record, partition); }, verdict);
}

Status StageBatch::take(const StagedRow& staged, const model::RawRecord& record,
                        PartitionState& partition) {
  CDCLAKE_RETURN_IF_ERROR(schemas_.note(staged.row, record));
  CDCLAKE_RETURN_IF_ERROR(changes_.append(staged, record));
  ++partition.rows;
  ++counts_.rows;
  pass(record, partition);
  return {};
}

Status StageBatch::take(const QuarantineOrder& order, const model::RawRecord& record,
                        PartitionState& partition) {
  CDCLAKE_RETURN_IF_ERROR(quarantine_.append(order, record));
  ++partition.quarantined;
  add_one(order.reason, counts_.quarantined);
  pass(record, partition);
  return {};
}

Status StageBatch::take(const model::NoRow& no_row, const model::RawRecord& record,
                        PartitionState& partition) {
  ++partition.no_row;
  add_one(no_row.kind, counts_.no_row);
  pass(record, partition);
  return {};
}

Status StageBatch::take(const WaitOrder&, const model::RawRecord&, PartitionState&) {
  CDCLAKE_ASSERT(!"a batch takes no waits");
  return {};
}

void StageBatch::pass(const model::RawRecord& record, PartitionState& partition) {
  partition.next = record.offset + 1;
  ++partition.records;
  ++records_;
}

bool StageBatch::is_full() const {
  return records_ >= limits_.records_max || changes_.bytes() >= limits_.bytes_max ||
         static_cast<std::int64_t>(quarantine_.record_count()) >= limits_.quarantined_max ||
         changes_.written() >= limits_.files_max;
}

Result<metadata::StageCommit> StageBatch::seal() && {
  metadata::StageCommit commit;
  commit.run = run_;
  CDCLAKE_ASSIGN_OR_RETURN(commit.files, changes_.seal());
  CDCLAKE_ASSIGN_OR_RETURN(auto quarantine, quarantine_.seal());
  commit.quarantine_files = std::move(quarantine.files);
  commit.quarantined = std::move(quarantine.records);
  commit.schema_files = schemas_.take();
  return commit;
}

}  // namespace cdclake::silver_stage
