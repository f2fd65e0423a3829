#include "stages/silver_stage/quarantine_files.h"

#include <algorithm>
#include <utility>

#include "platform/commit/prepare.h"
#include "stages/silver_stage/quarantine_line.h"
#include "stages/silver_stage/stage_places.h"

namespace cdclake::silver_stage {
namespace {

/// A line that was bigger than this does not keep its memory.
constexpr std::size_t kLineKeptMax = 1 << 20;

}  // namespace

QuarantineFiles::QuarantineFiles(lake::LakeFs& fs, const Clock& clock, std::size_t open_max)
    : fs_(&fs), clock_(&clock), open_max_(open_max) {}

Status QuarantineFiles::append(const QuarantineOrder& order, const model::RawRecord& record) {
  const std::string segment =
      order.named == nullptr ? kUnknownTable : order.named->stored.path_segment;
  CDCLAKE_ASSIGN_OR_RETURN(OpenFile * file, find_or_open(segment));
  line_.clear();
  append_quarantine_line(record, order.reason, order.detail, clock_->now(), line_);
  CDCLAKE_RETURN_IF_ERROR(file->out->append(line_));
  if (line_.capacity() > kLineKeptMax) line_ = {};
  ++file->file.rows;

  metadata::QuarantinedRecord quarantined;
  quarantined.partition = *record.partition;
  quarantined.offset = record.offset;
  quarantined.reason = order.reason;
  quarantined.detail = order.detail;
  if (order.flawed != nullptr) quarantined.table = order.flawed->stored.key;
  quarantined.file = file->file.id;
  sealed_.records.push_back(std::move(quarantined));
  return {};
}

Result<QuarantineFiles::OpenFile*> QuarantineFiles::find_or_open(const std::string& table_segment) {
  const auto found = open_.find(table_segment);
  if (found != open_.end()) return &found->second;
  if (open_.size() >= open_max_) CDCLAKE_RETURN_IF_ERROR(seal_biggest());
  OpenFile file;
  file.file = new_quarantine_file(table_segment);
  CDCLAKE_ASSIGN_OR_RETURN(file.out, fs_->create(file.file.hidden));
  return &open_.emplace(table_segment, std::move(file)).first->second;
}

Status QuarantineFiles::seal_biggest() {
  const auto biggest = std::ranges::max_element(
      open_, {}, [](const auto& entry) { return entry.second.out->size(); });
  CDCLAKE_RETURN_IF_ERROR(seal(biggest->second));
  open_.erase(biggest);
  return {};
}

Status QuarantineFiles::seal(OpenFile& file) {
  CDCLAKE_ASSIGN_OR_RETURN(auto sealed, commit::seal(*fs_, *file.out, std::move(file.file)));
  sealed_.files.push_back(std::move(sealed));
  return {};
}

Result<QuarantineFiles::Sealed> QuarantineFiles::seal() {
  for (auto& [segment, file] : open_) CDCLAKE_RETURN_IF_ERROR(seal(file));
  open_.clear();
  return std::exchange(sealed_, {});
}

}  // namespace cdclake::silver_stage
