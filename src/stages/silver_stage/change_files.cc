#include "stages/silver_stage/change_files.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/clock.h"
#include "platform/commit/prepare.h"
#include "stages/silver_stage/stage_places.h"

namespace cdclake::silver_stage {
namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kDayMs = 86'400'000;

std::int64_t floor_division(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

/// The first and last whole day of a clock of microseconds.
constexpr std::int64_t kDayMin = INT64_MIN / kDayUs;
constexpr std::int64_t kDayMax = INT64_MAX / kDayUs;

std::string date_of(std::int64_t day) {
  return utc_date(WallTime(std::chrono::microseconds(day * kDayUs)));
}

void widen(std::vector<metadata::StageFile::Range>& ranges, const model::RawRecord& record) {
  for (metadata::StageFile::Range& range : ranges) {
    if (range.partition.partition != record.partition->partition) continue;
    if (range.partition != *record.partition) continue;
    range.offsets.next = record.offset + 1;
    return;
  }
  ranges.push_back({*record.partition, {record.offset, record.offset + 1}});
}

}  // namespace

std::int64_t event_day(const model::ChangeRow& row, const model::RawRecord& record) {
  std::int64_t day = 0;
  if (row.commit_ts_us) {
    day = floor_division(*row.commit_ts_us, kDayUs);
  } else if (record.timestamp_type != model::TimestampType::kNone) {
    day = floor_division(record.timestamp_ms, kDayMs);
  }
  return std::clamp(day, kDayMin, kDayMax);
}

ChangeFiles::ChangeFiles(lake::LakeFs& fs, RunId run, Limits limits)
    : fs_(&fs), run_(std::move(run)), limits_(limits) {}

Status ChangeFiles::append(const StagedRow& staged, const model::RawRecord& record) {
  const std::int64_t day = event_day(staged.row, record);
  if (last_file_ == nullptr || staged.row.schema != last_schema_ || day != last_day_) {
    CDCLAKE_ASSIGN_OR_RETURN(last_file_, find_or_open(staged, day));
    last_schema_ = staged.row.schema;
    last_day_ = day;
  }
  constexpr std::int64_t kEpoch = 0;  // A break of the source's order stops the table instead.
  bytes_ -= last_file_->writer.bytes();
  CDCLAKE_RETURN_IF_ERROR(last_file_->writer.append(staged.row, record, kEpoch));
  bytes_ += last_file_->writer.bytes();
  widen(last_file_->ranges, record);
  return {};
}

Result<ChangeFiles::OpenFile*> ChangeFiles::find_or_open(const StagedRow& staged,
                                                         std::int64_t day) {
  const Place place(staged.row.schema->id, day);
  const auto found = open_.find(place);
  if (found != open_.end()) return &found->second;
  if (open_.size() >= limits_.open_max) CDCLAKE_RETURN_IF_ERROR(write_biggest());
  OpenFile file{staged.table->stored.key,
                staged.table->stored.path_segment,
                date_of(day),
                staged.row.schema,
                parquet::ChangeFileWriter(staged.row.schema, limits_.group_bytes_max),
                {}};
  return &open_.emplace(place, std::move(file)).first->second;
}

Status ChangeFiles::write_biggest() {
  const auto biggest = std::ranges::max_element(
      open_, {}, [](const auto& entry) { return entry.second.writer.row_count(); });
  CDCLAKE_RETURN_IF_ERROR(write_out(biggest->second));
  open_.erase(biggest);
  last_file_ = nullptr;
  return {};
}

Status ChangeFiles::write_out(OpenFile& file) {
  metadata::StageFile stage;
  stage.table = file.table;
  stage.schema = file.schema->id;
  stage.event_date = file.event_date;
  stage.ranges = std::move(file.ranges);
  stage.file = new_change_file(file.table_segment, file.event_date);
  bytes_ -= file.writer.bytes();
  CDCLAKE_ASSIGN_OR_RETURN(const auto out, fs_->create(stage.file.hidden));
  CDCLAKE_ASSIGN_OR_RETURN(stage.file.rows,
                           file.writer.write(*out, {{"cdclake.kind", "stage"},
                                                    {"cdclake.run", run_.value},
                                                    {"cdclake.table", file.schema->table.name()},
                                                    {"cdclake.schema_id", file.schema->id.value},
                                                    {"cdclake.event_date", file.event_date}}));
  CDCLAKE_ASSIGN_OR_RETURN(stage.file, commit::seal(*fs_, *out, std::move(stage.file)));
  written_.push_back(std::move(stage));
  return {};
}

Result<std::vector<metadata::StageFile>> ChangeFiles::seal() {
  for (auto& [place, file] : open_) CDCLAKE_RETURN_IF_ERROR(write_out(file));
  open_.clear();
  last_file_ = nullptr;
  last_schema_ = nullptr;
  return std::exchange(written_, {});
}

}  // namespace cdclake::silver_stage
