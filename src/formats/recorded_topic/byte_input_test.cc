#include "formats/recorded_topic/byte_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace cdclake::recorded_topic {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class TempFolder {
 public:
  TempFolder() {
    std::string name = testing::TempDir() + "byte_input_XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name, const std::string& bytes) const {
    const std::string path = path_ + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// Reads to the end in pieces of `piece` bytes.
Result<std::string> read_all(const std::string& path, std::size_t piece = 1000) {
  auto input = ByteInput::open(path);
  if (!input) return fail(input.error().kind, input.error().message);
  std::string all;
  std::string buffer(piece, '\0');
  for (;;) {
    auto read = input->read(buffer, milliseconds(0));
    if (!read) return fail(read.error().kind, read.error().message);
    all.append(buffer, 0, read->size);
    if (read->at_end) return all;
  }
}

std::string many_bytes() {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i * 7919) + "\n";
  return text;
}

void expect_failure(const std::string& path, ErrorKind kind, const std::string& why) {
  const auto all = read_all(path);
  ASSERT_FALSE(all.has_value());
  EXPECT_EQ(all.error().kind, kind);
  EXPECT_THAT(all.error().message, HasSubstr(why));
  EXPECT_THAT(all.error().message, HasSubstr("input=" + path));
}

TEST(ByteInputTest, GivesTheSameBytesWhateverTheCompression) {
  const TempFolder folder;
  const std::string text = many_bytes();
  for (const std::size_t piece : {std::size_t{1}, std::size_t{999}, std::size_t{4'000'000}}) {
    EXPECT_EQ(read_all(folder.file("a.jsonl", text), std::max<std::size_t>(piece, 100)), text);
    EXPECT_EQ(read_all(folder.file("a.jsonl.gz", gzip(text)), piece), text);
    EXPECT_EQ(read_all(folder.file("a.jsonl.zst", zstd(text)), piece), text);
  }
}

TEST(ByteInputTest, ReadsConcatenatedMembersAndFramesAsOneStream) {
  const TempFolder folder;
  EXPECT_EQ(read_all(folder.file("a.gz", gzip("one\n") + gzip("") + gzip("two\n"))), "one\ntwo\n");
  EXPECT_EQ(read_all(folder.file("a.zst", zstd("one\n") + zstd("") + zstd("two\n"))), "one\ntwo\n");
}

TEST(ByteInputTest, AnEmptyPlainFileIsEmpty) {
  const TempFolder folder;
  EXPECT_EQ(read_all(folder.file("a.jsonl", "")), "");
  EXPECT_EQ(read_all(folder.file("a.zst", zstd(""))), "");
  EXPECT_EQ(read_all(folder.file("a.gz", gzip(""))), "");
}

TEST(ByteInputTest, RefusesACompressedFileThatEndsTooEarly) {
  const TempFolder folder;
  for (const std::size_t missing : {std::size_t{1}, std::size_t{9}, std::size_t{5000}}) {
    const std::string z = zstd(many_bytes());
    const std::string g = gzip(many_bytes());
    const std::string why = "ends too early";
    expect_failure(folder.file("a.zst", z.substr(0, z.size() - missing)), ErrorKind::kInvalidConfig,
                   why);
    expect_failure(folder.file("a.gz", g.substr(0, g.size() - missing)), ErrorKind::kInvalidConfig,
                   why);
  }
  expect_failure(folder.file("b.zst", ""), ErrorKind::kInvalidConfig, "ends too early");
  expect_failure(folder.file("b.gz", ""), ErrorKind::kInvalidConfig, "ends too early");
}

TEST(ByteInputTest, RefusesAFileThatIsNotWhatItsExtensionSays) {
  const TempFolder folder;
  expect_failure(folder.file("a.zst", "{\"topic\":1}"), ErrorKind::kInvalidConfig, "decompress");
  expect_failure(folder.file("a.gz", "{\"topic\":1}"), ErrorKind::kInvalidConfig, "decompress");
}

TEST(ByteInputTest, RefusesDamagedBytes) {
  const TempFolder folder;
  std::string bytes = gzip(many_bytes());
  bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1);  // In the checksum.
  expect_failure(folder.file("a.gz", bytes), ErrorKind::kInvalidConfig, "decompress");
}

TEST(ByteInputTest, NamesAFileThatIsMissingOrAFolder) {
  const TempFolder folder;
  expect_failure(folder.path() + "/none.jsonl", ErrorKind::kInvalidConfig, "No such file");
  expect_failure(folder.path(), ErrorKind::kInvalidConfig, "it is a folder");
}

TEST(ByteInputTest, APipeIsWaitedForNoLongerThanAsked) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  auto input = ByteInput::open("/dev/fd/" + std::to_string(ends[0]));
  ASSERT_TRUE(input.has_value());
  std::array<char, 10> buffer{};

  auto read = input->read(buffer, milliseconds(1));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->size, 0U);
  EXPECT_FALSE(read->at_end);

  ASSERT_EQ(::write(ends[1], "abc", 3), 3);
  EXPECT_EQ(input->read(buffer, milliseconds(1000))->size, 3U);
  ::close(ends[1]);
  EXPECT_TRUE(input->read(buffer, milliseconds(1000))->at_end);
  ::close(ends[0]);
}

}  // namespace
}  // namespace cdclake::recorded_topic
