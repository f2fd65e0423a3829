#include "platform/memory/allowance.h"

namespace cdclake::memory {

Status Allowance::cover(std::int64_t bytes, const std::string& what, const std::stop_token& stop) {
  if (spare_ == nullptr || bytes <= share_bytes_ + lent_bytes_) return {};
  settle();
  CDCLAKE_ASSIGN_OR_RETURN(loan_, spare_->borrow(bytes - share_bytes_, what, stop));
  lent_bytes_ = bytes - share_bytes_;
  return {};
}

void Allowance::settle() {
  loan_ = {};
  lent_bytes_ = 0;
}

}  // namespace cdclake::memory
