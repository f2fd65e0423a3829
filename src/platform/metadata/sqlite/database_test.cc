#include "platform/metadata/sqlite/database.h"

#include <gtest/gtest.h>

#include "platform/metadata/sqlite/statement.h"
#include "testing/bare_store.h"
#include "testing/matchers.h"

namespace cdclake::metadata {
namespace {

using testing::BareStore;
using testing::FailsSaying;
using testing::IsOk;

TEST(DatabaseTest, SaysSoWhenAnotherProgramLocksTheDatabase) {
  BareStore store;
  Database other(store.path(), Access::kReadWrite);
  ASSERT_THAT(other.opened(), IsOk());
  const auto lock = Transaction::begin(other, Transaction::Kind::kWrite);
  ASSERT_THAT(lock, IsOk());
  Database database(store.path(), Access::kReadWrite);
  ASSERT_THAT(database.run("PRAGMA busy_timeout = 0"), IsOk());
  EXPECT_THAT(Transaction::begin(database, Transaction::Kind::kWrite),
              FailsSaying(ErrorKind::kUnavailable, "locked by another program"));
}

TEST(DatabaseTest, RollsBackWhatIsNotCommitted) {
  BareStore store;
  Database database(store.path(), Access::kReadWrite);
  {
    auto work = BareStore::unwrap(Transaction::begin(database, Transaction::Kind::kWrite));
    ASSERT_THAT(run_once(database, "INSERT INTO lease VALUES ('x', 1, 'h', 0)"), IsOk());
  }
  EXPECT_EQ(find_integer(database, "SELECT count(*) FROM lease").value(), 0);
}

}  // namespace
}  // namespace cdclake::metadata
