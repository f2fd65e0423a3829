#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/debezium/byte_arena.h"
#include "formats/debezium/envelope.h"
#include "formats/debezium/nesting_depth.h"
#include "formats/debezium/rejection.h"
#include "formats/debezium/row_plan.h"
#include "model/change_row.h"

namespace cdclake::debezium {

/// What the mark of an unchanged value means in a row: in an insert it can only be a text that a
/// user typed.
enum class Marks : std::uint8_t { kAreUnchanged, kAreValues };

/// What members are that the plan does not name.
enum class Strangers : std::uint8_t { kAreFaults, kPassBy };

/// Where a row goes, and how it is read.
struct RowTarget {
  const RowPlan& plan;
  std::span<model::Cell> cells;  ///< One a field of the plan.
  Marks marks = Marks::kAreUnchanged;
  Strangers strangers = Strangers::kAreFaults;
};

struct RowOutcome {
  std::optional<Fault> fault;
  bool has_unchanged = false;
  bool is_in_order = true;  ///< The members came in the plan's order.
};

/// Reads one JSON document at a time, forward only, without building a tree.
///
/// What it hands out borrows from the reader or from the arena. Views of texts live until the next
/// `open` or `read_row`, cells as long as both that and the arena.
class JsonReader {
 public:
  explicit JsonReader(ByteArena& arena);
  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;
  ~JsonReader();

  /// Copies the text to where it may be read past its end, and checks its UTF-8 and depth. What
  /// comes after the document's first value is found by whoever reads it to its end.
  std::optional<Fault> open(std::string_view text, int nesting_max = kNestingMax);

  /// Reads the document as a change event. Reads `after` on the way with `speculation`, if there is
  /// one, so that `read_row` may be spared. A fault may then be the speculation's: the document
  /// must be opened and read again without it.
  std::optional<Fault> read_envelope(const RowTarget* speculation, Envelope& envelope);

  /// Reads the member of that name as a row; the document itself for an empty name. Starts over.
  RowOutcome read_row(std::string_view member, const RowTarget& target);

  /// The names of the document's members, in order.
  std::optional<Fault> read_names(std::vector<std::string>& names);

  /// The raw text of two members of the document, as views into `open`'s text, where there are any.
  struct RawMembers {
    std::optional<std::string_view> schema;
    std::optional<std::string_view> payload;
  };
  std::optional<Fault> read_wrapper(RawMembers& members);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::debezium
