#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "model/partition.h"
#include "platform/metadata/store_language/views.h"
#include "stages/silver_current/change_fold.h"
#include "stages/silver_current/key_moves.h"
#include "stages/silver_current/read_rows/change_batch.h"

namespace cdclake::silver_current {

/// What the store says of one table's unmerged rows, read in this order: the positions first, so
/// that no file can hold a row below them that is not listed. What was staged since is left out.
struct UnmergedRows {
  std::vector<model::Position> staged;  ///< Stage positions of the topics that feed the table.
  std::vector<model::Position> merged;
  std::vector<metadata::StoredStageFile> files;  ///< By stage batch.
  std::vector<std::int64_t> file_bytes;          ///< In memory, of as many files as a bite takes.
  std::vector<metadata::StageBatchEnd> batch_ends;  ///< From the first file's batch on.
  std::vector<model::PartitionEnd> ends;            ///< Of the topics that feed the table.
  std::vector<model::Position> written;             ///< Bronze's, of the same topics.
  std::map<model::PartitionId, std::int64_t> cut;   ///< Where set, nothing at or beyond is taken.
};

/// One bite of the unmerged rows.
struct MergePlan {
  std::vector<PartitionSpan> spans;              ///< Every partition that feeds the table.
  std::vector<metadata::StoredStageFile> files;  ///< With rows inside the spans.
  bool takes_all = false;                        ///< Nothing below the stage positions is left out.
  /// For `cut_at_open_moves`.
  std::int64_t alone_until_us = kNoneAlone;
  /// A partition of which Bronze holds more than is staged, if there is one.
  std::optional<model::PartitionId> unstaged;
};

/// How long after half of a key move its source is given to bring the other half.
constexpr std::chrono::seconds kOtherHalfWait{60};

/// How much a bite takes before it ends with the stage batch that it is in.
struct BiteLimits {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

/// Takes whole stage batches, oldest first, until a limit is reached; at least one.
///
/// Half of a key move is alone where everything is taken and every partition was staged up to an
/// end that was seen `kOtherHalfWait` after that half was staged. Where no end can be asked for (a
/// recorded topic) none ever is. Pure.
MergePlan plan_merge(const UnmergedRows& rows, const BiteLimits& limits);

/// The rows below a cut of the plan's spans.
UnmergedRows rows_below(UnmergedRows rows, const MergePlan& plan, const MergeCut& cut);

/// The same, cut inside its first stage batch where that is much larger than the limit of bytes; by
/// the files that were measured. Pure.
MergePlan plan_bite(const UnmergedRows& rows, const BiteLimits& limits);

/// How many changes fit into so much memory, and at least one; by the files that were measured.
std::int64_t changes_within(const UnmergedRows& rows, std::int64_t bytes);

/// The first `offsets_max` offsets of a plan, one partition after the other. Pure.
MergePlan narrowed(MergePlan plan, std::int64_t offsets_max);

/// The part of a plan up to the first half of a key move in each partition, which it takes in where
/// it is alone or its other half is the first of its partition: all that the pair needs which holds
/// the table back. Where that is more than `offsets_max`, so much of what stands before the halves;
/// so the pair is reached however far the two lie apart. Pure.
MergePlan up_to_first_halves(MergePlan plan, const ChangeBatch& halves, const MergeCut& cut,
                             std::int64_t offsets_max);

/// What decides whether rows that were held back can move: how far the stage has come, and how many
/// unmerged files are so old that half a key move in them is alone.
struct Outlook {
  std::map<model::PartitionId, std::int64_t> staged;
  std::int64_t old_files = 0;

  friend bool operator==(const Outlook&, const Outlook&) = default;
};
Outlook outlook_of(const UnmergedRows& rows);

/// Why the planned rows must not be merged, if so: another schema than the rows so far have, or a
/// topic that was deleted and made again. Pure.
std::optional<StoppedTable> reason_to_stop(const MergePlan& plan,
                                           const std::optional<metadata::CurrentVersion>& version);

}  // namespace cdclake::silver_current
