#include "formats/debezium/strict_json/json_cursor.h"

#include <algorithm>
#include <bit>
#include <optional>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "base/assert.h"
#include "formats/debezium/strict_json/json_spelling.h"

namespace cdclake::debezium {
namespace {

static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");

#ifdef __SSE2__
/// The first byte from `place` on that ends the plain run.
inline const char* pass_run(const char* place) {
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1F);
  for (;; place += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(place));
    const __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i is_mark =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    const int ends = _mm_movemask_epi8(_mm_or_si128(is_control, is_mark));
    if (ends != 0) return place + std::countr_zero(static_cast<unsigned>(ends));
  }
}

/// Copies up to the first backslash, or to `end`; may write 15 bytes more. Returns how many
/// counted.
inline std::size_t copy_run(const char* place, const char* end, char* out) {
  const char* const start = place;
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; place < end; place += 16, out += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(place));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
    const auto marks = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, backslash)));
    if (marks == 0) continue;
    place += std::countr_zero(marks);
    break;
  }
  return static_cast<std::size_t>(std::min(place, end) - start);
}
#else
inline const char* pass_run(const char* place) {
  while (*place != '"' && *place != '\\' && static_cast<unsigned char>(*place) >= 0x20) ++place;
  return place;
}

inline std::size_t copy_run(const char* place, const char* end, char* out) {
  const char* const start = place;
  while (place < end && *place != '\\') *out++ = *place++;
  return static_cast<std::size_t>(place - start);
}
#endif

bool is_digit(char c) { return c >= '0' && c <= '9'; }

const char* pass_digits(const char* place) {
  while (is_digit(*place)) ++place;
  return place;
}

/// The value of four hexadecimal digits, or a negative number.
int hex4(const char* digits) {
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = digits[i];
    const int lower = c | 0x20;
    const bool is_letter = lower >= 'a' && lower <= 'f';
    if (!is_digit(c) && !is_letter) return -1;
    value = value * 16 + (is_letter ? lower - 'a' + 10 : c - '0');
  }
  return value;
}

char* put_utf8(std::uint32_t code, char* out) {
  const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
  return out;
}

