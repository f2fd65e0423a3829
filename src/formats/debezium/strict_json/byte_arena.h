#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "model/change_row.h"

namespace cdclake::debezium {

/// Where the bytes and items of one record's cells live until the next record.
///
/// Allocates only while it grows; after a record of unusual size it gives the excess back.
class ByteArena {
 public:
  char* allocate(std::size_t size) {
    size = (size + kAlignment - 1) / kAlignment * kAlignment;
    if (size > free_.size()) grow(size);
    char* place = free_.data();
    free_ = free_.subspan(size);
    return place;
  }

  std::span<const model::Cell> copy(std::span<const model::Cell> cells) {
    if (cells.empty()) return {};
    static_assert(std::is_trivially_copyable_v<model::Cell>);
    char* place = allocate(cells.size_bytes());
    std::memcpy(place, cells.data(), cells.size_bytes());
    return {reinterpret_cast<const model::Cell*>(place), cells.size()};
  }

  std::string_view copy(std::string_view bytes) {
    if (bytes.empty()) return {};
    char* place = allocate(bytes.size());
    std::memcpy(place, bytes.data(), bytes.size());
    return {place, bytes.size()};
  }

  /// An empty string that keeps its room, for bytes whose number is not known beforehand.
  std::string& scratch() {
    scratch_.clear();
    return scratch_;
  }
  /// Another one, for what is made of the first.
  std::string& second_scratch() {
    second_scratch_.clear();
    return second_scratch_;
  }

  /// The same for the items of an array.
  std::vector<model::Cell>& items() {
    items_.clear();
    return items_;
  }

  /// Forgets everything that was allocated.
  void reset() {
    if (blocks_.size() > 1 || total_ > kKeptMax) {
      const std::size_t size = std::min(total_, kKeptMax);
      blocks_.clear();
      total_ = 0;
      grow(size);
    }
    if (!blocks_.empty()) free_ = blocks_.front().bytes();
    shrink(scratch_);
    shrink(second_scratch_);
    shrink(items_);
  }

  /// What it holds on to.
  std::size_t kept_bytes() const {
    return total_ + scratch_.capacity() + second_scratch_.capacity() +
           items_.capacity() * sizeof(model::Cell);
  }

 private:
  static constexpr std::size_t kAlignment = alignof(std::max_align_t);
  static constexpr std::size_t kBlockMin = std::size_t{64} * 1024;
  static constexpr std::size_t kKeptMax = std::size_t{4} * 1024 * 1024;

  /// A block of bytes that owns itself.
  struct Block {
    explicit Block(std::size_t bytes) : data(std::make_unique<char[]>(bytes)), size(bytes) {}
    std::span<char> bytes() const { return {data.get(), size}; }
    std::unique_ptr<char[]> data;
    std::size_t size;
  };

  void grow(std::size_t size) {
    size = std::max({size, kBlockMin, total_});
    blocks_.emplace_back(size);
    total_ += size;
    free_ = blocks_.back().bytes();
  }

  template <typename Room>
  static void shrink(Room& room) {
    if (room.capacity() * sizeof(typename Room::value_type) > kKeptMax) Room().swap(room);
  }

  std::vector<Block> blocks_;
  std::span<char> free_;
  std::string scratch_;
  std::string second_scratch_;
  std::vector<model::Cell> items_;
  std::size_t total_ = 0;
};

}  // namespace cdclake::debezium
