#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/debezium/source_block.h"
#include "formats/debezium/strict_json/json_cursor.h"
#include "model/table.h"

namespace cdclake::debezium {

/// The `source` of a topic's last change, with gaps where its numbers stood.
///
/// From one change to the next only numbers differ: times, positions, the transaction. A source
/// that is the last one letter by letter, but for whole numbers in the gaps, says the same
/// otherwise, so that comparing it spares reading it.
class SourceTemplate {
 public:
  SourceTemplate() = default;
  SourceTemplate(const SourceTemplate&) = delete;
  SourceTemplate& operator=(const SourceTemplate&) = delete;

  /// Reads the object that is next, if it fits; else the cursor stays.
  bool read(JsonCursor& cursor, const model::TableId* expected, SourceBlock& source);

  /// Learns from an object that was read without a fault; its names may be borrowed from anywhere.
  void learn(std::string_view raw, const SourceBlock& source);

 private:
  enum class Gap : std::uint8_t { kEnd, kTsMs, kTsUs, kTsNs, kTxId, kLsn, kSeqCommit, kSeqLsn };
  struct Part {
    std::string text;  ///< Before the gap.
    Gap gap = Gap::kEnd;
  };

  static Gap gap_after(std::string_view text, Gap last);
  static bool pass_gap(JsonCursor& cursor, Gap gap, std::int64_t& value);
  static void fill(Gap gap, std::int64_t value, SourceBlock& source);

  std::vector<Part> parts_;
  model::TableId table_;
  SourceBlock constant_;  ///< What the gaps leave; its names are those of `table_`.
  const model::TableId* same_table_ = nullptr;  ///< Was found equal to `table_`.
  int luck_ = 16;  ///< Runs out where sources change too often for learning to pay.
};

}  // namespace cdclake::debezium