/// What a backslash and this letter stand for; zero where they stand for nothing.
char simple_escape(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

/// The character of a `\u` escape, or of a pair of them, whose digits begin at `place`, which it
/// passes; nothing where they are none.
std::optional<std::uint32_t> take_code(const char*& place) {
  const int first = hex4(place);
  if (first < 0 || (first >= 0xDC00 && first < 0xE000)) return std::nullopt;
  place += 4;
  if (first < 0xD800 || first >= 0xE000) return static_cast<std::uint32_t>(first);
  if (place[0] != '\\' || place[1] != 'u') return std::nullopt;
  const int second = hex4(place + 2);
  if (second < 0xDC00 || second >= 0xE000) return std::nullopt;
  place += 6;
  return static_cast<std::uint32_t>(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
}

/// Passes the escape whose backslash is at `place`; false where it is none.
bool pass_escape(const char*& place) {
  const char letter = *++place;
  if (letter != 'u' && simple_escape(letter) == '\0') return false;
  ++place;
  return letter != 'u' || take_code(place).has_value();
}

}  // namespace

bool JsonCursor::enter() {
  if (trouble_ != Trouble::kNone) return false;
  CDCLAKE_ASSERT(*place_ == '{' || *place_ == '[');
  ++place_;
  return ++depth_ <= nesting_max_ || fail(Trouble::kTooDeep);
}

inline bool JsonCursor::pass_string(bool& has_escapes) {
  for (;;) {
    place_ = pass_run(place_);
    // Else a control character; the end of the text is one too.
    if (*place_ == '"') break;
    if (*place_ != '\\' || !pass_escape(place_)) return fail();
    has_escapes = true;
  }
  ++place_;
  return true;
}

bool JsonCursor::take_string(std::string_view& text) {
  const char* start = place_;
  bool has_escapes = false;
  if (!pass_string(has_escapes)) return false;
  text = {start, static_cast<std::size_t>(place_ - 1 - start)};
  if (has_escapes) text = unescape(text);
  return true;
}

bool JsonCursor::take_name(std::string_view& name) { return take_string(name) && take_colon(); }

bool JsonCursor::try_text(std::string_view text) {
  if (*place_ != '"' || !is_plain(text)) return false;
  if (!stands_at(place_ + 1, text) || place_[text.size() + 1] != '"') return false;
  place_ += text.size() + 2;
  return true;
}

/// Of a string that has been passed.
std::string_view JsonCursor::unescape(std::string_view raw) {
  // No escape stands for more bytes than it has.
  char* const start = arena_->allocate(raw.size() + 16);
  char* out = start;
  const char* place = raw.data();
  const char* const end = place + raw.size();
  for (;;) {
    const std::size_t plain = copy_run(place, end, out);
    out += plain;
    place += plain;
    if (place == end) break;
    const char letter = place[1];
    place += 2;
    if (letter == 'u') {
      out = put_utf8(*take_code(place), out);
    } else {
      *out++ = simple_escape(letter);
    }
  }
  return {start, static_cast<std::size_t>(out - start)};
}

bool JsonCursor::read_number(JsonToken& token) {
  const char* start = place_;
  const char* place = start;
  if (*place == '-') ++place;
  if (!is_digit(*place)) return fail();
  place = *place == '0' ? place + 1 : pass_digits(place);
  if (*place == '.') {
    if (!is_digit(*++place)) return fail();
    place = pass_digits(place);
  }
  if (*place == 'e' || *place == 'E') {
    ++place;
    if (*place == '+' || *place == '-') ++place;
    if (!is_digit(*place)) return fail();
    place = pass_digits(place);
  }
  place_ = place;
  token.kind = TokenKind::kNumber;
  token.text = {start, static_cast<std::size_t>(place - start)};
  return true;
}

bool JsonCursor::read_word(JsonToken& token, std::string_view word, TokenKind kind) {
  if (!stands_at(place_, word)) return fail();
  place_ += word.size();
  token.kind = kind;
  return true;
}

bool JsonCursor::read_other(JsonToken& token) {
  switch (*place_) {
    case '{':
      token.kind = TokenKind::kObject;
      return true;
    case '[':
      token.kind = TokenKind::kArray;
      return true;
    case 'n':
      return read_word(token, "null", TokenKind::kNull);
    case 't':
      return read_word(token, "true", TokenKind::kTrue);
    case 'f':
      return read_word(token, "false", TokenKind::kFalse);
    default:
      return read_number(token);
  }
}

/// Like `read`, but for a string's text, which nobody asks for.
bool JsonCursor::pass_value(JsonToken& token) {
  if (peek() != '"') return read(token);
  token.kind = TokenKind::kString;
  bool has_escapes = false;
  ++place_;
  return pass_string(has_escapes);
}

bool JsonCursor::skip() {
  const int base = depth_;
  CDCLAKE_ASSERT(nesting_max_ - base <= 64);
  std::uint64_t are_objects = 0;  // A bit an entered container; the innermost is the lowest.
  do {
    JsonToken token;
    if (!pass_value(token)) return false;
    const bool is_scalar = token.kind != TokenKind::kObject && token.kind != TokenKind::kArray;
    if (is_scalar && depth_ == base) return true;
    bool is_first = !is_scalar;
    if (is_first) {
      if (!enter()) return false;
      are_objects = are_objects << 1U | (token.kind == TokenKind::kObject ? 1U : 0U);
    }
    // Leave what ends here, up to a container that goes on.
    while (depth_ > base) {
      const bool is_object = (are_objects & 1U) != 0;
      if (is_object ? next_member(is_first) : next_item(is_first)) {
        bool has_escapes = false;
        if (is_object && !(pass_string(has_escapes) && take_colon())) return false;
        break;
      }
      if (trouble_ != Trouble::kNone) return false;
      are_objects >>= 1U;
      is_first = false;
    }
  } while (depth_ > base);
  return true;
}

bool JsonCursor::skip(std::string_view& raw) {
  skip_spaces();
  const char* start = place_;
  if (!skip()) return false;
  raw = {start, static_cast<std::size_t>(place_ - start)};
  return true;
}

}  // namespace cdclake::debezium
