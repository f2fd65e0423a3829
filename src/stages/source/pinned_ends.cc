#include "stages/source/pinned_ends.h"

namespace cdclake::source {
namespace {

std::string seconds_between(MonotonicTime since, MonotonicTime now) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - since).count()) +
         " s";
}

}  // namespace

std::optional<std::string> PinnedEnds::note(const model::PartitionId& partition,
                                            const PartitionEnds& ends, MonotonicTime now) {
  const auto known = pins_.find(partition);
  const bool is_held = ends.high > ends.stable_end;
  if (is_held && known != pins_.end() && known->second.offset == ends.stable_end) {
    Pin& pin = known->second;
    if (pin.is_told || now - pin.since < patience_) return std::nullopt;
    pin.is_told = true;
    return "an open transaction holds a partition back: what lies at and after offset " +
           std::to_string(pin.offset) + " is read when it ends (open for " +
           seconds_between(pin.since, now) +
           " so far; Kafka aborts it after the producer's transaction.timeout.ms, one that hangs "
           "needs kafka-transactions.sh): partition=" +
           display(partition) + " offset=" + std::to_string(pin.offset) +
           " end=" + std::to_string(ends.high);
  }
  std::optional<std::string> over;
  if (known != pins_.end() && known->second.is_told) {
    over = "the transaction that held a partition back has ended, after " +
           seconds_between(known->second.since, now) + ": partition=" + display(partition) +
           " offset=" + std::to_string(known->second.offset);
  }
  if (known != pins_.end()) pins_.erase(known);
  if (is_held) pins_[partition] = {.offset = ends.stable_end, .since = now};
  return over;
}

}  // namespace cdclake::source
