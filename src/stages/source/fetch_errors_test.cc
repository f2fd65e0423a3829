#include "stages/source/fetch_errors.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <string>

namespace cdclake::source {
namespace {

const std::string kCut =
    "Partition log truncation detected at offset 10 (leader epoch 3): broker end offset is 5 "
    "(offset leader epoch 3). Reset to INVALID.: Local: Partition log truncation detected "
    "(broker 1)";

TEST(FetchErrorsTest, TellsATruncationFromAnOffsetThatIsGone) {
  EXPECT_EQ(trouble_of(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, kCut), FetchTrouble::kTruncated);
  EXPECT_EQ(trouble_of(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET,
                       "fetch failed due to requested offset not available on the broker"),
            FetchTrouble::kOffsetGone);
}

TEST(FetchErrorsTest, FindsTheForkWhereItIsKnown) {
  EXPECT_EQ(fork_in(kCut), 5);
  EXPECT_EQ(fork_in("broker end offset is -1 (offset leader epoch -1)"), std::nullopt);
  EXPECT_EQ(fork_in("something else"), std::nullopt);
}

TEST(FetchErrorsTest, WhatIsNotKnownMayPass) {
  EXPECT_EQ(trouble_of(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, ""), FetchTrouble::kMayPass);
  EXPECT_EQ(trouble_of(RD_KAFKA_RESP_ERR__BAD_MSG, ""), FetchTrouble::kDamaged);
}

}  // namespace
}  // namespace cdclake::source
