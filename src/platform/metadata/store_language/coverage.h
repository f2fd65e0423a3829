#pragma once

#include <vector>

#include "base/result.h"
#include "platform/metadata/store_language/commits.h"

/// Decides whether a commit's numbers add up, before anything is written. Pure.
namespace cdclake::metadata {

/// The segments and gaps of every partition lie side by side from where its position is expected to
/// where it moves: nothing overlaps, nothing is left out, nothing lies beside. Else kCorrupt.
Status check_coverage(const BronzeCommit& commit);

/// Every staged record is counted as a row, as quarantined or as carrying no row: the files hold as
/// many rows as the ranges say, every range has its quarantined records, and no file or record lies
/// outside of the ranges. Else kCorrupt.
Status check_counts(const StageCommit& commit);

}  // namespace cdclake::metadata
