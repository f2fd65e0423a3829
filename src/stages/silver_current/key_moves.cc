#include "stages/silver_current/key_moves.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace cdclake::silver_current {
namespace {

/// What both halves of one key move say: who they are, and which key went where.
struct MoveIdentity {
  EventIdentity event;
  std::optional<KeyIndex> from;  ///< Nothing where the events carry no headers.
  std::optional<KeyIndex> to;

  friend auto operator<=>(const MoveIdentity&, const MoveIdentity&) = default;
};

/// Event indexes of the halves, each list in offset order: all deletes of one identity share the
/// old key and therefore the partition, and all creates the new one.
struct Halves {
  std::vector<std::size_t> deletes;
  std::vector<std::size_t> creates;
};

using HalvesByIdentity = std::map<MoveIdentity, Halves>;

bool is_create(const ChangeEvent& event) { return event.op == model::Op::kCreate; }
bool is_delete(const ChangeEvent& event) { return event.op == model::Op::kDelete; }

HalvesByIdentity halves_with_headers(const ChangeBatch& batch) {
  HalvesByIdentity halves;
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    const ChangeEvent& event = batch.events[i];
    if (is_delete(event) && event.moved_to) {
      halves[{event.identity, event.key, event.moved_to}].deletes.push_back(i);
    } else if (is_create(event) && event.moved_from) {
      halves[{event.identity, event.moved_from, event.key}].creates.push_back(i);
    }
  }
  return halves;
}

/// A create that lacks values cannot be an insert: it is half of a move, also without headers.
HalvesByIdentity halves_without_headers(const ChangeBatch& batch) {
  HalvesByIdentity halves;
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    const ChangeEvent& event = batch.events[i];
    if (is_create(event) && !event.moved_from && !event.unchanged.empty() &&
        event.identity.seq_lsn) {
      halves[{event.identity, {}, {}}].creates.push_back(i);
    }
  }
  if (halves.empty()) return halves;
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    const ChangeEvent& event = batch.events[i];
    const auto found = halves.find({event.identity, {}, {}});
    if (found != halves.end() && is_delete(event) && !event.moved_to)
      found->second.deletes.push_back(i);
  }
  std::erase_if(halves, [](const auto& entry) {
    return entry.second.creates.size() != 1 || entry.second.deletes.size() != 1;
  });
  return halves;
}

class CutFinder {
 public:
  CutFinder(const ChangeBatch& batch, std::int64_t alone_until_us)
      : batch_(batch), alone_until_us_(alone_until_us) {
    for (const PartitionSpan& span : batch.partitions) cut_.next_offsets.push_back(span.range.next);
  }

  MergeCut find() && {
    const HalvesByIdentity with_headers = halves_with_headers(batch_);
    const HalvesByIdentity without = halves_without_headers(batch_);
    while (shrink(with_headers) || shrink(without)) {
    }
    for (const auto* halves : {&with_headers, &without}) {
      for (const auto& [identity, pair] : *halves) keep_pairs(pair);
    }
    return std::move(cut_);
  }

 private:
  bool below_cut(std::size_t index) const {
    const ChangeEvent& event = batch_.events[index];
    return event.offset < cut_.next_offsets[event.partition];
  }

  /// True where a cut moved.
  bool shrink(const HalvesByIdentity& halves) {
    bool moved = false;
    for (const auto& [identity, pair] : halves) {
      const std::size_t pairs = std::max(pair.deletes.size(), pair.creates.size());
      for (std::size_t n = 0; n < pairs; ++n) {
        const bool delete_in = n < pair.deletes.size() && below_cut(pair.deletes[n]);
        const bool create_in = n < pair.creates.size() && below_cut(pair.creates[n]);
        if (delete_in == create_in) continue;
        const std::size_t half = delete_in ? pair.deletes[n] : pair.creates[n];
        const bool is_alone = n >= std::min(pair.deletes.size(), pair.creates.size());
        if (is_alone && batch_.events[half].staged_us <= alone_until_us_) continue;
        stop_before(half);
        moved = true;
      }
    }
    return moved;
  }

  void stop_before(std::size_t index) {
    const ChangeEvent& event = batch_.events[index];
    cut_.next_offsets[event.partition] = event.offset;
    const model::PartitionId& partition = batch_.partitions[event.partition].id;
    cut_.held_back.push_back(std::string(is_delete(event) ? "the delete of the old key"
                                                          : "the create under the new key") +
                             " of a key move waits for its other half: " + partition.topic +
                             " partition " + std::to_string(partition.partition) + " offset " +
                             std::to_string(event.offset));
  }

  void keep_pairs(const Halves& pair) {
    for (std::size_t n = 0; n < std::min(pair.deletes.size(), pair.creates.size()); ++n) {
      if (!below_cut(pair.deletes[n]) || !below_cut(pair.creates[n])) continue;
      cut_.moves.delete_of_create.emplace(pair.creates[n], pair.deletes[n]);
      cut_.moves.create_of_delete.emplace(pair.deletes[n], pair.creates[n]);
    }
  }

  const ChangeBatch& batch_;
  std::int64_t alone_until_us_;
  MergeCut cut_;
};

}  // namespace

MergeCut cut_at_open_moves(const ChangeBatch& batch, std::int64_t alone_until_us) {
  return CutFinder(batch, alone_until_us).find();
}

}  // namespace cdclake::silver_current
