#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/partition.h"
#include "platform/metadata/sqlite/statement.h"

namespace cdclake::metadata {

/// The store's small numbers for partitions. Lives within one transaction.
class PartitionKeys {
 public:
  PartitionKeys(Database& database, std::int64_t now_us) : database_(database), now_us_(now_us) {}

  /// Registers topic and partition on first sight.
  Result<std::int64_t> key_of(const model::PartitionId& partition);

 private:
  Database& database_;
  std::int64_t now_us_;
  std::map<model::PartitionId, std::int64_t> known_;
};

/// The number of a partition that the store knows.
Result<std::optional<std::int64_t>> find_partition_key(Database& database,
                                                       const model::PartitionId& partition);
/// From three columns that hold topic, incarnation and partition.
model::PartitionId partition_at(const Statement& row, int first_column);
/// From rows of topic, incarnation, partition and next offset.
Result<std::vector<model::Position>> read_positions(Database& database, const char* sql);

}  // namespace cdclake::metadata
