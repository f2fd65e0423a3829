#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include "stages/silver_current/read_rows/change_batch.h"

namespace cdclake::silver_current {

/// The halves of key moves, paired: index into `ChangeBatch::events`, from the create under the new
/// key to the delete of the old one, and back.
struct KeyMoves {
  std::unordered_map<std::size_t, std::size_t> delete_of_create;
  std::unordered_map<std::size_t, std::size_t> create_of_delete;
};

/// How far each partition may be merged so that no key move is published by half.
struct MergeCut {
  std::vector<std::int64_t> next_offsets;  ///< By partition of the batch.
  KeyMoves moves;                          ///< Only pairs with both halves below the cut.
  std::vector<std::size_t> alone;          ///< Halves below the cut that are taken alone.
  std::vector<std::string>
      held_back;  ///< One line for each half that stopped a cut; no key values.
};

/// No half of a key move is alone, or every one that has no other half.
constexpr std::int64_t kNoneAlone = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kAllAlone = std::numeric_limits<std::int64_t>::max();

/// Pairs the halves of key moves and shrinks each partition's cut until none is open.
///
/// A pair is the `d` and the `c` with one identity and each other's key in their headers. Of a
/// replay, which sends an identity again, a `c` pairs with the first `d` since the last `c` where
/// both are in one partition, so that half a move which was sent again is not missed; over two
/// partitions the n-th `d` pairs with the n-th `c`. Half a pair beyond a cut stops the cut of its
/// other half, which may cut off further halves: repeated to a fixpoint.
///
/// A half that was staged at `alone_until_us` or before and whose other half was not staged at all
/// waits no more: the other half was lost before it reached us, in the quarantine too. Pure.
MergeCut cut_at_open_moves(const ChangeBatch& batch, std::int64_t alone_until_us);

}  // namespace cdclake::silver_current
