#include "formats/recorded_topic/recorded_topic_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

namespace cdclake::recorded_topic {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kIncarnation = "recorded:1";

class TempFile {
 public:
  explicit TempFile(const std::string& text) {
    std::string name = testing::TempDir() + "recorded_topic_XXXXXX";
    ::close(::mkstemp(name.data()));
    path_ = name;
    std::ofstream(path_, std::ios::binary) << text;
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  ~TempFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

RecordedTopicReader open_reader(const std::string& path, ReaderConfig config = {}) {
  config.path = path;
  config.incarnation = kIncarnation;
  auto reader = RecordedTopicReader::open(config);
  EXPECT_TRUE(reader.has_value());
  return std::move(reader).value();
}

std::string line(const std::string& tail, int offset = 0) {
  return "{\"topic\":\"a.b\",\"partition\":3,\"offset\":" + std::to_string(offset) +
         ",\"tstype\":\"create\",\"ts\":1700000000000," + tail + "}\n";
}

void expect_malformed(const std::string& bad_line, const std::string& why) {
  const TempFile file(line(R"("key":"k","payload":"fine")") + "\n" + bad_line);
  auto reader = open_reader(file.path());
  const auto before = reader.read(milliseconds(0));
  ASSERT_TRUE(before.has_value()) << before.error().message;
  EXPECT_EQ(before->records.size(), 1U);
  EXPECT_FALSE(before->at_end);
  for (int i = 0; i < 2; ++i) {
    const auto batch = reader.read(milliseconds(0));
    ASSERT_FALSE(batch.has_value()) << bad_line;
    EXPECT_EQ(batch.error().kind, ErrorKind::kInvalidConfig);
    EXPECT_THAT(batch.error().message, HasSubstr(why)) << bad_line;
    EXPECT_THAT(batch.error().message, HasSubstr("line 3"));
    EXPECT_THAT(batch.error().message, HasSubstr("input=" + file.path()));
    EXPECT_THAT(batch.error().message, Not(HasSubstr("secret")));
  }
}

TEST(RecordedTopicReaderTest, GivesARecordByteForByte) {
  const TempFile file(
      R"({"topic":"a.b","partition":3,"offset":7,"tstype":"create","ts":1700000000123,"broker":1,)"
      R"("headers":["h","v","h",null,"","\u0000"],"key":"{\"id\":1}","payload":"\u00e4\ud83d\ude00\n\/"})");
  auto reader = open_reader(file.path());
  const auto batch = reader.read(milliseconds(0));

  ASSERT_TRUE(batch.has_value()) << batch.error().message;
  ASSERT_EQ(batch->records.size(), 1U);
  const model::RawRecord& record = batch->records[0];
  EXPECT_EQ(*record.partition, (model::PartitionId{"a.b", kIncarnation, 3}));
  EXPECT_EQ(record.offset, 7);
  EXPECT_EQ(record.timestamp_ms, 1700000000123);
  EXPECT_EQ(record.timestamp_type, model::TimestampType::kCreate);
  EXPECT_EQ(record.key, "{\"id\":1}");
  EXPECT_EQ(record.value, "\xC3\xA4\xF0\x9F\x98\x80\n/");
  ASSERT_EQ(record.headers.size(), 3U);
  EXPECT_EQ(record.headers[0].key, "h");
  EXPECT_EQ(record.headers[0].value, "v");
  EXPECT_EQ(record.headers[1].value, std::nullopt);
  EXPECT_EQ(record.headers[2].key, "");
  EXPECT_EQ(record.headers[2].value, std::string_view("\0", 1));
  EXPECT_TRUE(batch->at_end);
}

TEST(RecordedTopicReaderTest, KeepsNullAndEmptyApart) {
  const TempFile file(line(R"("key":null,"payload":null)", 0) +
                      line(R"("key":"","payload":"")", 1) +
                      line(R"("key_base64":"","payload_base64":null)", 2));
  auto reader = open_reader(file.path());
  const auto batch = reader.read(milliseconds(0));

  ASSERT_TRUE(batch.has_value());
  ASSERT_EQ(batch->records.size(), 3U);
  EXPECT_EQ(batch->records[0].key, std::nullopt);
  EXPECT_EQ(batch->records[0].value, std::nullopt);
  EXPECT_EQ(batch->records[1].key, "");
  EXPECT_EQ(batch->records[1].value, "");
  EXPECT_EQ(batch->records[2].key, "");
  EXPECT_EQ(batch->records[2].value, std::nullopt);
}

TEST(RecordedTopicReaderTest, DecodesBytesThatAreNoText) {
  const TempFile file(line(R"("headers_base64":["h","/wA=","n",null],"key_base64":"AAECAw==",)"
                           R"("payload_base64":"\/\/79")"));
  auto reader = open_reader(file.path());
  const auto batch = reader.read(milliseconds(0));

  ASSERT_TRUE(batch.has_value()) << batch.error().message;
  ASSERT_EQ(batch->records.size(), 1U);
  EXPECT_EQ(batch->records[0].key, std::string_view("\0\1\2\3", 4));
  EXPECT_EQ(batch->records[0].value, "\xFF\xFE\xFD");
  ASSERT_EQ(batch->records[0].headers.size(), 2U);
  EXPECT_EQ(batch->records[0].headers[0].value, std::string_view("\xFF\0", 2));
  EXPECT_EQ(batch->records[0].headers[1].value, std::nullopt);
}

TEST(RecordedTopicReaderTest, ReadsEveryKindOfTimestamp) {
  const std::string start = R"({"topic":"t","partition":0,"key":null,"payload":null,"offset":)";
  const TempFile file(start + R"(0,"tstype":"create","ts":5})" + "\n" + start +
                      R"(1,"tstype":"logappend","ts":6})" + "\n" + start +
                      R"(2,"tstype":"unknown","ts":0})" + "\r\n\n" + start + "3}");
  auto reader = open_reader(file.path());
  const auto batch = reader.read(milliseconds(0));

  ASSERT_TRUE(batch.has_value()) << batch.error().message;
  ASSERT_EQ(batch->records.size(), 4U);
  const std::array types = {model::TimestampType::kCreate, model::TimestampType::kLogAppend,
                            model::TimestampType::kNone, model::TimestampType::kNone};
  const std::array<std::int64_t, 4> times = {5, 6, -1, -1};
  for (std::size_t i = 0; i < types.size(); ++i) {
    EXPECT_EQ(batch->records[i].timestamp_type, types[i]);
    EXPECT_EQ(batch->records[i].timestamp_ms, times[i]);
  }
}

TEST(RecordedTopicReaderTest, RefusesALineThatIsNoRecord) {
  expect_malformed("secret\n", "");
  expect_malformed("[1]\n", "not a JSON object");
  expect_malformed("{\"topic\":\"secret", "");
  expect_malformed(line(R"("key":"k")", 1), "\"payload\" is missing");
  expect_malformed(line(R"("payload":"secret")", 1), "\"key\" is missing");
  expect_malformed(line(R"("key":"k","payload":{"secret":1})", 1), "\"payload\" is not a string");
  expect_malformed(line(R"("key":"k","payload":nul)", 1), "");
  expect_malformed(line(R"("key":"k","payload":"a","payload_base64":"AA==")", 1), "twice");
  expect_malformed(line(R"("key":"k","payload_base64":"secret!")", 1), "is not base64");
  expect_malformed(line(R"("key":"k","payload":"secret\x")", 1), "escape");
  expect_malformed(line(R"("key":"k","payload":"\ud800")", 1), "escape");
  expect_malformed(line("\"key\":\"k\",\"payload\":\"secret\xFF\"", 1), "UTF-8");
  expect_malformed(line(R"("key":"k","payload":"","headers":["a"])", 1), "no value");
  expect_malformed(line(R"("key":"k","payload":"","headers":{"a":["b"]})", 1), "not an array");
  expect_malformed(line(R"("key":"k","payload":"a"}{"x":1)", 1), "more text follows");
}

TEST(RecordedTopicReaderTest, RefusesAPlaceThatIsNone) {
  const auto with = [](const std::string& place) {
    return "{\"topic\":\"secret\"," + place + ",\"key\":null,\"payload\":null}\n";
  };
  expect_malformed(with(R"("partition":-1,"offset":1)"), "\"partition\" is out of range");
  expect_malformed(with(R"("partition":2147483648,"offset":1)"), "\"partition\" is out of range");
  expect_malformed(with(R"("partition":0,"offset":-1)"), "\"offset\" is out of range");
  expect_malformed(with(R"("partition":0,"offset":1.5)"), "\"offset\" is not an integer");
  expect_malformed(with(R"("partition":0,"offset":9223372036854775807)"), "out of range");
  expect_malformed(with(R"("partition":0,"offset":1,"ts":3)"), "go together");
  expect_malformed(with(R"("partition":0,"offset":1,"ts":3,"tstype":"secret")"), "\"tstype\"");
  expect_malformed(with(R"("partition":0)"), "\"offset\" is missing");
}

TEST(RecordedTopicReaderTest, RefusesOffsetsThatDoNotRiseWithinAPartition) {
  expect_malformed(line(R"("key":null,"payload":null)", 0), "not above");
}

TEST(RecordedTopicReaderTest, TakesInterleavedPartitionsAndHoles) {
  std::string text;
  for (const auto& [partition, offset] :
       std::array<std::pair<int, int>, 5>{{{0, 5}, {1, 0}, {0, 9}, {1, 1}, {0, 10}}}) {
    text += "{\"topic\":\"t\",\"partition\":" + std::to_string(partition) +
            ",\"offset\":" + std::to_string(offset) + ",\"key\":null,\"payload\":null}\n";
  }
  const TempFile file(text);
  auto reader = open_reader(file.path());
  const auto batch = reader.read(milliseconds(0));

  ASSERT_TRUE(batch.has_value());
  ASSERT_EQ(batch->records.size(), 5U);
  EXPECT_EQ(batch->records[0].partition, batch->records[4].partition);
  EXPECT_EQ(batch->records[1].partition->partition, 1);
  EXPECT_EQ(batch->records[4].offset, 10);
}

TEST(RecordedTopicReaderTest, BoundsABatchByRecordsAndByBytes) {
  std::string text;
  for (int i = 0; i < 10; ++i) {
    text += line("\"key\":null,\"payload\":\"" + std::string(1000, 'x') + "\"", i);
  }
  const TempFile file(text);
  auto by_count = open_reader(file.path(), {.batch_records_max = 4});
  auto by_bytes = open_reader(file.path(), {.batch_bytes_max = 2500});
  for (const std::size_t expected : {4U, 4U, 2U}) {
    EXPECT_EQ(by_count.read(milliseconds(0))->records.size(), expected);
  }
  for (const std::size_t expected : {3U, 3U, 3U, 1U, 0U}) {
    const auto batch = by_bytes.read(milliseconds(0));
    EXPECT_EQ(batch->records.size(), expected);
    EXPECT_EQ(batch->at_end, expected < 3);
  }
}

TEST(RecordedTopicReaderTest, PassesAValueOfFiftyMegabytes) {
  std::string big(50'000'000, 'x');
  for (std::size_t i = 0; i < big.size(); i += 1000)
    big[i] = static_cast<char>('a' + i / 1000 % 26);
  const TempFile file(line(R"("key":"k","payload":"before")", 0) +
                      line("\"key\":\"k\",\"payload\":\"" + big + "\"", 1) +
                      line(R"("key":"k","payload":"after")", 2));
  auto reader = open_reader(file.path());
  const auto first = reader.read(milliseconds(0));
  ASSERT_TRUE(first.has_value()) << first.error().message;
  ASSERT_EQ(first->records.size(), 2U);
  EXPECT_TRUE(first->records[1].value == big);
  const auto second = reader.read(milliseconds(0));
  ASSERT_EQ(second->records.size(), 1U);
  EXPECT_EQ(second->records[0].value, "after");
}

TEST(RecordedTopicReaderTest, GivesWhatAPipeHasAndWaitsForTheRestOfALine) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  auto reader = open_reader("/dev/fd/" + std::to_string(ends[0]));
  const std::string text = line(R"("key":null,"payload":"a")", 0) + line(R"("key":null,)"
                                                                         R"("payload":"b")",
                                                                         1);
  const std::size_t cut = text.size() - 10;

  ASSERT_EQ(::write(ends[1], text.data(), cut), static_cast<ssize_t>(cut));
  EXPECT_EQ(reader.read(milliseconds(1000))->records.size(), 1U);
  EXPECT_EQ(reader.read(milliseconds(1))->records.size(), 0U);
  ASSERT_EQ(::write(ends[1], text.data() + cut, 10), 10);
  ::close(ends[1]);
  const auto rest = reader.read(milliseconds(1000));
  ASSERT_EQ(rest->records.size(), 1U);
  EXPECT_EQ(rest->records[0].value, "b");
  EXPECT_TRUE(reader.read(milliseconds(1000))->at_end);
  ::close(ends[0]);
}

TEST(RecordedTopicReaderTest, CountsARealRecordingPerTopic) {
  const std::string root = std::getenv("CDCLAKE_SOURCE_DIR");
  auto reader = open_reader(root + "/tests/corpus/a_seed/plain/events.jsonl.zst");
  std::map<std::string, int> counts;
  for (bool at_end = false; !at_end;) {
    const auto batch = reader.read(milliseconds(0));
    ASSERT_TRUE(batch.has_value()) << batch.error().message;
    for (const auto& record : batch->records) ++counts[record.partition->topic];
    at_end = batch->at_end;
  }
  EXPECT_EQ(counts, (std::map<std::string, int>{{"plain_a_seed.public.orders", 18},
                                                {"plain_a_seed.public.users", 11}}));
}

}  // namespace
}  // namespace cdclake::recorded_topic
