#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

#include "base/result.h"

namespace cdclake::memory {

/// Memory that no stage has for itself, lent to those that must hold what is larger than their
/// share. Nothing is allocated by it: it only says who may. Thread-safe.
class SpareMemory {
 public:
  /// What was borrowed, until it is destroyed. The memory it came from outlives it.
  class Loan {
   public:
    Loan() = default;
    Loan(Loan&& other) noexcept
        : from_(std::exchange(other.from_, nullptr)), bytes_(other.bytes_) {}
    Loan& operator=(Loan&& other) noexcept {
      std::swap(from_, other.from_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Loan() {
      if (from_ != nullptr) from_->give_back(bytes_);
    }
    explicit operator bool() const { return from_ != nullptr; }

   private:
    friend class SpareMemory;
    Loan(SpareMemory& from, std::int64_t bytes) : from_(&from), bytes_(bytes) {}
    SpareMemory* from_ = nullptr;
    std::int64_t bytes_ = 0;
  };

  explicit SpareMemory(std::int64_t bytes) : bytes_(bytes), free_(bytes) {}

  /// Waits until so much is free and nobody waits who asked before; who asks gives back what he has
  /// before. Nothing or less is always there. kInvalidConfig, with `what` for the operator and the
  /// setting to raise, where there is not so much altogether; kCancelled soon after `stop`.
  Result<Loan> borrow(std::int64_t bytes, const std::string& what, const std::stop_token& stop);

 private:
  void give_back(std::int64_t bytes);

  const std::int64_t bytes_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::int64_t free_;
  std::deque<std::int64_t> waiting_;  ///< Numbers, in the order in which they asked.
  std::int64_t next_number_ = 0;
};

}  // namespace cdclake::memory
