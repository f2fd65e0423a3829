#include "model/partition.h"

#include "base/shortened.h"

namespace cdclake::model {

std::string describe(const PartitionId& partition) {
  return shortened(partition.topic) + "/" + std::to_string(partition.partition) + " (" +
         partition.incarnation + ")";
}

}  // namespace cdclake::model
