#pragma once

#include <cstdint>

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/adoption.h"

namespace cdclake::metadata {

/// Puts the tables of another store in the place of ours, in one transaction. What is replaced is
/// superseded, and stays until its folder has been swapped and the grace period is over.
Status adopt_tables(Database& database, std::int64_t now_us, const Adoption& adoption);

}  // namespace cdclake::metadata
