#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/debezium/table_plans/column_wire.h"
#include "model/change_row.h"

namespace cdclake::debezium {

/// How Debezium marks a value of one column that was not sent, because it is stored out of line
/// (TOAST) and did not change. Columns whose type knows no mark match nothing: for those the
/// connector sends a plain null (docs/formats/types.md).
class UnchangedMark {
 public:
  UnchangedMark() = default;
  UnchangedMark(const ColumnWire& wire, std::string_view placeholder);

  /// Whether a text value, as spelled, is the mark.
  bool matches_text(std::string_view text) const {
    return !text.empty() && (text == text_ || text == map_text_);
  }
  /// Whether a map is the mark: one entry, whose key and value are the placeholder.
  bool matches_map(std::string_view key, std::string_view value) const {
    return !map_entry_.empty() && key == map_entry_ && value == map_entry_;
  }
  /// Whether an array's decoded items are the mark.
  bool matches_items(std::span<const model::Cell> items) const;

 private:
  std::string text_;
  std::string map_text_;  ///< hstore in JSON text, which looks like any other JSON.
  std::string map_entry_;
  std::string item_bytes_;  ///< The only item of an array of texts, bytes or uuids.
  std::vector<std::int64_t> item_integers_;  ///< The placeholder's bytes, for arrays of numbers.
};

}  // namespace cdclake::debezium
