#include <gtest/gtest.h>

#include "formats/debezium/allocation_workbench.h"
#include "formats/debezium/event_workbench.h"
#include "formats/debezium/record_decoder.h"

namespace cdclake::debezium {
namespace {

TEST(AllocationTest, DecodesWithoutAllocatingOnceItsBuffersHaveGrown) {
  const auto catalog = catalog_of_t({{"id", "integer"},
                                     {"v", "text"},
                                     {"n", "numeric(10,2)"},
                                     {"f", "numeric"},
                                     {"b", "bytea"},
                                     {"u", "uuid"},
                                     {"z", "timestamp with time zone"},
                                     {"a", "text[]"}});
  RecordDecoder decoder({}, &catalog);
  const std::string row =
      R"({"id":1,"v":"a \"quoted\" text that is longer than a short string","n":"BAE=",)"
      R"("f":{"scale":2,"value":"CK4="},"b":")" +
      std::string(400, 'A') +
      R"(","u":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","z":"2024-02-29T01:02:03.123456Z",)"
      R"("a":["one","two",null]})";
  TestRecord update(R"({"id":1})", TestEvent{.after = row}.text());
  TestRecord move(R"({"id":1})", TestEvent{.after = row, .op = R"("c")"}.text());
  TestRecord removal(R"({"id":1})", TestEvent{.after = "null", .op = R"("d")"}.text());
  move.header("__debezium.oldkey", R"({"id":2})");
  const model::RawRecord records[] = {update.raw(), move.raw(), removal.raw()};
  const auto decode_all = [&] {
    for (const model::RawRecord& record : records) {
      ASSERT_TRUE(outcome_of(decoder.decode(record)).starts_with("row"));
    }
  };
  decode_all();
  decode_all();
  const auto before = allocation_count();
  if (!before) GTEST_SKIP() << "allocations are not counted under a sanitizer";
  for (const model::RawRecord& record : records) {
    const auto decoded = decoder.decode(record);
    ASSERT_TRUE(std::holds_alternative<model::ChangeRow>(decoded));
  }
  EXPECT_EQ(*allocation_count() - *before, 0);
}

}  // namespace
}  // namespace cdclake::debezium
