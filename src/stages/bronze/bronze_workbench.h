#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "platform/commit/publisher.h"
#include "stages/bronze/bronze_compactor.h"
#include "stages/bronze/bronze_stage.h"
#include "testing/fake_record.h"
#include "testing/fake_source.h"
#include "testing/manual_clock.h"
#include "testing/temp_lake.h"
#include "testing/temp_store.h"

namespace cdclake::bronze {

/// A lake, a store and a clock, and Bronze at work on them. Tests only.
class BronzeWorkbench {
 public:
  BronzeWorkbench() : store(lake, clock) {}

  /// What the next process does: recovers, opens, reads the source to its end and finishes.
  Result<BronzeReport> write(model::RecordSource& source, const BronzeConfig& config = {});
  Result<BronzeReport> write(std::vector<testing::FakeBatch> batches,
                             const BronzeConfig& config = {});
  Result<CompactionReport> compact();

  /// Every record that the store's live files hold, by partition and offset. Checks on the way that
  /// the files hold exactly the store's segments, and that globs show exactly these files.
  std::vector<testing::FakeRecord> records();
  /// Names below `cdc/` that end in `end`, sorted.
  std::vector<std::string> names(const std::string& end) const;
  /// The content of the only file below `cdc/` of this name.
  std::string text(const std::string& name) const;
  lake::LakeFs& fs() { return through ? *through : lake.fs(); }
  std::int64_t position(const std::string& topic, std::int32_t partition);

  /// Through which Bronze works; tests put a faulty lake between. Null: the lake itself.
  lake::LakeFs* through = nullptr;
  testing::ManualClock clock;
  testing::TempLake lake;
  testing::TempStore store;
};

}  // namespace cdclake::bronze
