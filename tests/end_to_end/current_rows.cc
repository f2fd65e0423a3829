#include "current_rows.h"

#include <arrow/array.h>
#include <arrow/extension_type.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include "formats/parquet/arrow_result.h"
#include "formats/parquet/parquet_reader.h"

namespace cdclake::end_to_end {
namespace {

using reference::Value;

std::string uuid_text(std::string_view bytes) {
  std::string text = reference::hex_text(bytes).substr(2);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, "-");
  return text;
}

std::string decimal_text(std::string_view type, const std::string& text) {
  return type == "numeric" ? reference::canonical_numeric(text) : text;
}

Value value_at(const arrow::Array& array, std::int64_t row, std::string_view type);

template <typename ListArrayType>
Value list_at(const arrow::Array& array, std::int64_t row, std::string_view type) {
  const auto& list = static_cast<const ListArrayType&>(array);
  std::vector<Value> elements;
  for (std::int64_t i = list.value_offset(row); i < list.value_offset(row + 1); ++i) {
    elements.push_back(value_at(*list.values(), i, reference::element_type(type)));
  }
  return reference::canonical_array(elements);
}

std::string text_at(const arrow::StringArray& array, std::int64_t row, std::string_view type) {
  const std::string text = array.GetString(row);
  if (type == "numeric") return reference::canonical_numeric(text);
  if (type == "hstore") return *reference::from_wire("hstore", {}, text);
  return text;
}

Value value_at(const arrow::Array& array, std::int64_t row, std::string_view type) {
  if (array.IsNull(row)) return std::nullopt;
  switch (array.type_id()) {
    case arrow::Type::EXTENSION:
      return value_at(*static_cast<const arrow::ExtensionArray&>(array).storage(), row, type);
    case arrow::Type::BOOL:
      return static_cast<const arrow::BooleanArray&>(array).Value(row) ? "t" : "f";
    case arrow::Type::INT16:
      return std::to_string(static_cast<const arrow::Int16Array&>(array).Value(row));
    case arrow::Type::INT32:
      return std::to_string(static_cast<const arrow::Int32Array&>(array).Value(row));
    case arrow::Type::INT64:
      return std::to_string(static_cast<const arrow::Int64Array&>(array).Value(row));
    case arrow::Type::FLOAT:
      return reference::shortest(static_cast<const arrow::FloatArray&>(array).Value(row));
    case arrow::Type::DOUBLE:
      return reference::shortest(static_cast<const arrow::DoubleArray&>(array).Value(row));
    case arrow::Type::DECIMAL128:
      return decimal_text(type, static_cast<const arrow::Decimal128Array&>(array).FormatValue(row));
    case arrow::Type::DECIMAL256:
      return decimal_text(type, static_cast<const arrow::Decimal256Array&>(array).FormatValue(row));
    case arrow::Type::STRING:
      return text_at(static_cast<const arrow::StringArray&>(array), row, type);
    case arrow::Type::BINARY: {
      const auto bytes = static_cast<const arrow::BinaryArray&>(array).GetView(row);
      return type == "uuid" ? uuid_text(bytes) : reference::hex_text(bytes);  // In arrays.
    }
    case arrow::Type::FIXED_SIZE_BINARY:
      return uuid_text(static_cast<const arrow::FixedSizeBinaryArray&>(array).GetView(row));
    case arrow::Type::DATE32:
      return reference::date_text(static_cast<const arrow::Date32Array&>(array).Value(row));
    case arrow::Type::TIMESTAMP:
      return reference::timestamp_text(static_cast<const arrow::TimestampArray&>(array).Value(row));
    case arrow::Type::LIST:
      return list_at<arrow::ListArray>(array, row, type);
    default:
      return "a type that the reference does not know: " + array.type()->ToString();
  }
}

void add_rows(const arrow::RecordBatch& batch, const SourceColumns& source,
              reference::Table& table) {
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    reference::Row cells;
    for (const auto& [name, type] : source.types) {
      const auto column = batch.GetColumnByName(name);
      if (column != nullptr) cells[name] = value_at(*column, row, type);
    }
    const std::string key = reference::key_text(cells, source.key);
    const bool is_new = table.emplace(key, std::move(cells)).second;
    if (!is_new) table[key]["twice"] = "the key has two rows";
  }
}

}  // namespace

Result<reference::Table> read_current(lake::LakeFs& fs, const std::string& table_segment,
                                      const SourceColumns& source) {
  reference::Table rows;
  const lake::LakePath folder =
      lake::LakePath{lake::Root::kSilver, "current"} / ("table=" + table_segment);
  CDCLAKE_ASSIGN_OR_RETURN(const auto entries, fs.list(folder));
  for (const lake::Entry& entry : entries) {
    if (!entry.name.ends_with(".parquet")) continue;
    CDCLAKE_ASSIGN_OR_RETURN(auto reader, parquet::ParquetReader::open(fs, folder / entry.name));
    CDCLAKE_ASSIGN_OR_RETURN(const auto table, reader.read());
    arrow::TableBatchReader batches(*table);
    while (true) {
      CDCLAKE_ASSIGN_OR_RETURN(const auto batch, batches.Next());
      if (batch == nullptr) break;
      add_rows(*batch, source, rows);
    }
  }
  return rows;
}

}  // namespace cdclake::end_to_end
