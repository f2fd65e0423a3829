#include "stages/silver_current/change_fold.h"

#include <gtest/gtest.h>

namespace cdclake::silver_current {
namespace {

using model::Op;

/// Builds batches event by event; every event gets the next offset of its partition and a row.
class Batch {
 public:
  explicit Batch(std::int32_t partitions = 1) {
    for (std::int32_t i = 0; i < partitions; ++i)
      batch_.partitions.push_back({{"t", "1", i}, {0, 0}});
  }

  ChangeEvent& add(Op op, const std::string& key, std::uint32_t partition = 0) {
    ChangeEvent event;
    event.op = op;
    event.key = batch_.keys.intern(key);
    event.partition = partition;
    event.offset = batch_.partitions[partition].range.next++;
    event.row = rows_++;
    // Events stay sorted by partition and offset, as loading leaves them.
    auto at = batch_.events.begin();
    while (at != batch_.events.end() && at->partition <= partition) ++at;
    return *batch_.events.insert(at, event);
  }
  ChangeEvent& add_move_from(const std::string& from, const std::string& to, std::int64_t lsn,
                             std::uint32_t partition) {
    ChangeEvent& half = add(Op::kDelete, from, partition);
    half.moved_to = batch_.keys.intern(to);
    half.identity.seq_lsn = lsn;
    return half;
  }
  ChangeEvent& add_move_to(const std::string& from, const std::string& to, std::int64_t lsn,
                           std::uint32_t partition) {
    ChangeEvent& half = add(Op::kCreate, to, partition);
    half.moved_from = batch_.keys.intern(from);
    half.identity.seq_lsn = lsn;
    half.unchanged = "\x02";
    return half;
  }
  std::int64_t add_update(const std::string& key, const std::string& unchanged) {
    ChangeEvent& event = add(Op::kUpdate, key);
    event.unchanged = unchanged;
    return event.row;
  }

  MergeCut cut() const { return cut_at_open_moves(batch_, alone_until_us); }
  FoldResult fold() const { return fold_changes(batch_, cut()); }
  const NetChange* net(const FoldResult& result, const std::string& key) {
    for (const NetChange& change : result.changes) {
      if (batch_.keys[change.key] == key) return &change;
    }
    return nullptr;
  }
  KeyIndex key(const std::string& key) { return batch_.keys.intern(key); }

  ChangeEvent& event(std::size_t index) { return batch_.events[index]; }

  std::int64_t alone_until_us = kNoneAlone;

