#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "formats/debezium/strict_json/byte_arena.h"
#include "formats/debezium/strict_json/json_token.h"
#include "formats/debezium/strict_json/padded_text.h"

namespace cdclake::debezium {

inline constexpr int kNestingMax = 64;

/// Walks over a JSON text once, in its order, and checks all of it, also what it passes over.
///
/// The text must be valid UTF-8 and padded. Once something is broken or nested too deep, every call
/// says so and the place stays. Texts without escapes are borrowed, the others go to the arena.
class JsonCursor {
 public:
  enum class Trouble : std::uint8_t { kNone, kBroken, kTooDeep };

  JsonCursor(std::string_view text, int nesting_max, ByteArena& arena)
      : place_(text.data()),
        end_(text.data() + text.size()),
        nesting_max_(nesting_max),
        arena_(&arena) {}

  Trouble trouble() const { return trouble_; }
  const char* place() const { return place_; }
  /// The first character of the next value; zero at the end.
  char peek() {
    skip_spaces();
    return *place_;
  }
  bool at_end() {
    skip_spaces();
    return place_ == end_ && trouble_ == Trouble::kNone;
  }

  /// Enters an object or array whose first character `peek` has shown.
  bool enter();
  /// Moves to the next member of the entered object. False at its end, which is left, or in
  /// trouble.
  bool next_member(bool& is_first) { return next('}', is_first) && open_name(); }
  /// The same for the items of an array.
  bool next_item(bool& is_first) { return next(']', is_first); }

  /// The inside of the member's name, as spelled; its end is not known yet.
  const char* name() const { return place_; }
  /// Passes a name that is known to end after `size` bytes, and the colon, up to the value.
  bool take_name(std::size_t size) {
    place_ += size + 1;
    return take_colon();
  }
  /// Passes any other name, and the colon. `name` is without its escapes.
  bool take_name(std::string_view& name);

  /// Reads a whole number of at most 18 digits, if that is next; else stays.
  bool try_integer(std::int64_t& value) {
    const char* const end = pass_integer(place_, value);
    if (end != nullptr) place_ = end;
    return end != nullptr;
  }
  /// Reads that text, if it is next and spelled without an escape; else stays.
  bool try_text(std::string_view text);
  /// Passes these very bytes, if they are next; else stays. They must leave the depth as it is.
  bool try_bytes(std::string_view bytes) {
    if (bytes.size() > static_cast<std::size_t>(end_ - place_) || !stands_at(place_, bytes))
      return false;
    place_ += bytes.size();
    return true;
  }

  /// Reads a scalar, or says that an object or array is next, which it does not enter.
  bool read(JsonToken& token) {
    if (trouble_ != Trouble::kNone) return false;
    skip_spaces();
    if (*place_ != '"') return read_other(token);
    ++place_;
    token.kind = TokenKind::kString;
    return take_string(token.text);
  }
  /// Reads the next value to its end and forgets it.
  bool skip();
  /// The same; `raw` is its text.
  bool skip(std::string_view& raw);

 private:
  void skip_spaces() {
    if (static_cast<unsigned char>(*place_) > ' ') return;
    while (*place_ == ' ' || *place_ == '\n' || *place_ == '\r' || *place_ == '\t') ++place_;
  }
  bool fail(Trouble trouble = Trouble::kBroken) {
    if (trouble_ == Trouble::kNone) trouble_ = trouble;
    return false;
  }
  bool take(char c) {
    skip_spaces();
    if (*place_ != c) return fail();
    ++place_;
    return true;
  }
  bool take_colon() {
    if (!take(':')) return false;
    skip_spaces();
    return true;
  }
  bool open_name() {
    skip_spaces();
    if (*place_ != '"') return fail();
    ++place_;
    return true;
  }
  bool next(char close, bool& is_first) {
    if (trouble_ != Trouble::kNone) return false;
    skip_spaces();
    if (*place_ == close) {
      ++place_;
      --depth_;
      return false;
    }
    if (!is_first) return take(',');
    is_first = false;
    return true;
  }

  /// From the inside of a string to past its closing quote. `has_escapes` is set where it has any.
  bool pass_string(bool& has_escapes);
  /// The same; `text` is the string without its escapes.
  bool take_string(std::string_view& text);
  std::string_view unescape(std::string_view raw);
  bool pass_value(JsonToken& token);
  bool read_other(JsonToken& token);
  bool read_number(JsonToken& token);
  bool read_word(JsonToken& token, std::string_view word, TokenKind kind);

  const char* place_;
  const char* end_;
  int depth_ = 0;
  int nesting_max_;
  Trouble trouble_ = Trouble::kNone;
  ByteArena* arena_;
};

}  // namespace cdclake::debezium
