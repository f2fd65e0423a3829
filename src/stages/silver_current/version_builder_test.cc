#include "stages/silver_current/version_builder.h"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/util.h>
#include <arrow/memory_pool.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <gtest/gtest.h>

#include <map>

#include "formats/parquet/parquet_reader.h"
#include "formats/parquet/parquet_writer.h"
#include "formats/parquet/table_columns.h"
#include "testing/commit_builders.h"
#include "testing/matchers.h"
#include "testing/temp_lake.h"

namespace cdclake::silver_current {
namespace {

using model::Op;
using testing::FailsWith;
using testing::IsOk;

template <typename Builder, typename Values>
std::shared_ptr<arrow::Array> array_of(const Values& values) {
  Builder builder;
  for (const auto& value : values) {
    EXPECT_TRUE((value ? builder.Append(*value) : builder.AppendNull()).ok());
  }
  return builder.Finish().ValueOrDie();
}

/// Changes of a table `id int64 primary key, name text` in one partition.
class Changes {
 public:
  explicit Changes(std::int64_t first_offset) : next_(first_offset) {
    batch.partitions = {{{"t", "1", 0}, {first_offset, first_offset}}};
  }

  ChangeEvent& add(Op op, std::int64_t id, std::optional<std::string> name = {}) {
    ChangeEvent event;
    event.op = op;
    event.row = static_cast<std::int64_t>(ids_.size());
    event.offset = next_;
    event.key = key(id);
    ids_.push_back(id);
    names_.push_back(std::move(name));
    offsets_.push_back(next_);
    batch.partitions[0].range.next = ++next_;
    return batch.events.emplace_back(event);
  }
  /// The name is not sent with either half.
  void move(std::int64_t from, std::int64_t to) {
    ChangeEvent& deleted = add(Op::kDelete, from);
    deleted.moved_to = key(to);
    deleted.identity.seq_lsn = next_;
    const EventIdentity identity = deleted.identity;
    ChangeEvent& created = add(Op::kCreate, to);
    created.moved_from = key(from);
    created.identity = identity;
    created.unchanged = "\x02";
  }

  void fold(const model::TableSchema& schema) {
    rows = rows_of(schema);
    batch.file_ends = {rows->num_rows()};
    changes = fold_changes(batch, cut_at_open_moves(batch, kNoneAlone)).changes;
  }

  ChangeBatch batch;
  std::vector<NetChange> changes;
  std::shared_ptr<arrow::Table> rows;  ///< Of the only file.

 private:
  KeyIndex key(std::int64_t id) {
    const KeyCodec codec = *KeyCodec::make(*testing::small_schema({}));
    return batch.keys.intern(
        codec.encode({array_of<arrow::Int64Builder>(std::vector<std::optional<std::int64_t>>{id})})
            ->front());
  }

  std::shared_ptr<arrow::Table> rows_of(const model::TableSchema& schema) const {
    const auto fields = parquet::current_arrow_schema(schema);
    const auto count = static_cast<std::int64_t>(ids_.size());
    std::vector<std::shared_ptr<arrow::Array>> columns;
    for (const auto& field : fields->fields())
      columns.push_back(arrow::MakeArrayOfNull(field->type(), count).ValueOrDie());
    const auto set = [&](const char* name, std::shared_ptr<arrow::Array> values) {
      columns[static_cast<std::size_t>(fields->GetFieldIndex(name))] = std::move(values);
    };
    const auto same = [&](const auto& value) {
      return arrow::MakeArrayFromScalar(*arrow::MakeScalar(value), count).ValueOrDie();
    };
    set("id", array_of<arrow::Int64Builder>(ids_));
    set("name", array_of<arrow::StringBuilder>(names_));
    set("_topic", same(std::string("t")));
    set("_incarnation", same(std::string("1")));
    set("_partition", same(std::int32_t{0}));
    set("_offset", array_of<arrow::Int64Builder>(offsets_));
    return arrow::Table::Make(fields, columns);
  }

  std::int64_t next_;
  std::vector<std::optional<std::int64_t>> ids_;
  std::vector<std::optional<std::string>> names_;
  std::vector<std::optional<std::int64_t>> offsets_;
};

/// A table in a lake, version after version.
class TableUnderTest {
 public:
  explicit TableUnderTest(std::vector<model::Column> more_columns = {})
      : schema_(schema_with(std::move(more_columns))) {}

  /// Builds the version after the one so far, and gives its files their names.
  BuiltVersion apply(Changes& changes) {
    auto built = build(changes, {});
    EXPECT_THAT(built, IsOk());
    for (const metadata::PreparedFile& file : built->added) {
      EXPECT_THAT(lake_.fs().make_folders(file.final_path.parent()), IsOk());
      EXPECT_THAT(lake_.fs().rename(file.hidden, file.final_path), IsOk());
    }
    version_ = metadata::CurrentVersion{1, schema_->id, built->files};
    return std::move(*built);
  }

