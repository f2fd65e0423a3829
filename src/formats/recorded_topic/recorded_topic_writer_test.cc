#include "formats/recorded_topic/recorded_topic_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "formats/recorded_topic/recorded_topic_reader.h"
#include "model/segment.h"

namespace cdclake::recorded_topic {
namespace {

using std::chrono::milliseconds;

const model::PartitionId kPartition{"t\"\\.x", "recorded:1", 2};

/// Reads a recorded topic and gives the sum of its records' hashes, and their number.
struct Content {
  std::int64_t count = 0;
  Hash128 sum;
  std::string text;  ///< As the writer writes it.
  friend bool operator==(const Content&, const Content&) = default;
};

Content read_content(const std::string& path) {
  auto reader = RecordedTopicReader::open({.path = path, .incarnation = "recorded:1"});
  Content content;
  model::RecordHasher hash;
  for (bool at_end = false; !at_end;) {
    const auto batch = reader->read(milliseconds(0));
    EXPECT_TRUE(batch.has_value()) << batch.error().message;
    if (!batch) return content;
    for (const auto& record : batch->records) {
      ++content.count;
      content.sum += hash(record);
      EXPECT_TRUE(append_line(record, content.text).has_value());
    }
    at_end = batch->at_end;
  }
  return content;
}

Content read_back(const std::string& text) {
  std::string path = testing::TempDir() + "recorded_topic_writer_XXXXXX";
  ::close(::mkstemp(path.data()));
  std::ofstream(path, std::ios::binary) << text;
  Content content = read_content(path);
  std::filesystem::remove(path);
  return content;
}

TEST(RecordedTopicWriterTest, WritesTheFormOfKcat) {
  const std::vector<model::Header> headers = {{"h", "v"}, {"n", std::nullopt}};
  const model::PartitionId partition{"a.b", "recorded:1", 2};
  std::string out;
  ASSERT_TRUE(append_line({.partition = &partition,
                           .offset = 9,
                           .timestamp_ms = 17,
                           .timestamp_type = model::TimestampType::kCreate,
                           .key = "{\"id\":1}",
                           .value = std::nullopt,
                           .headers = headers},
                          out));
  EXPECT_EQ(out, R"({"topic":"a.b","partition":2,"offset":9,"tstype":"create","ts":17,)"
                 R"("headers":["h","v","n",null],"key":"{\"id\":1}","payload":null})"
                 "\n");
}

TEST(RecordedTopicWriterTest, WhatItWritesReadsBackAsTheSameRecord) {
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes += static_cast<char>(i);
  const std::string controls = all_bytes.substr(0, 128);
  const std::vector<model::Header> text = {{"a", controls}, {"", ""}, {"a", std::nullopt}};
  const std::vector<model::Header> bytes = {{"a\n", all_bytes}, {"b", "x"}, {"c", std::nullopt}};
  const std::vector<model::RawRecord> records = {
      {.partition = &kPartition, .offset = 0, .key = controls, .value = all_bytes, .headers = text},
      {.partition = &kPartition,
       .offset = 4,
       .timestamp_ms = -7,
       .timestamp_type = model::TimestampType::kLogAppend,
       .key = all_bytes,
       .value = "",
       .headers = bytes},
      {.partition = &kPartition,
       .offset = 5,
       .timestamp_ms = 1,
       .timestamp_type = model::TimestampType::kCreate,
       .key = std::nullopt,
       .value = std::nullopt,
       .headers = {}}};

  Content written;
  model::RecordHasher hash;
  for (const auto& record : records) {
    ++written.count;
    written.sum += hash(record);
    ASSERT_TRUE(append_line(record, written.text).has_value());
  }
  EXPECT_EQ(read_back(written.text), written);
}

TEST(RecordedTopicWriterTest, RefusesAHeaderNameThatIsNoText) {
  const std::vector<model::Header> headers = {{"\xFF", "v"}};
  std::string out = "before";
  const model::RawRecord record{
      .partition = &kPartition, .key = "k", .value = "v", .headers = headers};
  const Status status = append_line(record, out);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().kind, ErrorKind::kInvalidConfig);
  EXPECT_EQ(out, "before");
}

TEST(RecordedTopicWriterTest, RealRecordingsSurviveBeingWrittenAgain) {
  const std::string root = std::getenv("CDCLAKE_SOURCE_DIR");
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root + "/tests/corpus")) {
    if (entry.path().filename() != "events.jsonl.zst") continue;
    const Content recorded = read_content(entry.path());
    EXPECT_EQ(read_back(recorded.text), recorded) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 10);
}

}  // namespace
}  // namespace cdclake::recorded_topic
