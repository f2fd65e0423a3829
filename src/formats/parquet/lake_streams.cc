#include "formats/parquet/lake_streams.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>

#include <string_view>
#include <utility>

namespace cdclake::parquet {
namespace {

class LakeOutputStream final : public arrow::io::OutputStream {
 public:
  explicit LakeOutputStream(lake::FileWriter& file) : file_(file) {}

  arrow::Status Write(const void* data, std::int64_t size) override {
    const std::string_view bytes(static_cast<const char*>(data), static_cast<std::size_t>(size));
    if (auto status = file_.append(bytes); !status) return arrow_status_of(status.error());
    return arrow::Status::OK();
  }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  arrow::Result<std::int64_t> Tell() const override { return file_.size(); }
  bool closed() const override { return closed_; }

 private:
  lake::FileWriter& file_;
  bool closed_ = false;
};

class LakeInputFile final : public arrow::io::RandomAccessFile {
 public:
  explicit LakeInputFile(std::unique_ptr<lake::FileReader> file) : file_(std::move(file)) {}

  // The other overloads of ReadAt come to this one.
  using arrow::io::RandomAccessFile::ReadAt;
  arrow::Result<std::int64_t> ReadAt(std::int64_t position, std::int64_t size, void* out) override {
    auto count = file_->read_at(position, size, out);
    if (!count) return arrow_status_of(count.error());
    return *count;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(std::int64_t position,
                                                       std::int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(size));
    ARROW_ASSIGN_OR_RAISE(const std::int64_t count, ReadAt(position, size, buffer->mutable_data()));
    if (count < size) ARROW_RETURN_NOT_OK(buffer->Resize(count));
    buffer->ZeroPadding();
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }
  arrow::Result<std::int64_t> Read(std::int64_t size, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const std::int64_t count, ReadAt(position_, size, out));
    position_ += count;
    return count;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t size) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, size));
    position_ += buffer->size();
    return buffer;
  }
  arrow::Status Seek(std::int64_t position) override {
    position_ = position;
    return arrow::Status::OK();
  }
  arrow::Result<std::int64_t> GetSize() override { return file_->size(); }
  arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }

 private:
  std::unique_ptr<lake::FileReader> file_;
  std::int64_t position_ = 0;
  bool closed_ = false;
};

}  // namespace

std::shared_ptr<arrow::io::OutputStream> output_stream(lake::FileWriter& file) {
  return std::make_shared<LakeOutputStream>(file);
}

std::shared_ptr<arrow::io::RandomAccessFile> input_file(std::unique_ptr<lake::FileReader> file) {
  return std::make_shared<LakeInputFile>(std::move(file));
}

}  // namespace cdclake::parquet
