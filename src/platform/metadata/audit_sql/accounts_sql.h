#pragma once

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/accounts.h"

namespace cdclake::metadata {

/// Of one moment. kCorrupt where a word in the store is none of ours.
Result<Accounts> accounts(Database& database);

}  // namespace cdclake::metadata
