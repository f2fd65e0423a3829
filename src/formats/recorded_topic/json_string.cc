#include "formats/recorded_topic/json_string.h"

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace cdclake::recorded_topic {
namespace {

constexpr unsigned kBlock = 64;
constexpr unsigned kCopy = 32;

/// One bit for each quote and backslash of a block.
std::uint64_t find_special(const char* block) {
  std::uint64_t mask = 0;
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  for (unsigned i = 0; i < kBlock; i += 16) {
    __m128i bytes;
    std::memcpy(&bytes, block + i, sizeof(bytes));
    const __m128i is_special =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    mask |= static_cast<std::uint64_t>(_mm_movemask_epi8(is_special)) << i;
  }
#else
  for (unsigned i = 0; i < kBlock; ++i) {
    mask |= static_cast<std::uint64_t>(block[i] == '"' || block[i] == '\\') << i;
  }
#endif
  return mask;
}

/// Copies `size` bytes, at most a block. Copying too much is quicker than counting.
char* copy_piece(const char* from, unsigned size, char* out) {
  std::memcpy(out, from, kCopy);
  if (size > kCopy) std::memcpy(out + kCopy, from + kCopy, kCopy);
  return out + size;
}

/// The four hexadecimal digits at `text`, or something past 0xFFFF.
std::uint32_t read_hex(const char* text) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) {
    const char c = text[i];
    std::uint32_t digit = 0x10000;
    if (c >= '0' && c <= '9') digit = static_cast<std::uint32_t>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<std::uint32_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') digit = static_cast<std::uint32_t>(c - 'A' + 10);
    if (digit > 0xF) return digit;  // Stop at once: the text may end here.
    value = value << 4U | digit;
  }
  return value;
}

char* put_utf8(std::uint32_t code, char* out) {
  const auto put = [&](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6U);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12U);
    put(0x80 | (code >> 6U & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18U);
    put(0x80 | (code >> 12U & 0x3F));
    put(0x80 | (code >> 6U & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return out;
}

/// Reads `\uXXXX`, two of them for a character past the first plane. Null where it is none.
const char* read_unicode_escape(const char* text, char*& out) {
  std::uint32_t code = read_hex(text + 2);
  text += 6;
  if (code > 0xFFFF || (code >= 0xDC00 && code <= 0xDFFF)) return nullptr;
  if (code >= 0xD800 && code <= 0xDBFF) {
    if (text[0] != '\\' || text[1] != 'u') return nullptr;
    const std::uint32_t low = read_hex(text + 2);
    if (low < 0xDC00 || low > 0xDFFF) return nullptr;
    code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    text += 6;
  }
  out = put_utf8(code, out);
  return text;
}

/// Reads the escape at `text`. Null where it is none.
const char* read_escape(const char* text, char*& out) {
  switch (text[1]) {
    case '"':
    case '\\':
    case '/':
      *out++ = text[1];
      return text + 2;
    case 'b':
      *out++ = '\b';
      return text + 2;
    case 'f':
      *out++ = '\f';
      return text + 2;
    case 'n':
      *out++ = '\n';
      return text + 2;
    case 'r':
      *out++ = '\r';
      return text + 2;
    case 't':
      *out++ = '\t';
      return text + 2;
    case 'u':
      return read_unicode_escape(text, out);
    default:
      return nullptr;
  }
}

}  // namespace

char* unescape_json_string(const char* text, char* out) {
  for (;;) {
    std::uint64_t special = find_special(text);
    unsigned done = 0;  // Of this block; an escape at its end reaches into the next one.
    while (special != 0) {
      const auto at = static_cast<unsigned>(std::countr_zero(special));
      out = copy_piece(text + done, at - done, out);
      if (text[at] == '"') return out;
      const char* const after = read_escape(text + at, out);
      if (after == nullptr) return nullptr;
      done = static_cast<unsigned>(after - text);
      special = done < kBlock ? special & (~std::uint64_t{0} << done) : 0;
    }
    if (done < kBlock) out = copy_piece(text + done, kBlock - done, out);
    text += done < kBlock ? kBlock : done;
  }
}

}  // namespace cdclake::recorded_topic
