#include "app/pipeline/stage_loops/retry_policy.h"

#include <gtest/gtest.h>

namespace cdclake::pipeline {
namespace {

using std::chrono::milliseconds;

TEST(RetryPolicyTest, WaitsLongerEachTimeUpToHalfAMinute) {
  EXPECT_EQ(wait_before_retry(ErrorKind::kUnavailable, 1, Mode::kKeepGoing), milliseconds(250));
  EXPECT_EQ(wait_before_retry(ErrorKind::kUnavailable, 2, Mode::kKeepGoing), milliseconds(500));
  EXPECT_EQ(wait_before_retry(ErrorKind::kUnavailable, 9, Mode::kKeepGoing), milliseconds(30'000));
  EXPECT_EQ(wait_before_retry(ErrorKind::kUnavailable, 1'000'000, Mode::kKeepGoing),
            milliseconds(30'000));
}

TEST(RetryPolicyTest, NeverRetriesASinglePass) {
  EXPECT_EQ(wait_before_retry(ErrorKind::kUnavailable, 1, Mode::kOnce), std::nullopt);
}

TEST(RetryPolicyTest, NeverRetriesWhatOnlyAPersonCanMend) {
  for (const ErrorKind kind : {ErrorKind::kConflict, ErrorKind::kCorrupt, ErrorKind::kInvalidConfig,
                               ErrorKind::kCancelled}) {
    EXPECT_EQ(wait_before_retry(kind, 1, Mode::kKeepGoing), std::nullopt) << to_string(kind);
  }
}

}  // namespace
}  // namespace cdclake::pipeline
