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
#include "stages/silver_current/change_cells.h"
#include "stages/silver_current/row_gather.h"
#include "stages/silver_current/row_merger.h"

namespace cdclake::silver_current {
namespace {

parquet::ParquetLayout current_layout(const model::TableSchema& schema, const arrow::Table& table,
                                      std::int64_t group_bytes_max) {
  const parquet::MetaColumns meta(schema);
  parquet::ParquetLayout layout;
  layout.group_bytes_max = group_bytes_max;
  layout.no_statistics_columns = parquet::columns_of_large_values(table);
  layout.dictionary_columns = {meta("topic"), meta("incarnation"), meta("partition"),
                               meta("epoch")};
  layout.delta_columns = {meta("offset"), meta("lsn"), meta("commit_ts"), meta("seq_commit"),
                          meta("seq_lsn")};
  return layout;
}

const std::vector<metadata::CurrentFile>& files_of(
    const std::optional<metadata::CurrentVersion>& version) {
  static const std::vector<metadata::CurrentFile> kNone;
  return version ? version->files : kNone;
}

class VersionBuilder {
 public:
  VersionBuilder(const VersionBuilderConfig& config, const CurrentTable& table,
                 const FoldedBatch& folded, const std::optional<metadata::CurrentVersion>& before)
      : config_(config),
        table_(table),
        batch_(folded.batch),
        changes_(folded.changes),
        had_version_(before.has_value()),
        files_(files_of(before)),
        cells_({table, files_}, folded.batch, folded.open_file, config.file_bytes_max) {}

  Result<BuiltVersion> build() && {
    CDCLAKE_RETURN_IF_ERROR(hold(table_, batch_.row_bytes_max));
    std::span<const NetChange> rest = changes_;
    for (std::size_t i = 0; i < files_.size() && !built_.stopped; ++i) {
      const std::string* next_min = i + 1 < files_.size() ? &files_[i + 1].key_min : nullptr;
      const std::size_t count = next_min == nullptr ? rest.size() : changes_below(rest, *next_min);
      CDCLAKE_RETURN_IF_ERROR(rewrite(files_[i], rest.first(count)));
      rest = rest.subspan(count);
    }
    if (!built_.stopped && !rest.empty()) CDCLAKE_RETURN_IF_ERROR(append(rest));
    if (!built_.stopped) CDCLAKE_RETURN_IF_ERROR(keep_one_file());
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

  /// Cells are held for as many rows at a time as memory allows.
  Status write_rows(const StoredFileRows* stored, std::span<const OutputRow> rows) {
    while (!rows.empty()) {
      CDCLAKE_ASSIGN_OR_RETURN(const std::size_t count, load_cells(rows));
      CDCLAKE_RETURN_IF_ERROR(gather(stored, rows.first(count)));
      rows = rows.subspan(count);
    }
    return write_gathered();
  }

  /// For how many of the rows, from the first on, the cells of their changes are held afterwards.
  Result<std::size_t> load_cells(std::span<const OutputRow> rows) {
    const auto is_new = [](const OutputRow& row) { return row.change != nullptr; };
    const auto first = std::ranges::find_if(rows, is_new);
    if (first == rows.end()) return rows.size();
    const auto last = std::ranges::find_if(rows.rbegin(), rows.rend(), is_new);
    if (!is_held(*first->change) || !is_held(*last->change)) {
      held_ = changes_.subspan(static_cast<std::size_t>(first->change - changes_.data()));
      CDCLAKE_ASSIGN_OR_RETURN(const std::size_t count, cells_.load(held_));
      held_ = held_.first(count);
    }
    const auto end = std::ranges::find_if(first, rows.end(), [&](const OutputRow& row) {
      return is_new(row) && !is_held(*row.change);
    });
    return static_cast<std::size_t>(end - rows.begin());
  }

  bool is_held(const NetChange& change) const {
    return &change >= held_.data() && &change < held_.data() + held_.size();
  }

  /// Adds rows to those that are gathered, in parts of about equal size; writes a file wherever the
  /// next part would make it too large.
  Status gather(const StoredFileRows* stored, std::span<const OutputRow> rows) {
    const auto total = static_cast<std::int64_t>(rows.size());
    const std::int64_t parts =
        std::clamp((total - 1) / config_.file_rows_max + 1,
                   std::min(total, bytes_of(stored, rows) / config_.file_bytes_max + 1), total);
    for (std::int64_t part = 0; part < parts; ++part) {
      const auto first = static_cast<std::size_t>(total * part / parts);
      const auto next = static_cast<std::size_t>(total * (part + 1) / parts);
      const auto here = rows.subspan(first, next - first);
      if (gathered_rows_ + static_cast<std::int64_t>(here.size()) > config_.file_rows_max ||
          gathered_bytes_ + bytes_of(stored, here) > config_.file_bytes_max) {
        CDCLAKE_RETURN_IF_ERROR(write_gathered());
      }
      CDCLAKE_ASSIGN_OR_RETURN(auto gathered, gather_rows(table_.schema, {cells_, stored}, here));
      gathered_rows_ += gathered->num_rows();
      gathered_bytes_ += arrow::util::TotalBufferSize(*gathered);
      gathered_.push_back(std::move(gathered));
    }
    return {};
  }

  Status write_gathered() {
    if (gathered_.empty()) return {};
    CDCLAKE_ASSIGN_OR_RETURN(const auto rows, arrow::ConcatenateTables(gathered_));
    gathered_.clear();
    gathered_rows_ = gathered_bytes_ = 0;
    return write_file(*rows);
  }

  /// About what the rows take in memory.
  std::int64_t bytes_of(const StoredFileRows* stored, std::span<const OutputRow> rows) const {
    std::int64_t bytes = 0;
    const std::int64_t stored_row_bytes = stored == nullptr || stored->keys.empty()
                                              ? 0
                                              : arrow::util::TotalBufferSize(*stored->table) /
                                                    static_cast<std::int64_t>(stored->keys.size());
    for (const OutputRow& row : rows) {
      if (row.change != nullptr) bytes += cells_.row_bytes();
      // A change may have left out what is large.
      const bool keeps_cells = row.change == nullptr || !row.change->patches.empty();
      if (row.stored && keeps_cells) bytes += stored_row_bytes;
    }
    return bytes;
  }

  Status keep_one_file() {
    if (!built_.files.empty() || (had_version_ && !built_.changed)) return {};
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
    const auto layout = current_layout(table_.schema, table, config_.group_bytes_max);
    CDCLAKE_ASSIGN_OR_RETURN(auto writer,
                             parquet::ParquetWriter::open(*out, table.schema(), layout));
    CDCLAKE_RETURN_IF_ERROR(writer.write(table));
    CDCLAKE_RETURN_IF_ERROR(
        std::move(writer).finish({{"cdclake.kind", "current"},
                                  {"cdclake.table", table_.schema.table.name()},
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
  std::span<const NetChange> changes_;
  bool had_version_;
  const std::vector<metadata::CurrentFile>& files_;
  ChangeCells cells_;
  std::span<const NetChange> held_;                      ///< The changes whose cells are held.
  std::vector<std::shared_ptr<arrow::Table>> gathered_;  ///< Of the next file.
  std::int64_t gathered_rows_ = 0;
  std::int64_t gathered_bytes_ = 0;
  BuiltVersion built_;
};

}  // namespace

Result<BuiltVersion> build_version(const VersionBuilderConfig& config, const CurrentTable& table,
                                   const FoldedBatch& folded,
                                   const std::optional<metadata::CurrentVersion>& before) {
  return VersionBuilder(config, table, folded, before).build();
}

}  // namespace cdclake::silver_current
