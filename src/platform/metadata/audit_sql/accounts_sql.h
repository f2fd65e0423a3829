#pragma once

#include "platform/metadata/sqlite/database.h"
#include "platform/metadata/store_language/accounts.h"

namespace cdclake::metadata {

/// Of one moment. What cannot be read because the store is damaged is said in `broken`.
Result<Accounts> accounts(Database& database);

}  // namespace cdclake::metadata
