#include "stages/audit/offset_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cdclake::audit {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

const model::PartitionId kPartition{"shop.public.users", "recorded:1", 0};

metadata::SegmentAccount segment(std::int64_t first, std::int64_t next, std::int64_t records) {
  return {{kPartition, {first, next}, records, {}}, FileId("a")};
}

metadata::StagedAccount staged(std::int64_t first, std::int64_t next, std::int64_t rows) {
  return {.batch = 1,
          .range = {first, next},
          .rows = rows,
          .quarantined = 0,
          .no_row = 0,
          .in_quarantine = 0};
}

/// Two segments with a gap between, holes inside, staged in ranges that cut the second segment.
metadata::PartitionAccount whole() {
  metadata::PartitionAccount account;
  account.partition = kPartition;
  account.bronze_next = 30;
  account.stage_next = 25;
  account.segments = {segment(0, 10, 8), segment(12, 30, 15)};
  account.gaps = {{10, 12}};
  account.staged = {staged(0, 10, 8), staged(10, 20, 7), staged(20, 25, 3)};
  return account;
}

metadata::FileAccount live_file(const std::string& id) {
  metadata::FileAccount account;
  account.file.id = FileId(id);
  return account;
}

Findings findings_of(metadata::PartitionAccount account) {
  metadata::Accounts accounts;
  accounts.files = {live_file("a")};
  accounts.partitions.push_back(std::move(account));
  Findings findings;
  audit_offsets(accounts, findings);
  return findings;
}

auto is(Fault fault, std::int64_t first, std::int64_t next) {
  return AllOf(Field(&Finding::fault, fault),
               Field(&Finding::offsets, model::OffsetRange{first, next}));
}

TEST(OffsetAuditTest, HolesInsideSegmentsKnownGapsAndRangesThatCutASegmentAreInOrder) {
  EXPECT_THAT(findings_of(whole()), IsEmpty());
  EXPECT_THAT(findings_of(metadata::PartitionAccount()), IsEmpty()) << "seen, nothing read yet";
}

TEST(OffsetAuditTest, NamesAHoleAtTheBeginningInTheMiddleAndAtTheEnd) {
  auto account = whole();
  account.gaps.clear();
  EXPECT_THAT(findings_of(account), ElementsAre(is(Fault::kOffsetsMissing, 10, 12)));
  account = whole();
  account.bronze_next = 33;
  EXPECT_THAT(findings_of(account), ElementsAre(is(Fault::kOffsetsMissing, 30, 33)));
  account = whole();
  account.segments[0] = segment(3, 10, 8);
  EXPECT_THAT(findings_of(account), ElementsAre(is(Fault::kOffsetsMissing, 0, 3)));
}

TEST(OffsetAuditTest, NamesOffsetsThatAreClaimedTwice) {
  auto account = whole();
  account.gaps = {{10, 15}};
  EXPECT_THAT(findings_of(account), ElementsAre(is(Fault::kOffsetsTwice, 12, 15)));
}

TEST(OffsetAuditTest, NamesAPositionBeforeWhatIsHeld) {
  auto account = whole();
  account.bronze_next = 28;
  EXPECT_THAT(findings_of(account), ElementsAre(is(Fault::kPositionWrong, 28, 30)));
}

TEST(OffsetAuditTest, CountsBetweenTheOffsetsAtWhichBothLayersEnd) {
  auto account = whole();
  account.staged[0].rows = 7;
  EXPECT_THAT(findings_of(account), ElementsAre(is(Fault::kRecordsUnaccounted, 0, 10)));
  account = whole();
  account.stage_next = 30;
  account.staged.push_back(staged(25, 30, 5));
  EXPECT_THAT(findings_of(account), IsEmpty());
  account.staged[1].no_row = 1;
  EXPECT_THAT(findings_of(account), ElementsAre(is(Fault::kRecordsUnaccounted, 10, 30)));
}

TEST(OffsetAuditTest, ARangeThatIsCutOpenTakesNoMoreThanItsSegmentHolds) {
  auto account = whole();
  account.staged[2].rows = 9;
  EXPECT_THAT(findings_of(account), ElementsAre(is(Fault::kRecordsUnaccounted, 10, 25)));
}

