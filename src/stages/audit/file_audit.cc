#include "stages/audit/file_audit.h"

#include <algorithm>

#include "formats/parquet/parquet_reader.h"
#include "formats/record_files/segment_proof.h"

namespace cdclake::audit {
namespace {

using metadata::FileKind;

bool is_parquet(FileKind kind) {
  return kind != FileKind::kSchema && kind != FileKind::kQuarantine;
}

bool is_bronze(FileKind kind) {
  return kind == FileKind::kBronzePart || kind == FileKind::kBronzeCompacted;
}

// Which records are at stake.
std::string contents_of(const std::vector<model::Segment>& segments) {
  std::string text;
  for (const model::Segment& it : segments) {
    text += (text.empty() ? "; it holds " : ", ") + model::describe(it.partition) + " [" +
            std::to_string(it.range.first) + ", " + std::to_string(it.range.next) + ")";
    if (text.size() > 300) return text + ", …";
  }
  return text;
}

std::string rows_trouble(lake::LakeFs& fs, const lake::LakePath& path, std::int64_t rows) {
  const auto reader = parquet::ParquetReader::open(fs, path);
  if (!reader) return "the file cannot be read: " + reader.error().message;
  if (reader->row_count() == rows) return {};
  return "the file has " + std::to_string(reader->row_count()) + " rows, and " +
         std::to_string(rows) + " were committed";
}

}  // namespace

FileAudit::FileAudit(lake::LakeFs& fs, const metadata::Accounts& accounts,
                     const LakeListing& listing, Depth depth)
    : fs_(fs), listing_(listing), depth_(depth) {
  for (const metadata::PartitionAccount& partition : accounts.partitions) {
    for (const metadata::SegmentAccount& it : partition.segments) {
      segments_[it.file.value].push_back(it.segment);
    }
  }
}

void FileAudit::look_at(const metadata::FileAccount& account, Findings& findings) {
  if (account.state == metadata::FileState::kSuperseded) return;
  if (account.state == metadata::FileState::kExpired) return;
  const metadata::PreparedFile& file = account.file;
  const auto& segments = segments_[file.id.value];
  std::int64_t records = 0;
  for (const model::Segment& it : segments) records += it.record_count;
  if (is_bronze(file.kind) && records != file.rows) {
    findings.push_back(about_path(Fault::kRecordsUnaccounted,
                                  "the file was committed with " + std::to_string(file.rows) +
                                      " records, and its segments count " +
                                      std::to_string(records) + contents_of(segments),
                                  fs_.absolute(file.final_path)));
  }
  const bool is_prepared = account.state == metadata::FileState::kPrepared;
  for (const lake::LakePath& path : {file.final_path, file.hidden}) {
    if (path == file.hidden && !is_prepared) break;
    if (listing_.contains(path)) return look_at_bytes(account, path, findings);
  }
  findings.push_back(about_path(
      Fault::kFileMissing,
      "a committed file of " + std::to_string(file.rows) + " rows is gone" + contents_of(segments),
      fs_.absolute(file.final_path)));
}

void FileAudit::look_at_bytes(const metadata::FileAccount& account, const lake::LakePath& path,
                              Findings& findings) {
  const metadata::PreparedFile& file = account.file;
  const lake::Entry& entry = listing_.at(path);
  std::string trouble;
  if (entry.type != lake::EntryType::kFile) {
    trouble = "what bears the file's name is no regular file";
  } else if (entry.size != file.bytes) {
    trouble = "the file has " + std::to_string(entry.size) + " bytes, and " +
              std::to_string(file.bytes) + " were committed";
  } else if (depth_ == Depth::kDeep) {
    const Status content = lake::verify_content(fs_, path, file.bytes, file.content);
    if (!content) trouble = content.error().message;
  }
  if (trouble.empty() && is_parquet(file.kind)) trouble = rows_trouble(fs_, path, file.rows);
  if (trouble.empty() && depth_ == Depth::kDeep) trouble = records_trouble(account, path);
  if (trouble.empty()) return;
  findings.push_back(about_path(
      Fault::kFileAltered, trouble + contents_of(segments_[file.id.value]), fs_.absolute(path)));
}

std::string FileAudit::records_trouble(const metadata::FileAccount& account,
                                       const lake::LakePath& path) {
  const auto& segments = segments_[account.file.id.value];
  if (!is_bronze(account.file.kind) || segments.empty()) return {};
  const auto proof = record_files::prove_segments(fs_, path, segments);
  return proof ? std::string() : proof.error().message;
}

}  // namespace cdclake::audit
