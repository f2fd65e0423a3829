#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "stages/source/kafka_cluster.h"

namespace cdclake::source {

/// `read` names the topics that are read and the ids under which they are. kConflict where one was
/// made again, kUnavailable where one is gone: a retry reads those that are left.
Status check_same_topics(const std::map<std::string, std::string>& read,
                         const std::vector<TopicDescription>& topics);

}  // namespace cdclake::source
