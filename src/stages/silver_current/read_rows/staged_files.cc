#include "stages/silver_current/read_rows/staged_files.h"

#include <utility>

#include "platform/commit/locate.h"

namespace cdclake::silver_current {
namespace {

/// Where a committed stage file is at the moment. Nothing replaces one, so that a file which is
/// nowhere is lost.
Result<lake::LakePath> locate(const StagedFiles& staged, const FileId& id) {
  auto path = commit::locate(staged.fs, staged.store, id);
  if (path || path.error().kind != ErrorKind::kConflict) return path;
  return fail(ErrorKind::kCorrupt, std::move(path).error().message);
}

}  // namespace

Result<parquet::ParquetReader> StagedFiles::open(std::size_t file) const {
  CDCLAKE_RETURN_IF_ERROR(unless_stopped(stop));
  const FileId& id = files[file].id;
  CDCLAKE_ASSIGN_OR_RETURN(const auto path, locate(*this, id));
  auto reader = parquet::ParquetReader::open(fs, path);
  if (reader) return reader;
  // The stage may have given it its final name between the look and the opening.
  CDCLAKE_ASSIGN_OR_RETURN(const auto path_now, locate(*this, id));
  if (path_now == path) return reader;
  return parquet::ParquetReader::open(fs, path_now);
}

Status unless_stopped(const std::stop_token& stop) {
  if (!stop.stop_requested()) return {};
  return fail(ErrorKind::kCancelled, "the merge was asked to stop");
}

}  // namespace cdclake::silver_current
