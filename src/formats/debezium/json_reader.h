#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/debezium/envelope.h"
#include "formats/debezium/source_template.h"
#include "formats/debezium/strict_json/byte_arena.h"
#include "formats/debezium/strict_json/json_cursor.h"
#include "formats/debezium/table_plans/rejection.h"
#include "formats/debezium/table_plans/row_plan.h"
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

/// What a message is taken for until it says otherwise.
struct Speculation {
  const RowTarget* row = nullptr;         ///< How to read `after`; null: it is passed.
  const model::TableId* table = nullptr;  ///< Whose row that is.
  SourceTemplate* source = nullptr;       ///< Never null.
};

struct RowOutcome {
  std::optional<Fault> fault;
  bool has_unchanged = false;
  bool is_in_order = true;  ///< The members came in the plan's order.
};

/// Reads JSON documents without building a tree.
///
/// Whether a document is JSON is decided by all of it, whatever is asked of it. What the reader
/// hands out borrows from it until the next `open`, and from the arena.
class JsonReader {
 public:
  /// `arena` must outlive the reader.
  explicit JsonReader(ByteArena& arena) : arena_(&arena) {}

  /// Copies the text to where it may be read past its end, and checks its UTF-8. JSON that is
  /// broken further on is found by whoever reads it.
  std::optional<Fault> open(std::string_view text, int nesting_max = kNestingMax);
  /// Gives the room of an unusually long document back.
  void shrink();

  /// Reads the document as a change event. Reads `after` on the way as the speculation says, so
  /// that `read_row` may be spared: the outcome is in the envelope.
  std::optional<Fault> read_envelope(const Speculation& speculation, Envelope& envelope);

  /// Reads the row that begins at a place of the document, as the envelope tells it.
  RowOutcome read_row(const char* place, const RowTarget& target);
  /// Reads the document itself as a row.
  RowOutcome read_document(const RowTarget& target);

  /// The names of the document's members, in order.
  std::optional<Fault> read_names(std::vector<std::string>& names);

  /// The raw text of two members of the document, as views into `open`'s text, where there are any.
  struct RawMembers {
    std::optional<std::string_view> schema;
    std::optional<std::string_view> payload;
  };
  std::optional<Fault> read_wrapper(RawMembers& members);

 private:
  JsonCursor cursor_at(const char* place) const;
  template <typename Visit>
  std::optional<Fault> for_each_member(Visit visit);
  std::optional<Fault> read_member(JsonCursor& cursor, Member member,
                                   const Speculation& speculation, Envelope& envelope);
  void read_after(JsonCursor& cursor, const RowTarget& target, Envelope& envelope);
  void read_source(JsonCursor& cursor, const Speculation& speculation, Envelope& envelope);

  ByteArena* arena_;
  std::vector<char> buffer_;
  std::string_view text_;
  int nesting_max_ = kNestingMax;
};

}  // namespace cdclake::debezium
