#include "model/partition.h"

namespace cdclake::model {

std::string describe(const PartitionId& partition) {
  return partition.topic + "/" + std::to_string(partition.partition) + " (" +
         partition.incarnation + ")";
}

}  // namespace cdclake::model
