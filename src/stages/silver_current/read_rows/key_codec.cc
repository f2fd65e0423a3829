#include "stages/silver_current/read_rows/key_codec.h"

#include <arrow/array.h>
#include <arrow/extension_type.h>
#include <arrow/table.h>
#include <arrow/util/decimal.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "base/assert.h"
#include "formats/parquet/arrow_result.h"

namespace cdclake::silver_current {
namespace {

constexpr char kNullMark = '\0';
constexpr char kValueMark = '\1';

template <typename Unsigned>
void put_big_endian(std::string& out, Unsigned value) {
  for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xFFU));
  }
}

/// Flipping the sign bit makes signed integers compare as unsigned bytes.
template <typename Signed>
void put_signed(std::string& out, Signed value) {
  using Unsigned = std::make_unsigned_t<Signed>;
  constexpr auto kSign = static_cast<Unsigned>(Unsigned{1} << (sizeof(Signed) * 8 - 1));
  put_big_endian<Unsigned>(out, static_cast<Unsigned>(static_cast<Unsigned>(value) ^ kSign));
}

/// As PostgreSQL orders floats: -0 equals 0, NaN equals NaN and is greater than all else.
void put_real(std::string& out, double value) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  if (value == 0) value = 0;
  auto bits = std::bit_cast<std::uint64_t>(value);
  constexpr std::uint64_t kSign = 1ULL << 63U;
  bits = (bits & kSign) != 0 ? ~bits : bits | kSign;
  put_big_endian(out, bits);
}

/// Zero bytes are escaped and the end is marked, so that a prefix sorts before what it begins.
void put_bytes(std::string& out, std::string_view bytes) {
  for (const char byte : bytes) {
    out.push_back(byte);
    if (byte == '\0') out.push_back('\xFF');
  }
  out.append(2, '\0');
}

/// Two's complement, little endian, as Arrow holds decimals.
void put_decimal(std::string& out, const std::uint8_t* bytes, int width) {
  for (int i = width - 1; i >= 0; --i) {
    const std::uint8_t flip = i == width - 1 ? 0x80 : 0;
    out.push_back(static_cast<char>(bytes[i] ^ flip));
  }
}

/// `-001.2300` to `-1.23`: one text for each value.
std::string canonical_numeric(std::string_view text) {
  std::string sign;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    if (text.front() == '-') sign = "-";
    text.remove_prefix(1);
  }
  while (text.size() > 1 && text[0] == '0' && text[1] != '.') text.remove_prefix(1);
  if (text.find('.') != std::string_view::npos) {
    while (text.back() == '0') text.remove_suffix(1);
    if (text.back() == '.') text.remove_suffix(1);
  }
  return text == "0" ? "0" : sign + std::string(text);
}

template <typename ArrayType, typename Put>
void append_values(const arrow::Array& column, std::vector<std::string>& keys, const Put& put) {
  const auto& typed = static_cast<const ArrayType&>(column);
  for (std::int64_t row = 0; row < typed.length(); ++row) {
    std::string& key = keys[static_cast<std::size_t>(row)];
    if (typed.IsNull(row)) {
      key.push_back(kNullMark);
      continue;
    }
    key.push_back(kValueMark);
    put(key, typed, row);
  }
}

template <typename ArrayType>
void append_signed(const arrow::Array& column, std::vector<std::string>& keys) {
  append_values<ArrayType>(column, keys,
                           [](std::string& key, const ArrayType& array, std::int64_t row) {
                             put_signed(key, array.Value(row));
                           });
}

template <typename ArrayType>
void append_real(const arrow::Array& column, std::vector<std::string>& keys) {
  append_values<ArrayType>(column, keys,
                           [](std::string& key, const ArrayType& array, std::int64_t row) {
                             put_real(key, static_cast<double>(array.Value(row)));
                           });
}

template <typename ArrayType>
void append_bytes(const arrow::Array& column, std::vector<std::string>& keys) {
  append_values<ArrayType>(column, keys,
                           [](std::string& key, const ArrayType& array, std::int64_t row) {
                             put_bytes(key, array.GetView(row));
                           });
}

void append_fixed(const arrow::Array& column, std::vector<std::string>& keys) {
  append_values<arrow::FixedSizeBinaryArray>(
      column, keys,
      [](std::string& key, const arrow::FixedSizeBinaryArray& array, std::int64_t row) {
        key.append(array.GetView(row));
      });
}

