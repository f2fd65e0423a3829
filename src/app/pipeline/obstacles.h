#pragma once

#include <string>
#include <vector>

#include "platform/metadata/store_language/commits.h"
#include "platform/metadata/store_language/views.h"

namespace cdclake::pipeline {

/// What keeps the stage from going on, a line a table, however many of its partitions wait:
/// `public.users is REFUSED: … (4 partitions wait, the first at shop.public.users/0 offset 7)`.
/// Tables that are active are passed over.
std::vector<std::string> describe_obstacles(const std::vector<metadata::Table>& tables,
                                            const std::vector<metadata::StageWait>& waits);

}  // namespace cdclake::pipeline
