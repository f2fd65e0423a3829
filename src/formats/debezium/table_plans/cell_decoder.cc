#include "formats/debezium/table_plans/cell_decoder.h"

#include <charconv>
#include <limits>
#include <string>

#include "base/base64.h"
#include "formats/exact_values/decimal.h"
#include "formats/exact_values/iso_time.h"
#include "formats/exact_values/numeric_text.h"
#include "formats/exact_values/uuid_text.h"

namespace cdclake::debezium {
namespace {

/// What the cells of a record may take before another number of any length is added.
constexpr std::size_t kNumericArenaBytesMax = std::size_t{256} * 1024 * 1024;

using exact_values::Parsed;
using model::Cell;
using model::CellState;
using model::TypeKind;

CellFault fault_of(Parsed parsed) {
  switch (parsed) {
    case Parsed::kOk:
      return CellFault::kNone;
    case Parsed::kMalformed:
      return CellFault::kType;
    case Parsed::kNotRepresentable:
      break;
  }
  return CellFault::kNotRepresentable;
}

CellFault borrow_text(const JsonToken& token, Cell& cell) {
  if (token.kind != TokenKind::kString) return CellFault::kType;
  cell.bytes = token.text;
  return CellFault::kNone;
}

CellFault decode_bool(const JsonToken& token, Cell& cell) {
  if (token.kind != TokenKind::kTrue && token.kind != TokenKind::kFalse) return CellFault::kType;
  cell.integer = token.kind == TokenKind::kTrue ? 1 : 0;
  return CellFault::kNone;
}

CellFault read_integer(const JsonToken& token, std::int64_t& value) {
  if (token.kind != TokenKind::kNumber) return CellFault::kType;
  return parse_integer(token.text, value);
}

/// JSON's numbers are among those that `from_chars` takes.
template <typename Real>
CellFault parse_real(std::string_view text, double& value) {
  Real real = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, real);
  if (error == std::errc::result_out_of_range) return CellFault::kNotRepresentable;
  if (error != std::errc{} || rest != end) return CellFault::kType;
  value = static_cast<double>(real);
  return CellFault::kNone;
}

CellFault decode_float(TypeKind kind, const JsonToken& token, Cell& cell) {
  if (token.kind == TokenKind::kNumber) {
    return kind == TypeKind::kFloat32 ? parse_real<float>(token.text, cell.real)
                                      : parse_real<double>(token.text, cell.real);
  }
  if (token.kind != TokenKind::kString) return CellFault::kType;
  if (token.text == "NaN") {
    cell.real = std::numeric_limits<double>::quiet_NaN();
  } else if (token.text == "Infinity") {
    cell.real = std::numeric_limits<double>::infinity();
  } else if (token.text == "-Infinity") {
    cell.real = -std::numeric_limits<double>::infinity();
  } else {
    return CellFault::kType;
  }
  return CellFault::kNone;
}

CellFault decimal_from_text(const model::ColumnType& type, std::string_view text, ByteArena& arena,
                            Cell& cell) {
  std::string& plain = arena.scratch();
  const Parsed shape = exact_values::numeric_text_from_text(text, plain);
  if (shape != Parsed::kOk) return fault_of(shape);
  if (type.kind == TypeKind::kNumericText) {
    cell.bytes = arena.copy(plain);
    return CellFault::kNone;
  }
  // What is left without a digit is NaN or an infinity.
  if (plain.find_first_of("0123456789") == std::string::npos) return CellFault::kNotRepresentable;
  char* place = arena.allocate(exact_values::decimal_width(type.precision));
  cell.bytes = {place, exact_values::decimal_width(type.precision)};
  return fault_of(exact_values::decimal_from_text(plain, type.precision, type.scale, place));
}

CellFault decimal_from_bytes(const ColumnWire& wire, std::string_view bytes, ByteArena& arena,
                             Cell& cell) {
  if (wire.type.kind == TypeKind::kNumericText) {
    // A few bytes with a negative scale say 131,072 digits, and an array says that many times.
    if (arena.kept_bytes() > kNumericArenaBytesMax) return CellFault::kTooMany;
    std::string& text = arena.second_scratch();
    const Parsed parsed = exact_values::numeric_text_from_big_endian(bytes, wire.scale, text);
    cell.bytes = arena.copy(text);
    return fault_of(parsed);
  }
  char* place = arena.allocate(exact_values::decimal_width(wire.type.precision));
  cell.bytes = {place, exact_values::decimal_width(wire.type.precision)};
  return fault_of(exact_values::decimal_from_big_endian(bytes, wire.type.precision, place));
}

CellFault decode_decimal_bytes(const ColumnWire& wire, const JsonToken& token, ByteArena& arena,
                               Cell& cell) {
  if (token.kind == TokenKind::kNumber && wire.form == WireForm::kDecimalBytesOrNumber) {
    return decimal_from_text(wire.type, token.text, arena, cell);
  }
  if (token.kind != TokenKind::kString) return CellFault::kType;
  std::string& bytes = arena.scratch();
  if (!decode_base64(token.text, Base64Alphabet::kStandard, bytes)) return CellFault::kType;
  return decimal_from_bytes(wire, bytes, arena, cell);
}

CellFault decode_decimal_text(const ColumnWire& wire, const JsonToken& token, ByteArena& arena,
                              Cell& cell) {
  if (token.kind != TokenKind::kString) return CellFault::kType;
  return decimal_from_text(wire.type, token.text, arena, cell);
}

CellFault decode_binary(Base64Alphabet alphabet, const JsonToken& token, ByteArena& arena,
                        Cell& cell) {
  if (token.kind != TokenKind::kString) return CellFault::kType;
  std::string& bytes = arena.scratch();
  if (!decode_base64(token.text, alphabet, bytes)) return CellFault::kType;
  cell.bytes = arena.copy(bytes);
  return CellFault::kNone;
}

CellFault decode_hex(const JsonToken& token, ByteArena& arena, Cell& cell) {
  if (token.kind != TokenKind::kString) return CellFault::kType;
  char* place = arena.allocate(token.text.size() / 2);
  cell.bytes = {place, token.text.size() / 2};
  return fault_of(exact_values::parse_hex(token.text, place));
}

CellFault decode_uuid(const JsonToken& token, ByteArena& arena, Cell& cell) {
  if (token.kind != TokenKind::kString) return CellFault::kType;
  char* place = arena.allocate(16);
  cell.bytes = {place, 16};
  return fault_of(exact_values::parse_uuid(token.text, place));
}

using IsoParser = Parsed (*)(std::string_view, std::int64_t&);

CellFault decode_iso(IsoParser parse, const JsonToken& token, Cell& cell) {
  if (token.kind != TokenKind::kString) return CellFault::kType;
  return fault_of(parse(token.text, cell.integer));
}

/// Sentinels for infinity, and values that were cut upstream, lie outside these ranges.
bool is_in_range(TypeKind kind, std::int64_t value) {
  switch (kind) {
    case TypeKind::kInt16:
      return value >= INT16_MIN && value <= INT16_MAX;
    case TypeKind::kInt32:
      return value >= INT32_MIN && value <= INT32_MAX;
    case TypeKind::kDate:
      return exact_values::is_date(value);
    case TypeKind::kTime:
      return exact_values::is_time(value);
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return exact_values::is_timestamp(value);
    default:
      return true;
  }
}

CellFault decode_integer(const ColumnWire& wire, const JsonToken& token, Cell& cell) {
  const CellFault fault = read_integer(token, cell.integer);
  return fault == CellFault::kNone ? settle_integer(wire, cell) : fault;
}

CellFault decode_value(const ColumnWire& wire, const JsonToken& token, ByteArena& arena,
                       Cell& cell) {
  switch (wire.form) {
    case WireForm::kBool:
      return decode_bool(token, cell);
    case WireForm::kFloat:
      return decode_float(wire.type.kind, token, cell);
    case WireForm::kDecimalBytes:
    case WireForm::kDecimalBytesOrNumber:
      return decode_decimal_bytes(wire, token, arena, cell);
    case WireForm::kDecimalText:
      return decode_decimal_text(wire, token, arena, cell);
    case WireForm::kText:
      return borrow_text(token, cell);
    case WireForm::kUuid:
      return decode_uuid(token, arena, cell);
    case WireForm::kBase64:
      return decode_binary(Base64Alphabet::kStandard, token, arena, cell);
    case WireForm::kBase64UrlSafe:
      return decode_binary(Base64Alphabet::kUrlSafe, token, arena, cell);
    case WireForm::kHex:
      return decode_hex(token, arena, cell);
    case WireForm::kScaledDecimal:
    case WireForm::kMap:
    case WireForm::kArray:
    case WireForm::kConnectTime:
    case WireForm::kConnectTimestamp:
      return CellFault::kType;
    case WireForm::kIsoDate:
      return decode_iso(exact_values::parse_iso_date, token, cell);
    case WireForm::kIsoTime:
      return decode_iso(exact_values::parse_iso_time, token, cell);
    case WireForm::kIsoTimestamp:
      return decode_iso(exact_values::parse_iso_timestamp, token, cell);
    default:
      return decode_integer(wire, token, cell);
  }
}

}  // namespace

