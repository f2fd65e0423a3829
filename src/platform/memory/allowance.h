#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "platform/memory/spare_memory.h"

namespace cdclake::memory {

/// What one stage may hold: its share of the limit, and what it has borrowed for something that is
/// larger. Not thread-safe.
class Allowance {
 public:
  /// `spare` outlives it; null: as much as is wanted.
  Allowance(std::int64_t share_bytes, SpareMemory* spare)
      : share_bytes_(share_bytes), spare_(spare) {}

  /// Waits until the stage may hold so much. What it holds beyond its share when it asks must be
  /// given up before: a loan that does not reach is given back first. Errors as
  /// `SpareMemory::borrow` gives them.
  Status cover(std::int64_t bytes, const std::string& what, const std::stop_token& stop);
  /// Back to the share: what was larger is gone.
  void settle();
  bool has_borrowed() const { return static_cast<bool>(loan_); }

 private:
  std::int64_t share_bytes_;
  SpareMemory* spare_;
  SpareMemory::Loan loan_;
  std::int64_t lent_bytes_ = 0;
};

}  // namespace cdclake::memory
