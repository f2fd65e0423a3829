#include "formats/recorded_topic/byte_input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace cdclake::recorded_topic {
namespace {

constexpr std::size_t kCompressedBufferBytes = 256 * 1024;

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ > STDIN_FILENO) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

/// How far one step of a decompressor came.
struct Step {
  std::size_t consumed = 0;
  std::size_t produced = 0;
};

/// zlib keeps a pointer to its stream: it must not move.
struct InflateStream {
  static constexpr int kGzipWindowBits = 15 + 16;

  InflateStream() { CDCLAKE_ASSERT(inflateInit2(&zlib, kGzipWindowBits) == Z_OK); }
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;
  ~InflateStream() { inflateEnd(&zlib); }

  z_stream zlib{};
};

class GzipDecoder {
 public:
  Result<Step> step(std::span<const char> in, std::span<char> out) {
    z_stream& zlib = stream_->zlib;
    if (between_members_) {
      if (in.empty()) return Step{};
      CDCLAKE_ASSERT(inflateReset(&zlib) == Z_OK);
      between_members_ = false;
    }
    const auto in_size = static_cast<uInt>(std::min<std::size_t>(in.size(), UINT_MAX));
    const auto out_size = static_cast<uInt>(std::min<std::size_t>(out.size(), UINT_MAX));
    // zlib asks for a mutable pointer and does not write through it.
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    zlib.avail_in = in_size;
    zlib.next_out = reinterpret_cast<Bytef*>(out.data());
    zlib.avail_out = out_size;
    const int code = inflate(&zlib, Z_NO_FLUSH);
    if (code == Z_STREAM_END) between_members_ = true;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      return fail(ErrorKind::kInvalidConfig,
                  zlib.msg != nullptr ? zlib.msg : "the gzip data is damaged");
    }
    return Step{in_size - zlib.avail_in, out_size - zlib.avail_out};
  }
  bool is_complete() const { return between_members_; }

 private:
  std::unique_ptr<InflateStream> stream_ = std::make_unique<InflateStream>();
  bool between_members_ = false;
};

class ZstdDecoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDStream()) { CDCLAKE_ASSERT(stream_ != nullptr); }

  Result<Step> step(std::span<const char> in, std::span<char> out) {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    const std::size_t code = ZSTD_decompressStream(stream_.get(), &output, &input);
    if (ZSTD_isError(code)) return fail(ErrorKind::kInvalidConfig, ZSTD_getErrorName(code));
    if (input.pos > 0 || output.pos > 0) between_frames_ = code == 0;
    return Step{input.pos, output.pos};
  }
  bool is_complete() const { return between_frames_; }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool between_frames_ = false;
};

using Decoder = std::variant<std::monostate, GzipDecoder, ZstdDecoder>;

Decoder decoder_for(std::string_view path) {
  if (path.ends_with(".gz")) return GzipDecoder{};
  if (path.ends_with(".zst")) return ZstdDecoder{};
  return std::monostate{};
}

std::string cannot(std::string_view verb, std::string_view path, std::string_view why) {
  return std::string("cannot ")
      .append(verb)
      .append(" the recorded topic: ")
      .append(why)
      .append(": input=")
      .append(path);
}

}  // namespace

class ByteInput::Impl {
 public:
  Impl(FileDescriptor fd, bool may_wait, std::string path)
      : fd_(std::move(fd)),
        may_wait_(may_wait),
        path_(std::move(path)),
        decoder_(decoder_for(path_)) {
    if (is_compressed()) compressed_.resize(kCompressedBufferBytes);
  }

