#pragma once

#include <gmock/gmock.h>

#include <string>

#include "base/result.h"

namespace cdclake::testing {

/// `ASSERT_THAT(store.commit(...), IsOk())`; prints the error's message.
MATCHER(IsOk, negation ? "is an error" : "is ok") {
  if (arg.has_value()) return true;
  *result_listener << "which is " << to_string(arg.error().kind) << ": " << arg.error().message;
  return false;
}

/// `EXPECT_THAT(lake.rename(...), FailsWith(ErrorKind::kConflict))`.
MATCHER_P(FailsWith, kind, std::string("fails with ") + to_string(kind)) {
  if (arg.has_value()) {
    *result_listener << "which is ok";
    return false;
  }
  *result_listener << "which is " << to_string(arg.error().kind) << ": " << arg.error().message;
  return arg.error().kind == kind;
}

/// As `FailsWith(kind)`, and the message holds `part`.
MATCHER_P2(FailsSaying, kind, part,
           std::string("fails with ") + to_string(kind) + " saying " + part) {
  if (arg.has_value()) {
    *result_listener << "which is ok";
    return false;
  }
  *result_listener << "which is " << to_string(arg.error().kind) << ": " << arg.error().message;
  return arg.error().kind == kind && arg.error().message.find(part) != std::string::npos;
}

}  // namespace cdclake::testing
