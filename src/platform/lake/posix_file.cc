#include "platform/lake/posix_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/assert.h"
#include "platform/lake/posix_error.h"

namespace cdclake::lake {
namespace {

class PosixFileWriter final : public FileWriter {
 public:
  PosixFileWriter(Descriptor file, std::string where)
      : file_(std::move(file)), where_(std::move(where)) {}

  Status append(std::string_view bytes) override {
    CDCLAKE_ASSERT(file_.is_open());
    hash_.update(bytes);
    size_ += static_cast<std::int64_t>(bytes.size());
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail_with_errno("write file", where_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Status sync_and_close() override {
    CDCLAKE_ASSERT(file_.is_open());
    const int synced = ::fsync(file_.get()) == 0 ? 0 : errno;
    const int closed = file_.close_now();
    if (synced != 0) return fail_with_errno("make file durable", where_, synced);
    if (closed != 0) return fail_with_errno("close file", where_, closed);
    return {};
  }

  std::int64_t size() const override { return size_; }
  Hash128 content_hash() const override { return hash_.digest(); }

 private:
  Descriptor file_;
  std::string where_;
  std::int64_t size_ = 0;
  StreamHash128 hash_;
};

class PosixFileReader final : public FileReader {
 public:
  PosixFileReader(Descriptor file, std::string where, std::int64_t size)
      : file_(std::move(file)), where_(std::move(where)), size_(size) {}

  std::int64_t size() const override { return size_; }

  Result<std::int64_t> read_at(std::int64_t offset, std::int64_t length, void* out) override {
    CDCLAKE_ASSERT(offset >= 0 && length >= 0);
    std::int64_t done = 0;
    while (done < length) {
      const ssize_t got = ::pread(file_.get(), static_cast<char*>(out) + done,
                                  static_cast<std::size_t>(length - done), offset + done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail_with_errno("read file", where_, errno);
      if (got == 0) break;
      done += got;
    }
    return done;
  }

 private:
  Descriptor file_;
  std::string where_;
  std::int64_t size_;
};

}  // namespace

std::unique_ptr<FileWriter> write_to(Descriptor file, std::string where) {
  return std::make_unique<PosixFileWriter>(std::move(file), std::move(where));
}

Result<std::unique_ptr<FileReader>> read_from(Descriptor file, std::string where) {
  struct stat found{};
  if (::fstat(file.get(), &found) != 0) return fail_with_errno("open file", where, errno);
  if (!S_ISREG(found.st_mode)) {
    return fail(ErrorKind::kCorrupt, "cannot open file: it is not a regular file: " + where);
  }
  return std::make_unique<PosixFileReader>(std::move(file), std::move(where), found.st_size);
}

}  // namespace cdclake::lake
