#include "stages/bronze/bronze_writer.h"

#include <utility>

#include "formats/json_document/segments_document.h"
#include "formats/parquet/parquet_reader.h"
#include "platform/commit/prepare.h"

namespace cdclake::bronze {

std::map<std::string, std::string> footer_of(const BronzePlace& place,
                                             const std::vector<model::Segment>& segments) {
  return {{"cdclake.format", "bronze/1"},
          {"cdclake.file", place.file.id.value},
          {"cdclake.run", place.run.value},
          {"cdclake.segments", json_document::to_json_text(segments)}};
}

Result<metadata::PreparedFile> seal_bronze_file(lake::LakeFs& fs, lake::FileWriter& file,
                                                metadata::PreparedFile prepared,
                                                std::int64_t rows) {
  prepared.rows = rows;
  CDCLAKE_ASSIGN_OR_RETURN(auto sealed, commit::seal(fs, file, std::move(prepared)));
  CDCLAKE_ASSIGN_OR_RETURN(const auto reader, parquet::ParquetReader::open(fs, sealed.hidden));
  if (reader.row_count() != rows) {
    return fail(ErrorKind::kCorrupt, "a Bronze file was read back with another row count: " +
                                         fs.absolute(sealed.hidden));
  }
  return sealed;
}

BronzeWriter::BronzeWriter(lake::LakeFs& fs, BronzePlace place,
                           std::unique_ptr<lake::FileWriter> file,
                           record_files::RecordFileWriter writer)
    : fs_(&fs), place_(std::move(place)), file_(std::move(file)), writer_(std::move(writer)) {}

Result<BronzeWriter> BronzeWriter::open(lake::LakeFs& fs, BronzePlace place,
                                        std::int64_t group_bytes_max) {
  CDCLAKE_ASSIGN_OR_RETURN(auto file, fs.create(place.file.hidden));
  CDCLAKE_ASSIGN_OR_RETURN(auto writer,
                           record_files::RecordFileWriter::open(*file, group_bytes_max));
  return BronzeWriter(fs, std::move(place), std::move(file), std::move(writer));
}

Status BronzeWriter::append(const model::RawRecord& record, std::int64_t position,
                            WallTime ingested) {
  CDCLAKE_RETURN_IF_ERROR(writer_.append(record, ingested.time_since_epoch().count()));
  ledger_.add(record, position);
  return {};
}

Result<metadata::BronzeFile> BronzeWriter::finish() && {
  CDCLAKE_ASSIGN_OR_RETURN(const std::int64_t rows,
                           std::move(writer_).finish(footer_of(place_, ledger_.segments())));
  CDCLAKE_ASSIGN_OR_RETURN(auto sealed,
                           seal_bronze_file(*fs_, *file_, std::move(place_.file), rows));
  return metadata::BronzeFile{
      .file = std::move(sealed), .topic = std::move(place_.topic), .segments = ledger_.segments()};
}

void BronzeWriter::discard() && {
  const Status removed = fs_->remove_file(place_.file.hidden);
  static_cast<void>(removed);  // The sweep removes what is left.
}

}  // namespace cdclake::bronze