TEST(OffsetAuditTest, WantsEveryQuarantinedRecordListed) {
  auto account = whole();
  account.staged[1].rows = 5;
  account.staged[1].quarantined = 2;
  account.staged[1].in_quarantine = 1;
  EXPECT_THAT(findings_of(account), ElementsAre(is(Fault::kRecordsUnaccounted, 10, 20)));
}

TEST(OffsetAuditTest, NoLayerPassesTheOneBelow) {
  auto account = whole();
  account.stage_next = 35;
  account.staged.push_back(staged(25, 35, 5));
  EXPECT_THAT(findings_of(account), ElementsAre(is(Fault::kStageAhead, 30, 35)));

  metadata::Accounts accounts;
  accounts.files = {live_file("a")};
  accounts.partitions.push_back(whole());
  metadata::TableAccount table;
  table.merged = {{kPartition, 26}};
  accounts.tables.push_back(table);
  Findings findings;
  audit_offsets(accounts, findings);
  EXPECT_THAT(findings, ElementsAre(is(Fault::kMergeAhead, 25, 26)));
}

TEST(OffsetAuditTest, SegmentsAndStagedRowsLieInLiveFiles) {
  metadata::Accounts accounts;
  accounts.partitions.push_back(whole());
  accounts.files = {live_file("a")};
  accounts.files[0].state = metadata::FileState::kSuperseded;
  Findings findings;
  audit_offsets(accounts, findings);
  EXPECT_THAT(findings, ElementsAre(is(Fault::kRecordsUnaccounted, 0, 10),
                                    is(Fault::kRecordsUnaccounted, 12, 30)));
}

TEST(OffsetAuditTest, TheMergeFindsEveryFileOfStagedRows) {
  metadata::TableAccount table;
  table.table.key = 1;
  table.table.topics = {kPartition.topic};
  metadata::Accounts accounts;
  accounts.files = {live_file("a"), live_file("b")};
  accounts.partitions.push_back(whole());
  accounts.tables.push_back(table);
  const auto findings_with = [&](std::vector<metadata::StageFile::Range> ranges) {
    accounts.stage_files = {
        {.file = FileId("b"), .batches = {1}, .table = 1, .ranges = std::move(ranges)}};
    Findings findings;
    audit_offsets(accounts, findings);
    return findings;
  };
  EXPECT_THAT(findings_with({{kPartition, {11, 20}}}), IsEmpty());
  const auto unfound = ElementsAre(is(Fault::kRowsUnaccounted, 0, 0));
  EXPECT_THAT(findings_with({}), unfound) << "it has no range";
  EXPECT_THAT(findings_with({{kPartition, {11, 21}}}), unfound) << "past what the commit took";
  accounts.partitions[0].staged[2].batch = 2;
  const auto findings_of_both = [&](std::vector<metadata::StageFile::Range> ranges) {
    accounts.stage_files = {
        {.file = FileId("b"), .batches = {1, 2}, .table = 1, .ranges = std::move(ranges)}};
    Findings findings;
    audit_offsets(accounts, findings);
    return findings;
  };
  EXPECT_THAT(findings_of_both({{kPartition, {11, 25}}}), IsEmpty()) << "put together";
  EXPECT_THAT(findings_of_both({{kPartition, {11, 26}}}), unfound) << "past what both took";
  accounts.tables[0].table.topics.clear();
  EXPECT_THAT(findings_with({{kPartition, {11, 20}}}), unfound) << "of a topic that feeds nothing";
}

TEST(OffsetAuditTest, RowsOfACommitAreInItsFiles) {
  metadata::Accounts accounts;
  accounts.batches = {{.batch = 1, .rows = 5, .rows_in_files = 5},
                      {.batch = 2, .rows = 5, .rows_in_files = 4}};
  Findings findings;
  audit_offsets(accounts, findings);
  EXPECT_THAT(findings, ElementsAre(is(Fault::kRowsUnaccounted, 0, 0)));
}

}  // namespace
}  // namespace cdclake::audit