CellFault parse_integer(std::string_view text, std::int64_t& value) {
  // Nineteen digits may pass 2^63, never 2^64.
  constexpr std::size_t kDigitsMax = 19;
  const bool is_negative = text.starts_with('-');
  const std::string_view digits = text.substr(is_negative ? 1 : 0);
  std::uint64_t magnitude = 0;
  for (const char c : digits) {
    const auto digit = static_cast<unsigned char>(c - '0');
    if (digit > 9) return CellFault::kType;
    magnitude = magnitude * 10 + digit;
  }
  if (digits.empty()) return CellFault::kType;
  if (digits.size() > kDigitsMax) return CellFault::kNotRepresentable;
  const std::uint64_t bound = static_cast<std::uint64_t>(INT64_MAX) + (is_negative ? 1 : 0);
  if (magnitude > bound) return CellFault::kNotRepresentable;
  value = static_cast<std::int64_t>(is_negative ? -magnitude : magnitude);
  return CellFault::kNone;
}

CellFault settle_integer(const ColumnWire& wire, Cell& cell) {
  cell.state = CellState::kValue;
  switch (wire.form) {
    case WireForm::kTimeMillis:
    case WireForm::kTimestampMillis:
      if (__builtin_mul_overflow(cell.integer, 1000, &cell.integer)) {
        return CellFault::kNotRepresentable;
      }
      break;
    case WireForm::kTimeNanos:
    case WireForm::kTimestampNanos:
      if (cell.integer % 1000 != 0) return CellFault::kNotRepresentable;
      cell.integer /= 1000;
      break;
    default:
      break;
  }
  return is_in_range(wire.type.kind, cell.integer) ? CellFault::kNone
                                                   : CellFault::kNotRepresentable;
}

CellFault decode_scalar(const ColumnWire& wire, const JsonToken& token, ByteArena& arena,
                        Cell& cell) {
  cell.state = CellState::kValue;
  return decode_value(wire, token, arena, cell);
}

CellFault decode_scaled_decimal(const JsonToken& scale, const JsonToken& value, ByteArena& arena,
                                Cell& cell) {
  std::int64_t digits = 0;
  if (value.kind != TokenKind::kString) return CellFault::kType;
  if (const CellFault fault = read_integer(scale, digits); fault != CellFault::kNone) return fault;
  if (digits < INT32_MIN || digits > INT32_MAX) return CellFault::kNotRepresentable;
  std::string& bytes = arena.scratch();
  if (!decode_base64(value.text, Base64Alphabet::kStandard, bytes)) return CellFault::kType;
  const ColumnWire wire{.form = WireForm::kDecimalBytes,
                        .type = {.kind = TypeKind::kNumericText},
                        .scale = static_cast<std::int32_t>(digits)};
  cell.state = CellState::kValue;
  return decimal_from_bytes(wire, bytes, arena, cell);
}

}  // namespace cdclake::debezium
