#include "formats/debezium/json_cursor.h"

#include <algorithm>
#include <bit>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "base/assert.h"

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

/// Writes the character of the `\u` escape, or pair of them, whose first digits begin at `place`.
/// Advances both; false where they are no character.
bool take_unicode_escape(const char*& place, const char* end, char*& out) {
  if (end - place < 4) return false;
  const int first = hex4(place);
  place += 4;
  if (first < 0 || (first >= 0xDC00 && first < 0xE000)) return false;
  if (first < 0xD800 || first >= 0xE000) {
    out = put_utf8(static_cast<std::uint32_t>(first), out);
    return true;
  }
  if (end - place < 6 || place[0] != '\\' || place[1] != 'u') return false;
  const int second = hex4(place + 2);
  place += 6;
  if (second < 0xDC00 || second >= 0xE000) return false;
  const int code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
  out = put_utf8(static_cast<std::uint32_t>(code), out);
  return true;
}

}  // namespace

bool JsonCursor::enter() {
  if (trouble_ != Trouble::kNone) return false;
  CDCLAKE_ASSERT(*place_ == '{' || *place_ == '[');
  ++place_;
  return ++depth_ <= nesting_max_ || fail(Trouble::kTooDeep);
}

inline bool JsonCursor::scan_string(bool& has_escapes) {
  for (;;) {
    place_ = pass_run(place_);
    const char c = *place_;
    // A control character; the end of the text is one too.
    if (c != '"' && c != '\\') return fail();
    ++place_;
    if (c == '"') return true;
    has_escapes = true;
    if (static_cast<unsigned char>(*place_) < 0x20) return fail();
    ++place_;
  }
}

bool JsonCursor::take_name(std::string_view& raw) {
  const char* start = place_;
  bool has_escapes = false;
  if (!scan_string(has_escapes)) return false;
  raw = {start, static_cast<std::size_t>(place_ - 1 - start)};
  std::string_view checked;
  if (has_escapes && !unescape(raw, checked)) return fail();
  return take_colon();
}

bool JsonCursor::unescape(std::string_view raw, std::string_view& text) {
  // No escape stands for more bytes than it has.
  char* const start = arena_->allocate(raw.size() + 16);
  char* out = start;
  const char* place = raw.data();
  const char* const end = place + raw.size();
  while (place < end) {
    const std::size_t plain = copy_run(place, end, out);
    out += plain;
    place += plain;
    if (place == end) break;
    if (++place == end) return false;
    const char letter = *place++;
    if (letter == 'u') {
      if (!take_unicode_escape(place, end, out)) return false;
    } else {
      *out = simple_escape(letter);
      if (*out++ == '\0') return false;
    }
  }
  text = {start, static_cast<std::size_t>(out - start)};
  return true;
}

bool JsonCursor::read_string(JsonToken& token) {
  const char* start = ++place_;
  bool has_escapes = false;
  if (!scan_string(has_escapes)) return false;
  token.kind = TokenKind::kString;
  token.text = {start, static_cast<std::size_t>(place_ - 1 - start)};
  return !has_escapes || unescape(token.text, token.text) || fail();
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

bool JsonCursor::skip() {
  const int base = depth_;
  CDCLAKE_ASSERT(nesting_max_ - base <= 64);
  std::uint64_t are_objects = 0;  // A bit an entered container; the innermost is the lowest.
  do {
    JsonToken token;
    if (!read(token)) return false;
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
        std::string_view name;
        if (is_object && !take_name(name)) return false;
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
