#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace cdclake::recorded_topic {

/// What one read brought. No bytes and not at the end: there is nothing to read yet.
struct InputRead {
  std::size_t size = 0;
  bool at_end = false;
};

/// The bytes of a file, decompressed by its extension (`.gz`, `.zst`); `-` is stdin as it is.
///
/// Concatenated gzip members and zstd frames are one stream. A compressed file that ends early,
/// or that is no such file, is kInvalidConfig. Not thread-safe.
class ByteInput {
 public:
  /// kInvalidConfig when there is no such file or it may not be read.
  static Result<ByteInput> open(const std::string& path);
  ByteInput(ByteInput&&) noexcept;
  ByteInput& operator=(ByteInput&&) noexcept;
  ~ByteInput();

  /// Fills some of `out`, which is not empty. On a pipe or terminal waits at most `wait_max` for
  /// bytes; a regular file always has them.
  Result<InputRead> read(std::span<char> out, std::chrono::milliseconds wait_max);

  const std::string& path() const;

 private:
  class Impl;
  explicit ByteInput(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::recorded_topic
