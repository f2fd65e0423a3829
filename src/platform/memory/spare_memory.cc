#include "platform/memory/spare_memory.h"

#include <algorithm>

namespace cdclake::memory {

Result<SpareMemory::Loan> SpareMemory::borrow(std::int64_t bytes, const std::string& what,
                                              const std::stop_token& stop) {
  if (bytes <= 0) return Loan();
  if (bytes > bytes_) {
    return fail(ErrorKind::kInvalidConfig,
                "cannot work on " + what + ": it needs " + std::to_string(bytes >> 20) +
                    " MiB more than a stage has, and " + std::to_string(bytes_ >> 20) +
                    " MiB are there for that: raise CDCLAKE_MEMORY_LIMIT");
  }
  std::unique_lock lock(mutex_);
  const std::int64_t number = next_number_++;
  waiting_.push_back(number);
  const bool is_mine =
      changed_.wait(lock, stop, [&] { return waiting_.front() == number && free_ >= bytes; });
  std::erase(waiting_, number);
  if (is_mine) free_ -= bytes;
  changed_.notify_all();
  if (!is_mine) return fail(ErrorKind::kCancelled, "stopped as asked");
  return Loan(*this, bytes);
}

void SpareMemory::give_back(std::int64_t bytes) {
  const std::scoped_lock lock(mutex_);
  free_ += bytes;
  changed_.notify_all();
}

}  // namespace cdclake::memory
