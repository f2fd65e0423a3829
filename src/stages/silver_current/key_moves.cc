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
  KeyIndex from = 0;
  KeyIndex to = 0;

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

HalvesByIdentity halves_in(const ChangeBatch& batch) {
  HalvesByIdentity halves;
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    const ChangeEvent& event = batch.events[i];
    if (is_delete(event) && event.moved_to) {
      halves[{event.identity, event.key, *event.moved_to}].deletes.push_back(i);
    } else if (is_create(event) && event.moved_from) {
      halves[{event.identity, *event.moved_from, event.key}].creates.push_back(i);
    }
  }
  return halves;
}

/// A move as the batch has it: both halves, or the one whose other half is not here.
struct Move {
  std::optional<std::size_t> delete_half;
  std::optional<std::size_t> create_half;
  bool other_half_unseen = false;  ///< Not even a replay of the other half is here.
};

/// Halves in one partition lie in the order in which they were sent: a create closes every delete
/// before it. A connector that is killed between the halves sends the delete again, so the row as
/// it was before is that of the first; and a create without a new delete was sent twice.
void pair_in_order(const ChangeBatch& batch, const Halves& halves, std::vector<Move>& moves) {
  auto next_delete = halves.deletes.begin();
  for (const std::size_t create : halves.creates) {
    const auto open = next_delete;
    while (next_delete != halves.deletes.end() &&
           batch.events[*next_delete].offset < batch.events[create].offset) {
      ++next_delete;
    }
    if (open != next_delete) moves.push_back({*open, create});
  }
  if (next_delete != halves.deletes.end()) moves.push_back({*next_delete, std::nullopt});
}

void pair_by_number(const Halves& halves, std::vector<Move>& moves) {
  const bool unseen = halves.deletes.empty() || halves.creates.empty();
  for (std::size_t n = 0; n < std::max(halves.deletes.size(), halves.creates.size()); ++n) {
    Move move{std::nullopt, std::nullopt, unseen};
    if (n < halves.deletes.size()) move.delete_half = halves.deletes[n];
    if (n < halves.creates.size()) move.create_half = halves.creates[n];
    moves.push_back(move);
  }
}

std::vector<Move> moves_in(const ChangeBatch& batch) {
  std::vector<Move> moves;
  for (const auto& [identity, halves] : halves_in(batch)) {
    const bool in_one_partition = !halves.deletes.empty() && !halves.creates.empty() &&
                                  batch.events[halves.deletes.front()].partition ==
                                      batch.events[halves.creates.front()].partition;
    if (in_one_partition) {
      pair_in_order(batch, halves, moves);
    } else {
      pair_by_number(halves, moves);
    }
  }
  return moves;
}

class CutFinder {
 public:
  CutFinder(const ChangeBatch& batch, std::int64_t alone_until_us)
      : batch_(batch), alone_until_us_(alone_until_us) {
    for (const PartitionSpan& span : batch.partitions) cut_.next_offsets.push_back(span.range.next);
  }

  MergeCut find() && {
    const std::vector<Move> moves = moves_in(batch_);
    while (shrink(moves)) {
    }
    for (const Move& move : moves) keep(move);
    std::ranges::sort(cut_.alone);
    return std::move(cut_);
  }

 private:
  bool below_cut(const std::optional<std::size_t>& index) const {
    if (!index) return false;
    const ChangeEvent& event = batch_.events[*index];
    return event.offset < cut_.next_offsets[event.partition];
  }

  /// True where a cut moved.
  bool shrink(const std::vector<Move>& moves) {
    bool moved = false;
    for (const Move& move : moves) {
      const bool delete_in = below_cut(move.delete_half);
      if (delete_in == below_cut(move.create_half)) continue;
      const std::size_t half = delete_in ? *move.delete_half : *move.create_half;
      const bool is_alone = !move.delete_half || !move.create_half;
      if (is_alone && batch_.events[half].staged_us <= alone_until_us_) continue;
      stop_before(half);
      moved = true;
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

  void keep(const Move& move) {
    const bool delete_in = below_cut(move.delete_half);
    const bool create_in = below_cut(move.create_half);
    if (delete_in && create_in) {
      cut_.moves.delete_of_create.emplace(*move.create_half, *move.delete_half);
      cut_.moves.create_of_delete.emplace(*move.delete_half, *move.create_half);
    } else if (move.other_half_unseen && (delete_in || create_in)) {
      cut_.alone.push_back(delete_in ? *move.delete_half : *move.create_half);
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
