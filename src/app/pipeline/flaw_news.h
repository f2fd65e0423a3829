#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "platform/metadata/store_language/views.h"

namespace cdclake::pipeline {

/// ` from shop.public.users/0 offset 17: QUARANTINED, NOT_UTF8: value`.
std::string describe(const metadata::Flaw& flaw);

/// Says once of a table that it became inexact, and again only for another cause.
class FlawNews {
 public:
  /// Lines for what was not said before: where it begins, how often, and what mends it.
  std::vector<std::string> take(const std::vector<metadata::Flaw>& flaws,
                                const std::vector<metadata::Table>& tables);

 private:
  std::set<std::pair<metadata::TableKey, std::string>> told_;  ///< Tables and causes.
};

}  // namespace cdclake::pipeline
