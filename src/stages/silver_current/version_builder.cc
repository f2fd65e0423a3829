#include "stages/silver_current/version_builder.h"

#include <arrow/table.h>
#include <arrow/util/byte_size.h>

#include <algorithm>
#include <span>

#include "base/ids.h"
#include "formats/parquet/arrow_result.h"
#include "formats/parquet/parquet_writer.h"
#include "formats/parquet/table_columns.h"
#include "platform/commit/prepare.h"
#include "stages/silver_current/row_gather.h"
#include "stages/silver_current/row_merger.h"

namespace cdclake::silver_current {
namespace {

parquet::ParquetLayout current_layout(const model::TableSchema& schema) {
  const parquet::MetaColumns meta(schema);
  parquet::ParquetLayout layout;
  layout.dictionary_columns = {meta("topic"), meta("incarnation"), meta("partition"),
                               meta("epoch")};
  layout.delta_columns = {meta("offset"), meta("lsn"), meta("commit_ts"), meta("seq_commit"),
                          meta("seq_lsn")};
  return layout;
}

class VersionBuilder {
 public:
  VersionBuilder(const VersionBuilderConfig& config, const CurrentTable& table,
                 const ChangeBatch& batch)
      : config_(config), table_(table), batch_(batch) {}

  Result<BuiltVersion> build(const std::vector<NetChange>& changes,
                             const std::optional<metadata::CurrentVersion>& before) && {
    static const std::vector<metadata::CurrentFile> kNone;
    const auto& files = before ? before->files : kNone;
    CDCLAKE_ASSIGN_OR_RETURN(borrowed_, BorrowedRows::collect(table_, files, batch_, changes));
    std::span<const NetChange> rest(changes);
    for (std::size_t i = 0; i < files.size() && !built_.stopped; ++i) {
      const std::string* next_min = i + 1 < files.size() ? &files[i + 1].key_min : nullptr;
      const std::size_t count = next_min == nullptr ? rest.size() : changes_below(rest, *next_min);
      CDCLAKE_RETURN_IF_ERROR(rewrite(files[i], rest.first(count)));
      rest = rest.subspan(count);
    }
    if (!built_.stopped && !rest.empty()) CDCLAKE_RETURN_IF_ERROR(append(rest));
    if (!built_.stopped) CDCLAKE_RETURN_IF_ERROR(keep_one_file(before.has_value()));
    return std::move(built_);
  }

 private:
  std::size_t changes_below(std::span<const NetChange> changes, const std::string& key) const {
    const auto end = std::ranges::lower_bound(
        changes, key, {},
        [&](const NetChange& change) -> const std::string& { return batch_.keys[change.key]; });
    return static_cast<std::size_t>(end - changes.begin());
  }

  Status rewrite(const metadata::CurrentFile& file, std::span<const NetChange> changes) {
    if (changes.empty()) {
      built_.files.push_back(file);
      return {};
    }
    CDCLAKE_ASSIGN_OR_RETURN(const StoredFileRows stored, read_stored_file(table_, file));
    CDCLAKE_ASSIGN_OR_RETURN(MergedRows merged,
                             merge_rows(table_.schema, batch_, &stored, changes));
    built_.stopped = std::move(merged.stopped);
    if (built_.stopped) return {};
    if (!merged.changed) {
      built_.files.push_back(file);
      return {};
    }
    built_.changed = true;
    return write_rows(&stored, merged.rows);
  }

  Status append(std::span<const NetChange> changes) {
    CDCLAKE_ASSIGN_OR_RETURN(const MergedRows merged,
                             merge_rows(table_.schema, batch_, nullptr, changes));
    if (!merged.changed) return {};
    built_.changed = true;
    return write_rows(nullptr, merged.rows);
  }

