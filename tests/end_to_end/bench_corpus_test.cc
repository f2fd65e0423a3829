#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

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

/// The schema blocks that the converter sends with each message when it is asked to: those of a
/// topic are the same in all of its messages.
class SchemaBlocks {
 public:
  SchemaBlocks() {
    std::ifstream file(recordings("schema_blocks.tsv"));
    for (std::string line; std::getline(file, line);) {
      std::istringstream fields(line);
      std::string topic;
      Blocks blocks;
      std::getline(fields, topic, '\t');
      std::getline(fields, blocks.of_key, '\t');
      std::getline(fields, blocks.of_value, '\t');
      blocks_[topic] = blocks;
    }
  }

  void put_into(FakeRecord& record) const {
    const Blocks& blocks = blocks_.at(record.topic);
    if (record.key) record.key = enveloped(blocks.of_key, *record.key);
    if (record.value) record.value = enveloped(blocks.of_value, *record.value);
  }

 private:
  struct Blocks {
    std::string of_key;
    std::string of_value;
  };
  static std::string enveloped(const std::string& block, const std::string& payload) {
    return R"({"schema":)" + block + R"(,"payload":)" + payload + "}";
  }

  std::map<std::string, Blocks> blocks_;
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

enum class Variant { kPlain, kSchema };
void PrintTo(Variant variant, std::ostream* out) {
  *out << (variant == Variant::kPlain ? "plain" : "schema");
}

class BenchCorpusTest : public ::testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Recorded, BenchCorpusTest,
                         ::testing::Values(Variant::kPlain, Variant::kSchema));

TEST_P(BenchCorpusTest, CurrentEqualsTheReferenceAfterEveryFiveThousandthRecord) {
  const BenchRecording recording;
  const SchemaBlocks blocks;
  const bool has_schema = GetParam() == Variant::kSchema;
  // What the messages say themselves needs no catalog.
  PipelineUnderTest pipeline(has_schema ? PipelineUnderTest::Types{} : recording.types);
  for (std::size_t at = 0; at < recording.records.size(); at += kRecordsBetweenTwoRuns) {
    const std::size_t end = std::min(at + kRecordsBetweenTwoRuns, recording.records.size());
    std::vector<FakeRecord> records(recording.records.begin() + static_cast<std::ptrdiff_t>(at),
                                    recording.records.begin() + static_cast<std::ptrdiff_t>(end));
    for (FakeRecord& record : records) {
      if (has_schema) blocks.put_into(record);
    }
    pipeline.write(std::move(records));
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
