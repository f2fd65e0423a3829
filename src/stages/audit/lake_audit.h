#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"
#include "stages/audit/finding.h"

namespace cdclake::audit {

/// kDeep also reads every file whole: the bytes against the hash of the commit, and the records of
/// Bronze against the sums that were taken when they were read from the source.
enum class Depth : std::uint8_t { kStore, kDeep };

struct Layer {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::int64_t rows = 0;
};

/// What was looked at. An audit that has nothing to find says with it how much it has counted.
struct Totals {
  Layer bronze;
  Layer stage;
  Layer current;
  Layer expired;  ///< Of Bronze and stage, taken out by age: counted, and no longer there.
  std::int64_t partitions = 0;
  std::int64_t staged_rows = 0;
  std::int64_t quarantined = 0;
  std::int64_t no_row = 0;
  std::int64_t waiting = 0;  ///< Records of Bronze that the stage has not taken yet.
  std::int64_t gap_offsets = 0;
};

struct Report {
  Totals totals;
  Findings findings;

  /// Nothing was lost, doubled or bent, as far as the lake itself can tell.
  bool balances() const;
};

/// What the audit asks and tells while it works.
struct Watch {
  /// The roles that a process holds now, as `to_string(Role)` spells them: what they are about to
  /// finish is nothing left undone.
  std::function<Result<std::set<std::string>>()> roles_at_work;
  std::function<void(std::int64_t done, std::int64_t all)> progress;  ///< Files; may be null.
};

/// Holds the store against itself, and the lake against the store; needs neither Kafka nor
/// PostgreSQL, and writes nothing. Jobs may work meanwhile: what is found is looked
/// at again, and said only if it stays. kInvalidConfig where the store belongs to another lake.
Result<Report> audit_lake(lake::LakeFs& fs, metadata::MetadataStore& store, Depth depth,
                          const Watch& watch);

}  // namespace cdclake::audit