  Result<BuiltVersion> build(Changes& changes, std::stop_token stop) {
    changes.fold(*schema_);
    CurrentTable table = table_;
    table.stop = std::move(stop);
    const lake::LakePath staged{lake::Root::kSilver, "staged.parquet"};
    write(staged, *changes.rows);
    auto built = build_version(config, table,
                               {changes.batch, changes.changes,
                                [&](std::size_t) {
                                  ++staged_opened;
                                  return parquet::ParquetReader::open(lake_.fs(), staged);
                                }},
                               version_);
    EXPECT_THAT(lake_.fs().remove_file(staged), IsOk());
    return built;
  }

  /// Names by id, file by file; "?" where the value was lost.
  std::vector<std::map<std::int64_t, std::string>> rows() {
    std::vector<std::map<std::int64_t, std::string>> files;
    for (const metadata::CurrentFile& file : version_->files) {
      const auto stored = read_stored_file(table_, file);
      EXPECT_THAT(stored, IsOk());
      auto& names = files.emplace_back();
      for (std::int64_t row = 0; row < stored->table->num_rows(); ++row) {
        const auto cell = [&](const char* column) {
          return stored->table->GetColumnByName(column)->GetScalar(row).ValueOrDie();
        };
        const auto name = cell("name");
        names[static_cast<const arrow::Int64Scalar&>(*cell("id")).value] =
            cell("_unresolved")->is_valid ? "?"
            : name->is_valid              ? name->ToString()
                                          : "NULL";
      }
    }
    return files;
  }

  VersionBuilderConfig config{.file_rows_max = 2};
  int staged_opened = 0;

 private:
  static model::TableSchemaPtr schema_with(std::vector<model::Column> more_columns) {
    const auto small = testing::small_schema({"s", "d", "public", "users"});
    more_columns.insert(more_columns.begin(), small->columns.begin(), small->columns.end());
    return model::make_table_schema(small->table, std::move(more_columns), small->key_columns);
  }

  void write(const lake::LakePath& path, const arrow::Table& rows) {
    const auto file = lake_.fs().create(path);
    ASSERT_THAT(file, IsOk());
    parquet::ParquetLayout layout;
    layout.group_rows_max = 2;
    auto writer = parquet::ParquetWriter::open(**file, rows.schema(), layout);
    ASSERT_THAT(writer, IsOk());
    ASSERT_THAT(writer->write(rows), IsOk());
    ASSERT_THAT(std::move(*writer).finish({}), IsOk());
    ASSERT_THAT((*file)->sync_and_close(), IsOk());
  }

