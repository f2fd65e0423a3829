#include "platform/metadata/silver_sql/table_sql.h"

#include <gtest/gtest.h>

#include "testing/bare_store.h"
#include "testing/commit_builders.h"
#include "testing/matchers.h"

namespace cdclake::metadata {
namespace {

using model::ColumnType;
using model::TypeKind;
using testing::BareStore;
using testing::FailsSaying;
using testing::FailsWith;
using testing::IsOk;

const model::TableId kUsers = {"src", "db", "public", "users"};

TEST(TableSqlTest, RegistersATableOnceWithEveryTopicThatFeedsIt) {
  BareStore store;
  const auto& lease = store.lease(Role::kSilverStage);
  const auto first = BareStore::unwrap(store->register_table(lease, kUsers, "b"));
  const auto again = BareStore::unwrap(store->register_table(lease, kUsers, "a"));
  EXPECT_EQ(first.key, again.key);
  EXPECT_EQ(again.path_segment, "public.users");
  EXPECT_EQ(again.topics, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(store->tables()->size(), 1U);
}

TEST(TableSqlTest, RefusesTheSameNameOfAnotherDatabaseByName) {
  BareStore store;
  const auto& lease = store.lease(Role::kSilverStage);
  ASSERT_THAT(store->register_table(lease, kUsers, "t"), IsOk());
  const model::TableId other = {"src2", "db2", "public", "users"};
  const auto refused = store->register_table(lease, other, "t2");
  EXPECT_THAT(refused, FailsSaying(ErrorKind::kInvalidConfig, "src/db/public.users"));
  EXPECT_THAT(refused, FailsSaying(ErrorKind::kInvalidConfig, "src2/db2/public.users"));
}

TEST(TableSqlTest, KeepsADotInANameApartFromTheOneBetweenSchemaAndTable) {
  BareStore store;
  const auto& lease = store.lease(Role::kSilverStage);
  ASSERT_THAT(store->register_table(lease, {"s", "d", "a.b", "c"}, "t"), IsOk());
  ASSERT_THAT(store->register_table(lease, {"s", "d", "a", "b.c"}, "t"), IsOk());
  EXPECT_EQ(store->tables()->size(), 2U);
}

TEST(TableSqlTest, RemembersWhyATableStopped) {
  BareStore store;
  const auto key =
      BareStore::unwrap(store->register_table(store.lease(Role::kSilverStage), kUsers, "t")).key;
  ASSERT_THAT(store->set_table_state(store.lease(Role::kSilverMerge), key, TableState::kStopped,
                                     "KEY_CHANGED_PARTITION at offset 7"),
              IsOk());
  const auto tables = BareStore::unwrap(store->tables());
  EXPECT_EQ(tables[0].state, TableState::kStopped);
  EXPECT_EQ(tables[0].reason, "KEY_CHANGED_PARTITION at offset 7");
}

TEST(TableSqlTest, GivesSchemasBackAsTheyWereWhateverTheirTypes) {
  BareStore store;
  std::vector<model::Column> columns;
  for (const TypeKind kind :
       {TypeKind::kBool, TypeKind::kInt16, TypeKind::kInt32, TypeKind::kInt64, TypeKind::kFloat32,
        TypeKind::kFloat64, TypeKind::kNumericText, TypeKind::kText, TypeKind::kJson,
        TypeKind::kBinary, TypeKind::kUuid, TypeKind::kDate, TypeKind::kTime, TypeKind::kTimestamp,
        TypeKind::kTimestampTz}) {
    columns.push_back({"c" + std::to_string(columns.size()), {kind, 0, 0, {}}});
  }
  const ColumnType decimal{TypeKind::kDecimal, 38, 10, {}};
  columns.push_back({"d, \"quoted\"", decimal});
  columns.push_back({"a", {TypeKind::kArray, 0, 0, {{TypeKind::kArray, 0, 0, {decimal}}}}});
  const auto schema = model::make_table_schema(kUsers, columns, {3, 1});
  const auto& lease = store.lease(Role::kSilverStage);
  ASSERT_THAT(store->save_schema(lease, *schema), IsOk());
  ASSERT_THAT(store->save_schema(lease, *schema), IsOk());
  const auto loaded = BareStore::unwrap(store->schema(schema->id));
  EXPECT_EQ(loaded->id, schema->id);
  EXPECT_EQ(loaded->columns, schema->columns);
  EXPECT_EQ(loaded->key_columns, schema->key_columns);
  EXPECT_EQ(loaded->table, kUsers);
  EXPECT_THAT(store->schema(model::SchemaId("unknown")), FailsWith(ErrorKind::kCorrupt));
}

}  // namespace
}  // namespace cdclake::metadata
