#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace cdclake::config {

/// One thing that is wrong with the configuration, for the operator.
struct Fault {
  std::string key;     ///< Empty where `rule` names it.
  std::string rule;    ///< Continues the key: `must be a whole number from 1 to 3600`.
  std::string value;   ///< What it is instead; empty where there is none or where it is a secret.
  std::string origin;  ///< Where the value came from, as `to_string(Origin)` says it.
};

/// The value as it may be shown: secrets in addresses masked, control characters escaped, cut where
/// it is long.
std::string shown_value(const Fault& fault);

/// `FLUSH_SECONDS must be a whole number from 1 to 3600, but is 'soon' (environment)`.
std::string to_string(const Fault& fault);

/// Ok without faults; else kInvalidConfig with every fault on a line of its own.
Status to_status(const std::vector<Fault>& faults);

}  // namespace cdclake::config
