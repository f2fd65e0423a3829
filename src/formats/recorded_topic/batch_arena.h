#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace cdclake::recorded_topic {

/// Bytes that live until the next `reset`, handed out by a bump of a pointer. Blocks are kept
/// between batches, but for those that one long record needed.
class BatchArena {
 public:
  static constexpr std::size_t kBlockBytes = std::size_t{1024} * 1024;

  /// At least `size` writable bytes, valid until the next `reserve` unless taken.
  char* reserve(std::size_t size) {
    while (current_ < blocks_.size() && blocks_[current_].size - used_in_block_ < size) {
      ++current_;
      used_in_block_ = 0;
    }
    if (current_ == blocks_.size()) {
      const std::size_t block_size = std::max(size, kBlockBytes);
      blocks_.push_back({std::make_unique_for_overwrite<char[]>(block_size), block_size});
    }
    return blocks_[current_].bytes.get() + used_in_block_;
  }

  /// Keeps the first `size` bytes of the last reservation.
  void take(std::size_t size) {
    used_in_block_ += size;
    used_ += size;
  }

  std::size_t used() const { return used_; }

  void reset() {
    std::erase_if(blocks_, [](const Block& block) { return block.size > kBlockBytes; });
    current_ = 0;
    used_in_block_ = 0;
    used_ = 0;
  }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  std::vector<Block> blocks_;
  std::size_t current_ = 0;
  std::size_t used_in_block_ = 0;
  std::size_t used_ = 0;
};

}  // namespace cdclake::recorded_topic