  /// Splits the rows into files of about equal size.
  Status write_rows(const StoredFileRows* stored, std::span<const OutputRow> rows) {
    if (rows.empty()) return {};
    CDCLAKE_ASSIGN_OR_RETURN(const auto gathered,
                             gather_rows(table_.schema, {batch_, borrowed_, stored}, rows));
    const auto total = static_cast<std::int64_t>(rows.size());
    const std::int64_t bytes = arrow::util::TotalBufferSize(*gathered);
    const std::int64_t parts =
        std::clamp((total - 1) / config_.file_rows_max + 1,
                   std::min(total, (bytes - 1) / config_.file_bytes_max + 1), total);
    for (std::int64_t part = 0; part < parts; ++part) {
      const std::int64_t first = total * part / parts;
      const std::int64_t next = total * (part + 1) / parts;
      CDCLAKE_RETURN_IF_ERROR(write_file(*gathered->Slice(first, next - first)));
    }
    return {};
  }

  Status keep_one_file(bool had_version) {
    if (!built_.files.empty() || (had_version && !built_.changed)) return {};
    built_.changed = true;
    CDCLAKE_ASSIGN_OR_RETURN(const auto empty,
                             arrow::Table::MakeEmpty(parquet::current_arrow_schema(table_.schema)));
    return write_file(*empty);
  }

  Status write_file(const arrow::Table& table) {
    CDCLAKE_RETURN_IF_ERROR(unless_stopped(table_.stop));
    metadata::PreparedFile file;
    file.id = FileId(random_hex_id());
    file.kind = metadata::FileKind::kCurrent;
    file.hidden = lake::wip_path(lake::Root::kSilver, "silver_merge-" + file.id.value);
    file.final_path = table_.folder.file(file.id);
    file.rows = table.num_rows();
    CDCLAKE_RETURN_IF_ERROR(table_.fs.make_folders(file.hidden.parent()));
    CDCLAKE_ASSIGN_OR_RETURN(const auto out, table_.fs.create(file.hidden));
    CDCLAKE_ASSIGN_OR_RETURN(auto writer, parquet::ParquetWriter::open(
                                              *out, table.schema(), current_layout(table_.schema)));
    CDCLAKE_RETURN_IF_ERROR(writer.write(table));
    CDCLAKE_RETURN_IF_ERROR(
        std::move(writer).finish({{"cdclake.kind", "current"},
                                  {"cdclake.table", table_.schema.table.display()},
                                  {"cdclake.schema_id", table_.schema.id.value}}));
    CDCLAKE_ASSIGN_OR_RETURN(file, commit::seal(table_.fs, *out, std::move(file)));
    CDCLAKE_ASSIGN_OR_RETURN(auto entry, entry_of(file, table));
    built_.files.push_back(std::move(entry));
    built_.rows_written += file.rows;
    built_.added.push_back(std::move(file));
    return {};
  }

  Result<metadata::CurrentFile> entry_of(const metadata::PreparedFile& file,
                                         const arrow::Table& table) const {
    metadata::CurrentFile entry;
    entry.id = file.id;
    entry.rows = file.rows;
    entry.bytes = file.bytes;
    if (file.rows == 0) return entry;
    CDCLAKE_ASSIGN_OR_RETURN(const auto first, table_.codec.encode(*table.Slice(0, 1)));
    CDCLAKE_ASSIGN_OR_RETURN(const auto last, table_.codec.encode(*table.Slice(file.rows - 1, 1)));
    entry.key_min = first.front();
    entry.key_max = last.front();
    const auto lost = table.GetColumnByName(parquet::MetaColumns(table_.schema)("unresolved"));
    entry.unresolved_rows = lost->length() - lost->null_count();
    return entry;
  }

  const VersionBuilderConfig& config_;
  const CurrentTable& table_;
  const ChangeBatch& batch_;
  BorrowedRows borrowed_;
  BuiltVersion built_;
};

}  // namespace

Result<BuiltVersion> build_version(const VersionBuilderConfig& config, const CurrentTable& table,
                                   const FoldedBatch& folded,
                                   const std::optional<metadata::CurrentVersion>& before) {
  return VersionBuilder(config, table, folded.batch).build(folded.changes, before);
}

}  // namespace cdclake::silver_current