 private:
  ChangeBatch batch_;
  std::int64_t rows_ = 0;
};

TEST(ChangeFoldTest, KeepsTheLastChangeOfAKeyInOffsetOrder) {
  Batch batch;
  batch.add(Op::kCreate, "k");
  batch.add(Op::kDelete, "k");
  const std::int64_t last = batch.add(Op::kCreate, "k").row;
  const FoldResult result = batch.fold();
  ASSERT_EQ(result.changes.size(), 1U);
  EXPECT_EQ(result.changes[0].row, last);
  EXPECT_EQ(result.changes[0].first_offset, 0);
}

TEST(ChangeFoldTest, DeletesByATombstoneAlone) {
  Batch batch;
  batch.add(Op::kTombstone, "k");
  EXPECT_FALSE(batch.net(batch.fold(), "k")->row.has_value());
}

TEST(ChangeFoldTest, TakesUnsentColumnsFromTheNewestRowThatSentThem) {
  Batch batch;
  const std::int64_t sent = batch.add(Op::kCreate, "k").row;
  batch.add_update("k", "\x02");
  const std::int64_t last = batch.add_update("k", "\x02");
  const FoldResult result = batch.fold();
  const NetChange& change = *batch.net(result, "k");
  EXPECT_EQ(change.row, last);
  ASSERT_EQ(change.patches.size(), 1U);
  EXPECT_EQ(change.patches[0].column, 1U);
  EXPECT_EQ(change.patches[0].source.row, sent);
}

TEST(ChangeFoldTest, TakesUnsentColumnsFromTheStoredRowWhereNoChangeSentThem) {
  Batch batch;
  batch.add_update("k", "\x01");
  const FoldResult result = batch.fold();
  const CellSource& source = batch.net(result, "k")->patches.at(0).source;
  EXPECT_EQ(source.stored, (std::vector<StoredCell>{{batch.key("k"), {}, {}}}));
  EXPECT_FALSE(source.row.has_value());
}

TEST(ChangeFoldTest, TakesNothingFromARowThatWasDeleted) {
  Batch batch;
  batch.add(Op::kDelete, "k");
  batch.add_update("k", "\x01");
  const FoldResult result = batch.fold();
  const CellSource& source = batch.net(result, "k")->patches.at(0).source;
  EXPECT_TRUE(source.stored.empty());
  EXPECT_FALSE(source.row.has_value());
}

TEST(ChangeFoldTest, GivesAMovedRowTheOldKeysValuesWhicheverPartitionComesFirst) {
  Batch batch(2);
  batch.add_move_to("old", "new", 5, 0);
  const std::int64_t sent = batch.add(Op::kCreate, "old", 1).row;
  batch.add_move_from("old", "new", 5, 1);
  batch.add(Op::kCreate, "old", 1);
  const FoldResult result = batch.fold();
  EXPECT_EQ(batch.net(result, "new")->patches.at(0).source.row, sent);
}

TEST(ChangeFoldTest, FollowsAChainOfMovesToTheStoredRow) {
  Batch batch(3);
  batch.add_move_to("b", "c", 6, 0);
  batch.add_move_to("a", "b", 5, 1);
  batch.add_move_from("b", "c", 6, 1);
  batch.add_move_from("a", "b", 5, 2);
  const FoldResult result = batch.fold();
  EXPECT_FALSE(batch.net(result, "b")->row.has_value());
  const CellSource& source = batch.net(result, "c")->patches.at(0).source;
  ASSERT_EQ(source.stored.size(), 3U) << "the new key's own row, of either move, comes first";
  EXPECT_EQ(source.stored.back().key, batch.key("a"));
}

TEST(ChangeFoldTest, LooksForAMovedRowUnderItsNewKeyAndThenUnderItsOldOne) {
  Batch batch;
  batch.add_move_from("old", "new", 5, 0);
  batch.add_move_to("old", "new", 5, 0);
  const FoldResult result = batch.fold();
  const CellSource& source = batch.net(result, "new")->patches.at(0).source;
  const SourceSequence moved{0, std::nullopt, 5};
  EXPECT_EQ(source.stored, (std::vector<StoredCell>{{batch.key("new"), moved, {}},
                                                    {batch.key("old"), {}, moved}}));
}

TEST(ChangeFoldTest, KeepsTheValuesOfAMovedRowWhenItsMoveIsReplayed) {
  Batch batch;
  const std::int64_t moved = batch.add(Op::kCreate, "old").row;
  batch.add_move_from("old", "new", 5, 0);
  batch.add_move_to("old", "new", 5, 0);
  batch.add(Op::kCreate, "old").identity.seq_lsn = 6;
  batch.add_move_from("old", "new", 5, 0);
  batch.add_move_to("old", "new", 5, 0);
  const FoldResult result = batch.fold();
  EXPECT_EQ(batch.net(result, "new")->patches.at(0).source.row, moved);
}

TEST(ChangeFoldTest, TakesNothingFromAnOldKeysRowThatIsNewerThanTheMove) {
  Batch batch;
  batch.add(Op::kCreate, "old").identity.seq_lsn = 6;
  batch.add_move_from("old", "new", 5, 0);
  batch.add_move_to("old", "new", 5, 0);
  const FoldResult result = batch.fold();
  EXPECT_FALSE(batch.net(result, "new")->patches.at(0).source.row.has_value());
}

TEST(ChangeFoldTest, TakesTheRowAsItWasBeforeTheFirstDeleteOfAMoveThatWasBegunAgain) {
  Batch batch;
  const std::int64_t sent = batch.add(Op::kCreate, "old").row;
  batch.add_move_from("old", "new", 5, 0);
  batch.add_move_from("old", "new", 5, 0);
  batch.add_move_to("old", "new", 5, 0);
  const FoldResult result = batch.fold();
  EXPECT_EQ(batch.net(result, "new")->patches.at(0).source.row, sent);
  EXPECT_TRUE(batch.cut().alone.empty());
}

TEST(ChangeFoldTest, TakesAwayTheOldKeysRowWhereOnlyTheCreateOfItsMoveCame) {
  Batch batch(2);
  batch.add_move_to("old", "new", 5, 0);
  batch.add_move_to("older", "newer", 5, 0);
  batch.add_move_to("again", "moved", 5, 0);
  batch.add(Op::kCreate, "older", 1).identity.seq_lsn = 4;
  const std::int64_t again = batch.add(Op::kCreate, "again", 1).row;
  batch.event(4).identity.seq_lsn = 6;
  batch.alone_until_us = kAllAlone;
  const FoldResult result = batch.fold();
  EXPECT_FALSE(batch.net(result, "old")->row.has_value());
  EXPECT_EQ(batch.net(result, "old")->gone_before, (SourceSequence{0, std::nullopt, 5}));
  EXPECT_FALSE(batch.net(result, "older")->row.has_value());
  EXPECT_EQ(batch.net(result, "again")->row, again);
  EXPECT_EQ(batch.cut().alone, (std::vector<std::size_t>{0, 1, 2}));
}

TEST(ChangeFoldTest, EndsWhenForgedMovesWaitForEachOtherInACircle) {
  Batch batch(2);
  batch.add_move_to("a", "x", 1, 0);
  batch.add_move_from("b", "y", 2, 0);
  batch.add_move_to("b", "y", 2, 1);
  batch.add_move_from("a", "x", 1, 1);
  EXPECT_EQ(batch.fold().changes.size(), 4U);
}

TEST(ChangeFoldTest, StopsWhereAKeyHasChangesInTwoPartitions) {
  Batch batch(2);
  batch.add(Op::kCreate, "k", 0);
  batch.add(Op::kUpdate, "k", 1);
  const FoldResult result = batch.fold();
  ASSERT_TRUE(result.stopped.has_value());
  EXPECT_TRUE(result.stopped->reason.starts_with("KEY_CHANGED_PARTITION"));
}

TEST(KeyMovesTest, HoldsBackHalfAMoveAndWhatFollowsIt) {
  Batch batch(2);
  batch.add(Op::kCreate, "k", 0);
  batch.add_move_from("old", "new", 5, 0);
  batch.add(Op::kCreate, "later", 0);
  batch.add(Op::kCreate, "other", 1);
  const MergeCut cut = batch.cut();
  EXPECT_EQ(cut.next_offsets, (std::vector<std::int64_t>{1, 1}));
  EXPECT_EQ(cut.held_back.size(), 1U);
}

TEST(KeyMovesTest, TakesHalfAMoveAloneOnceItsOtherHalfMustHaveBeenLost) {
  Batch batch(2);
  batch.add_move_from("a", "b", 5, 0).staged_us = 100;
  batch.add_move_to("c", "d", 6, 1).staged_us = 101;
  batch.alone_until_us = 99;
  EXPECT_EQ(batch.cut().next_offsets, (std::vector<std::int64_t>{0, 0}));
  batch.alone_until_us = 100;
  EXPECT_EQ(batch.cut().next_offsets, (std::vector<std::int64_t>{1, 0}));
  batch.alone_until_us = kAllAlone;
  EXPECT_EQ(batch.cut().next_offsets, (std::vector<std::int64_t>{1, 1}));
  EXPECT_TRUE(batch.cut().moves.delete_of_create.empty());
}

TEST(KeyMovesTest, WaitsForAnotherHalfThatIsStagedHoweverLongItTakes) {
  Batch batch(3);
  batch.add_move_from("a", "b", 5, 0);              // Its other half is missing.
  batch.add_move_from("c", "d", 6, 0);              // Cut off with it,
  batch.add_move_to("c", "d", 6, 1).staged_us = 1;  // so this one waits although it is old.
  batch.alone_until_us = 0;
  batch.event(0).staged_us = 1;
  EXPECT_EQ(batch.cut().next_offsets, (std::vector<std::int64_t>{0, 0, 0}));
}

TEST(KeyMovesTest, CutsOffOtherMovesUntilNoneIsOpen) {
  Batch batch(3);
  batch.add_move_from("a", "b", 5, 0);  // Its other half is missing.
  batch.add_move_from("c", "d", 6, 0);  // Cut off with it,
  batch.add_move_to("c", "d", 6, 1);    // so this one is open too,
  batch.add_move_from("e", "f", 7, 1);  // and cuts off this one,
  batch.add_move_to("e", "f", 7, 2);    // which opens this.
  const MergeCut cut = batch.cut();
  EXPECT_EQ(cut.next_offsets, (std::vector<std::int64_t>{0, 0, 0}));
}

TEST(KeyMovesTest, PairsTheNthDeleteWithTheNthCreateOfAReplay) {
  Batch batch(2);
  batch.add_move_from("a", "b", 5, 0);
  batch.add_move_from("a", "b", 5, 0);
  batch.add_move_to("a", "b", 5, 1);
  const MergeCut cut = batch.cut();
  EXPECT_EQ(cut.next_offsets, (std::vector<std::int64_t>{1, 1}));
  EXPECT_EQ(cut.moves.delete_of_create.size(), 1U);
}

TEST(KeyMovesTest, WaitsForTheCreateOfAReplayInTheSamePartition) {
  Batch batch;
  batch.add_move_from("a", "b", 5, 0);
  batch.add_move_to("a", "b", 5, 0);
  batch.add_move_to("a", "b", 5, 0);  // Sent twice; its delete would have come before it.
  batch.add_move_from("a", "b", 5, 0);
  EXPECT_EQ(batch.cut().next_offsets, (std::vector<std::int64_t>{3}));
  batch.alone_until_us = kAllAlone;
  EXPECT_EQ(batch.cut().next_offsets, (std::vector<std::int64_t>{4}));
  EXPECT_TRUE(batch.cut().alone.empty()) << "the move itself is there";
}

}  // namespace
}  // namespace cdclake::silver_current
