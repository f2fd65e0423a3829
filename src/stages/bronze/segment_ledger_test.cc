#include "stages/bronze/segment_ledger.h"

#include <gtest/gtest.h>

#include "testing/fake_record.h"

namespace cdclake::bronze {
namespace {

using testing::RawRecords;

TEST(SegmentLedgerTest, CountsRecordsAndSumsTheirHashes) {
  RawRecords raw;
  SegmentLedger ledger;
  model::RecordHasher hash;
  Hash128 sum;
  for (const std::int64_t offset : {10, 11, 15}) {
    const auto& record = raw.add({.offset = offset});
    sum += hash(record);
    ledger.add(record, offset == 10 ? 8 : offset);
  }
  ASSERT_EQ(ledger.segments().size(), 1U);
  EXPECT_EQ(ledger.segments()[0],
            (model::Segment{.partition = raw.partition("shop.public.users", 0),
                            .range = {8, 16},
                            .record_count = 3,
                            .checksum = sum}));
}

TEST(SegmentLedgerTest, KeepsASegmentForEachPartition) {
  RawRecords raw;
  SegmentLedger ledger;
  for (int i = 0; i < 6; ++i) {
    ledger.add(raw.add({.partition = i % 2, .offset = i / 2}), i / 2);
  }
  ASSERT_EQ(ledger.segments().size(), 2U);
  EXPECT_EQ(ledger.segments()[0].range, (model::OffsetRange{0, 3}));
  EXPECT_EQ(ledger.segments()[1].partition.partition, 1);
}

TEST(SegmentLedgerTest, ExtendsOnlyASegmentThatIsOpen) {
  RawRecords raw;
  SegmentLedger ledger;
  EXPECT_FALSE(ledger.extend(0, 5));
  ledger.add(raw.add({.offset = 0}), 0);
  EXPECT_TRUE(ledger.extend(0, 5));
  EXPECT_EQ(ledger.segments()[0].range, (model::OffsetRange{0, 5}));
  ledger.close(0);
  EXPECT_FALSE(ledger.extend(0, 6));
}

TEST(SegmentLedgerTest, BeginsAnotherSegmentAfterAGap) {
  RawRecords raw;
  SegmentLedger ledger;
  ledger.add(raw.add({.offset = 0}), 0);
  ledger.close(0);
  ledger.add(raw.add({.offset = 20}), 20);
  ASSERT_EQ(ledger.segments().size(), 2U);
  EXPECT_EQ(ledger.segments()[0].range, (model::OffsetRange{0, 1}));
  EXPECT_EQ(ledger.segments()[1].range, (model::OffsetRange{20, 21}));
}

}  // namespace
}  // namespace cdclake::bronze