  testing::TempLake lake_;
  model::TableSchemaPtr schema_;
  CurrentFolder folder_{"public.users"};
  KeyCodec codec_ = *KeyCodec::make(*schema_);
  CurrentTable table_{lake_.fs(), folder_, *schema_, codec_, {}};
  std::optional<metadata::CurrentVersion> version_;
};

using Rows = std::vector<std::map<std::int64_t, std::string>>;

/// Rows 10, 20, 30, 40, 50, 60, two a file.
BuiltVersion fill(TableUnderTest& table) {
  Changes changes(0);
  for (const char* name : {"a", "b", "c", "d", "e", "f"})
    changes.add(Op::kCreate, static_cast<std::int64_t>(changes.batch.events.size() + 1) * 10, name);
  BuiltVersion first = table.apply(changes);
  EXPECT_EQ(table.rows(),
            (Rows{{{10, "a"}, {20, "b"}}, {{30, "c"}, {40, "d"}}, {{50, "e"}, {60, "f"}}}));
  return first;
}

TEST(VersionBuilderTest, KeepsFilesThatNoChangeFallsInto) {
  TableUnderTest table;
  const BuiltVersion first = fill(table);
  Changes changes(6);
  changes.add(Op::kUpdate, 40, "new");
  const BuiltVersion second = table.apply(changes);
  ASSERT_EQ(second.files.size(), 3U);
  EXPECT_EQ(second.files[0].id, first.files[0].id);
  EXPECT_NE(second.files[1].id, first.files[1].id);
  EXPECT_EQ(second.files[2].id, first.files[2].id);
  EXPECT_EQ(second.rows_written, 2);
  EXPECT_EQ(table.rows()[1], (Rows::value_type{{30, "c"}, {40, "new"}}));
}

TEST(VersionBuilderTest, PutsNewKeysIntoTheFileBeforeThemAndSplitsIt) {
  TableUnderTest table;
  fill(table);
  Changes changes(6);
  for (const std::int64_t id : {5, 45, 46, 70}) changes.add(Op::kCreate, id, "new");
  table.apply(changes);
  EXPECT_EQ(table.rows(), (Rows{{{5, "new"}},
                                {{10, "a"}, {20, "b"}},
                                {{30, "c"}, {40, "d"}},
                                {{45, "new"}, {46, "new"}},
                                {{50, "e"}},
                                {{60, "f"}, {70, "new"}}}));
}

TEST(VersionBuilderTest, SplitsAFileWhoseRowsAreLarge) {
  TableUnderTest table;
  table.config = {.file_rows_max = 100, .file_bytes_max = 10'000};
  Changes changes(0);
  for (std::int64_t id = 1; id <= 9; ++id) changes.add(Op::kCreate, id, std::string(3'000, 'x'));
  EXPECT_EQ(table.apply(changes).files.size(), 4U) << "two a file, in the last one three";
}

TEST(VersionBuilderTest, HoldsNoMoreCellsThanMemoryAllows) {
  TableUnderTest table;
  fill(table);
  table.config = {.file_rows_max = 100, .file_bytes_max = 1};
  Changes changes(6);
  changes.move(20, 35);
  for (const std::int64_t id : {45, 10, 46}) changes.add(Op::kUpdate, id, "new");
  changes.add(Op::kUpdate, 46).unchanged = "\x02";
  table.apply(changes);
  EXPECT_EQ(table.rows(), (Rows{{{10, "new"}},
                                {{30, "c"}},
                                {{35, "b"}},
                                {{40, "d"}},
                                {{45, "new"}},
                                {{46, "new"}},
                                {{50, "e"}, {60, "f"}}}));
}

TEST(VersionBuilderTest, ReadsAndWritesSmallRowsManyAtATimeBehindLargeOnes) {
  TableUnderTest table;
  table.config = {.file_rows_max = 100, .file_bytes_max = 100'000};
  Changes changes(0);
  for (std::int64_t id = 1; id <= 4; ++id) changes.add(Op::kCreate, id, std::string(30'000, 'x'));
  for (std::int64_t id = 5; id <= 200; ++id) changes.add(Op::kCreate, id, "small");
  EXPECT_LE(table.apply(changes).files.size(), 4U);
  EXPECT_LE(table.staged_opened, 20);
}

TEST(VersionBuilderTest, HoldsARowOnceHoweverManyCellsAreTakenFromIt) {
  std::vector<model::Column> more_columns;
  for (int i = 2; i < 64; ++i)
    more_columns.push_back({"c" + std::to_string(i), {model::TypeKind::kText, 0, 0, {}}});
  TableUnderTest table(std::move(more_columns));
  Changes changes(0);
  const std::string large(1 << 20, 'x');
  changes.add(Op::kCreate, 10, large);
  changes.add(Op::kUpdate, 10).unchanged = "\xFE" + std::string(7, '\xFF');
  table.apply(changes);
  EXPECT_EQ(table.rows(), (Rows{{{10, large}}}));
  EXPECT_LT(arrow::default_memory_pool()->max_memory(), 32 << 20);
}

TEST(VersionBuilderTest, LeavesOutAFileThatLosesAllItsRows) {
  TableUnderTest table;
  const BuiltVersion first = fill(table);
  Changes changes(6);
  changes.add(Op::kDelete, 30);
  changes.add(Op::kDelete, 40);
  const BuiltVersion second = table.apply(changes);
  ASSERT_EQ(second.files.size(), 2U);
  EXPECT_EQ(second.files[0].id, first.files[0].id);
  EXPECT_EQ(second.files[1].id, first.files[2].id);
  EXPECT_TRUE(second.added.empty());
  EXPECT_TRUE(second.changed);
}

TEST(VersionBuilderTest, NeverLeavesAVersionWithoutAFile) {
  TableUnderTest table;
  fill(table);
  Changes changes(6);
  for (std::int64_t id = 10; id <= 60; id += 10) changes.add(Op::kDelete, id);
  EXPECT_EQ(table.apply(changes).files.size(), 1U);
  EXPECT_EQ(table.rows(), Rows{{}});
}

TEST(VersionBuilderTest, ChangesNothingWhereAllThatIsDeletedIsAbsent) {
  TableUnderTest table;
  const BuiltVersion first = fill(table);
  Changes changes(6);
  changes.add(Op::kDelete, 35);
  const BuiltVersion second = table.apply(changes);
  EXPECT_FALSE(second.changed);
  EXPECT_EQ(second.files[1].id, first.files[1].id);
}

TEST(VersionBuilderTest, TakesAnUnsentValueOfAMovedKeyFromAnotherFile) {
  TableUnderTest table;
  fill(table);
  Changes changes(6);
  changes.move(10, 55);
  changes.move(60, 15);
  table.apply(changes);
  EXPECT_EQ(table.rows(),
            (Rows{{{15, "f"}, {20, "b"}}, {{30, "c"}, {40, "d"}}, {{50, "e"}, {55, "a"}}}));
}

TEST(VersionBuilderTest, GivesUpWhereAStopIsAskedFor) {
  TableUnderTest table;
  Changes changes(0);
  changes.add(Op::kCreate, 10, "a");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THAT(table.build(changes, stop.get_token()), FailsWith(ErrorKind::kCancelled));
}

TEST(VersionBuilderTest, FlagsAnUnsentValueWhoseOldKeyHadNoRow) {
  TableUnderTest table;
  fill(table);
  Changes changes(6);
  changes.move(11, 55);
  EXPECT_EQ(table.apply(changes).files.back().unresolved_rows, 1);
  EXPECT_EQ(table.rows()[2], (Rows::value_type{{50, "e"}}));
  EXPECT_EQ(table.rows()[3], (Rows::value_type{{55, "?"}, {60, "f"}}));
}

}  // namespace
}  // namespace cdclake::silver_current
