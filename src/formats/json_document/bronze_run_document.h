#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cdclake::json_document {

/// What the metadata store keeps of a Bronze run so that its manifests can be written again.
struct BronzeRunDetails {
  std::string kafka_group_id;
  std::optional<std::string> error;

  friend bool operator==(const BronzeRunDetails&, const BronzeRunDetails&) = default;
};

/// One line: `{"kafka_group_id":"…","error":"…"}`, `error` only where there is one.
std::string to_json_text(const BronzeRunDetails& details);

/// kCorrupt where the text is none.
Result<BronzeRunDetails> parse_bronze_run_details(std::string_view text);

}  // namespace cdclake::json_document
