#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "pipeline_under_test.h"
#include "testing/temp_folder.h"

namespace cdclake::end_to_end {
namespace {

using reference::Reference;
using testing::FakeRecord;

constexpr std::size_t kRecordsBetweenTwoRuns = 5'000;

std::string recordings(const std::string& name) {
  return std::string(std::getenv("CDCLAKE_SOURCE_DIR")) + "/bench/recordings/" + name;
}

std::string part(int number) {
  return recordings("events-plain-" + std::to_string(number) + ".jsonl.zst");
}

/// The recording of the benchmark: 238,989 changes of four tables, in partition order, in four
/// files. A NULL may appear as its column's default, as the converter's default setting sends it.
class BenchRecording {
 public:
  BenchRecording()
      : types(load_types(recordings("catalog.json"), recordings("connector-plain.json"))),
        reference(Reference::load(in_one_file(), recordings("catalog.json"),
                                  recordings("connector-plain.json"))) {
    for (int i = 0; i < kParts; ++i) {
      std::vector<FakeRecord> more = load_records(part(i));
      std::ranges::move(more, std::back_inserter(records));
    }
  }

 private:
  static constexpr int kParts = 4;

  /// Frames of zstd may follow each other in one file.
  std::string in_one_file() {
    const std::string path = folder_ / "events.jsonl.zst";
    std::ofstream out(path, std::ios::binary);
    for (int i = 0; i < kParts; ++i) out << std::ifstream(part(i), std::ios::binary).rdbuf();
    return path;
  }

  testing::TempFolder folder_;

 public:
  PipelineUnderTest::Types types;
  Reference reference;
  std::vector<FakeRecord> records;
};

void expect_equal(const reference::Table& actual, const reference::Table& expected,
                  const std::string& table) {
  ASSERT_EQ(actual.size(), expected.size()) << table;
  for (const auto& [key, row] : expected) {
    const auto found = actual.find(key);
    ASSERT_NE(found, actual.end()) << table << " has no row of key " << key;
    for (const auto& [column, value] : row) {
      ASSERT_EQ(found->second.at(column), value) << table << " key " << key << " column " << column;
    }
  }
}

TEST(BenchCorpusTest, CurrentEqualsTheReferenceAfterEveryFiveThousandthRecord) {
  const BenchRecording recording;
  PipelineUnderTest pipeline(recording.types);
  for (std::size_t at = 0; at < recording.records.size(); at += kRecordsBetweenTwoRuns) {
    const std::size_t end = std::min(at + kRecordsBetweenTwoRuns, recording.records.size());
    pipeline.write({recording.records.begin() + static_cast<std::ptrdiff_t>(at),
                    recording.records.begin() + static_cast<std::ptrdiff_t>(end)});
    pipeline.compact();
    pipeline.stage();
    pipeline.merge();
    for (const std::string& table : recording.reference.tables()) {
      expect_equal(pipeline.current(table, recording.reference),
                   recording.reference.fold(table, pipeline.merged(table)), table);
      if (HasFatalFailure()) FAIL() << "after " << end << " records";
    }
  }
  EXPECT_TRUE(pipeline.flaws().empty());
  for (const std::string& table : recording.reference.tables()) {
    expect_equal(pipeline.current(table, recording.reference),
                 reference::load_expected(recordings("expected/" + table + ".csv.zst"),
                                          recording.reference.column_types(table),
                                          recording.reference.key_columns(table)),
                 table);
  }
}

}  // namespace
}  // namespace cdclake::end_to_end