void append_decimal(const arrow::Array& column, std::vector<std::string>& keys) {
  append_values<arrow::FixedSizeBinaryArray>(
      column, keys,
      [](std::string& key, const arrow::FixedSizeBinaryArray& array, std::int64_t row) {
        put_decimal(key, array.GetValue(row), array.byte_width());
      });
}

void append_numeric_text(const arrow::Array& column, std::vector<std::string>& keys) {
  append_values<arrow::StringArray>(
      column, keys, [](std::string& key, const arrow::StringArray& array, std::int64_t row) {
        put_bytes(key, canonical_numeric(array.GetView(row)));
      });
}

void append_bool(const arrow::Array& column, std::vector<std::string>& keys) {
  append_values<arrow::BooleanArray>(
      column, keys, [](std::string& key, const arrow::BooleanArray& array, std::int64_t row) {
        key.push_back(array.Value(row) ? '\1' : '\0');
      });
}

void append_column(model::TypeKind kind, const arrow::Array& column,
                   std::vector<std::string>& keys) {
  using model::TypeKind;
  switch (kind) {
    case TypeKind::kBool:
      return append_bool(column, keys);
    case TypeKind::kInt16:
      return append_signed<arrow::Int16Array>(column, keys);
    case TypeKind::kInt32:
      return append_signed<arrow::Int32Array>(column, keys);
    case TypeKind::kInt64:
      return append_signed<arrow::Int64Array>(column, keys);
    case TypeKind::kFloat32:
      return append_real<arrow::FloatArray>(column, keys);
    case TypeKind::kFloat64:
      return append_real<arrow::DoubleArray>(column, keys);
    case TypeKind::kDecimal:
      return append_decimal(column, keys);
    case TypeKind::kNumericText:
      return append_numeric_text(column, keys);
    case TypeKind::kText:
    case TypeKind::kJson:
      return append_bytes<arrow::StringArray>(column, keys);
    case TypeKind::kBinary:
      return append_bytes<arrow::BinaryArray>(column, keys);
    case TypeKind::kUuid:
      return append_fixed(column, keys);
    case TypeKind::kDate:
      return append_signed<arrow::Date32Array>(column, keys);
    case TypeKind::kTime:
      return append_signed<arrow::Time64Array>(column, keys);
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return append_signed<arrow::TimestampArray>(column, keys);
    case TypeKind::kArray:
      break;
  }
  CDCLAKE_ASSERT(false && "an array is no key column; KeyCodec::make refuses it");
}

}  // namespace

Result<KeyCodec> KeyCodec::make(const model::TableSchema& schema) {
  if (const auto refusal = model::key_refusal(schema)) {
    return fail(ErrorKind::kInvalidConfig,
                "cannot make a current table of " + schema.table.display() + ": " + *refusal);
  }
  KeyCodec codec;
  for (const std::size_t index : schema.key_columns) {
    const model::Column& column = schema.columns[index];
    codec.names_.push_back(column.name);
    codec.types_.push_back(column.type);
  }
  return codec;
}

Result<std::vector<std::string>> KeyCodec::encode(
    const std::vector<std::shared_ptr<arrow::Array>>& columns) const {
  CDCLAKE_ASSERT(columns.size() == types_.size());
  std::vector<std::string> keys(static_cast<std::size_t>(columns.front()->length()));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    CDCLAKE_ASSERT(columns[i]->length() == columns.front()->length());
    const auto& storage = columns[i]->type_id() == arrow::Type::EXTENSION
                              ? *static_cast<const arrow::ExtensionArray&>(*columns[i]).storage()
                              : *columns[i];
    append_column(types_[i].kind, storage, keys);
  }
  return keys;
}

Result<std::vector<std::string>> KeyCodec::encode(const arrow::Table& table) const {
  CDCLAKE_ASSIGN_OR_RETURN(const auto keyed, [&]() -> arrow::Result<std::shared_ptr<arrow::Table>> {
    std::vector<int> picked;
    for (const std::string& name : names_) picked.push_back(table.schema()->GetFieldIndex(name));
    return table.SelectColumns(picked);
  }());
  std::vector<std::string> keys;
  keys.reserve(static_cast<std::size_t>(table.num_rows()));
  arrow::TableBatchReader reader(*keyed);
  while (true) {
    CDCLAKE_ASSIGN_OR_RETURN(const auto batch, reader.Next());
    if (batch == nullptr) break;
    CDCLAKE_ASSIGN_OR_RETURN(auto more, encode(batch->columns()));
    keys.insert(keys.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
  }
  return keys;
}

}  // namespace cdclake::silver_current