  Result<InputRead> read(std::span<char> out, std::chrono::milliseconds wait_max) {
    CDCLAKE_ASSERT(!out.empty());
    if (!is_compressed()) return read_file(out, wait_max);
    for (;;) {
      CDCLAKE_ASSIGN_OR_RETURN(const std::size_t size, decompress(out));
      if (size > 0) return InputRead{.size = size};
      if (begin_ < end_) continue;  // A member ended, and the next one begins.
      CDCLAKE_ASSIGN_OR_RETURN(const InputRead more, read_file(compressed_, wait_max));
      if (more.at_end && !is_complete()) {
        return fail(ErrorKind::kInvalidConfig,
                    cannot("read", path_, "the compressed file ends too early"));
      }
      if (more.size == 0) return more;
      begin_ = 0;
      end_ = more.size;
    }
  }

  const std::string& path() const { return path_; }

 private:
  bool is_compressed() const { return !std::holds_alternative<std::monostate>(decoder_); }

  bool is_complete() const {
    if (const auto* gzip = std::get_if<GzipDecoder>(&decoder_)) return gzip->is_complete();
    return std::get<ZstdDecoder>(decoder_).is_complete();
  }

  Result<std::size_t> decompress(std::span<char> out) {
    const std::span<const char> in(compressed_.data() + begin_, end_ - begin_);
    auto step = std::holds_alternative<GzipDecoder>(decoder_)
                    ? std::get<GzipDecoder>(decoder_).step(in, out)
                    : std::get<ZstdDecoder>(decoder_).step(in, out);
    if (!step) return fail(step.error().kind, cannot("decompress", path_, step.error().message));
    begin_ += step->consumed;
    return step->produced;
  }

  /// Reads from the file itself. A signal counts as nothing to read yet, so that it is noticed.
  Result<InputRead> read_file(std::span<char> out, std::chrono::milliseconds wait_max) {
    if (may_wait_) {
      pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0};
      const auto wait_ms = std::clamp<std::int64_t>(wait_max.count(), 0, INT_MAX);
      const int count = ::poll(&ready, 1, static_cast<int>(wait_ms));
      if (count == 0 || (count < 0 && errno == EINTR)) return InputRead{};
      if (count < 0)
        return fail(ErrorKind::kUnavailable, cannot("read", path_, std::strerror(errno)));
    }
    const ssize_t size = ::read(fd_.get(), out.data(), out.size());
    if (size < 0 && errno == EINTR) return InputRead{};
    if (size < 0) {
      const auto kind = errno == EISDIR ? ErrorKind::kInvalidConfig : ErrorKind::kUnavailable;
      return fail(kind, cannot("read", path_, std::strerror(errno)));
    }
    return InputRead{.size = static_cast<std::size_t>(size), .at_end = size == 0};
  }

  FileDescriptor fd_;
  bool may_wait_;
  std::string path_;
  Decoder decoder_;
  std::string compressed_;
  std::size_t begin_ = 0;  ///< Of what is not yet decompressed.
  std::size_t end_ = 0;
};

Result<ByteInput> ByteInput::open(const std::string& path) {
  const bool is_stdin = path == "-";
  FileDescriptor fd(is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (fd.get() < 0 || ::fstat(fd.get(), &status) != 0) {
    return fail(ErrorKind::kInvalidConfig, cannot("open", path, std::strerror(errno)));
  }
  if (S_ISDIR(status.st_mode)) {
    return fail(ErrorKind::kInvalidConfig,
                cannot("open", path, "it is a folder; name the files in it"));
  }
  const bool may_wait = !S_ISREG(status.st_mode);
  if (!may_wait) ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return ByteInput(std::make_unique<Impl>(std::move(fd), may_wait, path));
}

Result<InputRead> ByteInput::read(std::span<char> out, std::chrono::milliseconds wait_max) {
  return impl_->read(out, wait_max);
}

const std::string& ByteInput::path() const { return impl_->path(); }

ByteInput::ByteInput(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ByteInput::ByteInput(ByteInput&&) noexcept = default;
ByteInput& ByteInput::operator=(ByteInput&&) noexcept = default;
ByteInput::~ByteInput() = default;

}  // namespace cdclake::recorded_topic
