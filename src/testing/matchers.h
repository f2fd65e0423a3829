#pragma once

#include <gmock/gmock.h>

#include "base/result.h"

namespace cdclake::testing {

/// Matches any successful `Result`; prints the error of a failed one.
MATCHER(IsOk, negation ? "fails" : "is ok") {
  if (arg.has_value()) return true;
  *result_listener << to_string(arg.error().kind) << ": " << arg.error().message;
  return false;
}

/// Matches a failed `Result` of the kind.
MATCHER_P(FailsWith, kind, std::string("fails with ") + to_string(kind)) {
  if (arg.has_value()) {
    *result_listener << "which is ok";
    return false;
  }
  *result_listener << to_string(arg.error().kind) << ": " << arg.error().message;
  return arg.error().kind == kind;
}

/// Matches a failed `Result` of the kind whose message contains the text.
MATCHER_P2(FailsSaying, kind, text, std::string("fails with ") + to_string(kind)) {
  if (arg.has_value()) {
    *result_listener << "which is ok";
    return false;
  }
  *result_listener << to_string(arg.error().kind) << ": " << arg.error().message;
  return arg.error().kind == kind && arg.error().message.find(text) != std::string::npos;
}

}  // namespace cdclake::testing
