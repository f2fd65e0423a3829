#include "formats/parquet/table_columns.h"

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace cdclake::parquet {
namespace {

/// Every column of ours, in stage and current. Their order gives their field ids: append only.
constexpr std::array<std::string_view, 17> kMetaNames = {
    "op",        "commit_ts",   "lsn",       "tx_id",     "seq_commit", "seq_lsn",
    "topic",     "incarnation", "partition", "offset",    "epoch",      "is_snapshot",
    "unchanged", "moved_from",  "moved_to",  "schema_id", "unresolved"};

// Field ids, apart from one another for as many columns as PostgreSQL allows in a table (1,600).
constexpr int kElementIds = 100'000;
constexpr int kMetaIds = 1'000'000;
constexpr int kMovedFromIds = 1'100'000;
constexpr int kMovedToIds = 1'200'000;

std::shared_ptr<arrow::Field> with_id(const std::shared_ptr<arrow::Field>& field, int id) {
  return field->WithMetadata(arrow::key_value_metadata({"PARQUET:field_id"}, {std::to_string(id)}));
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// Engines compare names without regard to case.
bool clashes(const model::TableSchema& schema, const std::string& prefix) {
  return std::any_of(
      schema.columns.begin(), schema.columns.end(), [&](const model::Column& column) {
        const std::string name = lower(column.name);
        return name.starts_with(prefix) &&
               std::find(kMetaNames.begin(), kMetaNames.end(),
                         std::string_view(name).substr(prefix.size())) != kMetaNames.end();
      });
}

using Fields = std::vector<std::shared_ptr<arrow::Field>>;

/// Adds columns of ours to a schema.
class MetaFields {
 public:
  MetaFields(const model::TableSchema& schema, Fields& fields) : name_(schema), fields_(fields) {}

  void add(const char* name, std::shared_ptr<arrow::DataType> type) {
    const auto place = std::find(kMetaNames.begin(), kMetaNames.end(), std::string_view(name));
    CDCLAKE_ASSERT(place != kMetaNames.end());
    const int id = kMetaIds + 1 + static_cast<int>(place - kMetaNames.begin());
    fields_.push_back(with_id(arrow::field(name_(name), std::move(type)), id));
  }

 private:
  MetaColumns name_;
  Fields& fields_;
};

Fields table_fields(const model::TableSchema& schema) {
  Fields fields;
  for (const model::Column& column : schema.columns) {
    const int id = static_cast<int>(fields.size()) + 1;
    auto type = arrow_type(column.type);
    if (type->id() == arrow::Type::LIST)
      type = arrow::list(with_id(type->field(0), kElementIds + id));
    fields.push_back(with_id(arrow::field(column.name, std::move(type)), id));
  }
  return fields;
}

std::shared_ptr<arrow::DataType> key_struct(const model::TableSchema& schema, int ids) {
  Fields fields;
  for (const std::size_t index : schema.key_columns) {
    const model::Column& column = schema.columns[index];
    const int id = ids + static_cast<int>(fields.size()) + 1;
    fields.push_back(with_id(arrow::field(column.name, arrow_type(column.type)), id));
  }
  return arrow::struct_(fields);
}

/// pandas opens lists of variable binaries only.
std::shared_ptr<arrow::DataType> element_type(const model::ColumnType& type) {
  return type.kind == model::TypeKind::kUuid ? arrow::binary() : arrow_type(type);
}

std::shared_ptr<arrow::DataType> instant() {
  return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
}

void add_origin(MetaFields& meta) {
  meta.add("seq_commit", arrow::int64());
  meta.add("seq_lsn", arrow::int64());
  meta.add("topic", arrow::utf8());
  meta.add("incarnation", arrow::utf8());
  meta.add("partition", arrow::int32());
  meta.add("offset", arrow::int64());
  meta.add("epoch", arrow::int64());
}

}  // namespace

MetaColumns::MetaColumns(const model::TableSchema& schema) : prefix_("_") {
  if (!clashes(schema, prefix_)) return;
  prefix_ = "_cdc_";
  while (clashes(schema, prefix_)) prefix_ += "cdc_";
}

std::shared_ptr<arrow::DataType> arrow_type(const model::ColumnType& type) {
  using model::TypeKind;
  switch (type.kind) {
    case TypeKind::kBool:
      return arrow::boolean();
    case TypeKind::kInt16:
      return arrow::int16();
    case TypeKind::kInt32:
      return arrow::int32();
    case TypeKind::kInt64:
      return arrow::int64();
    case TypeKind::kFloat32:
      return arrow::float32();
    case TypeKind::kFloat64:
      return arrow::float64();
    case TypeKind::kDecimal:
      if (type.precision <= 38) return arrow::decimal128(type.precision, type.scale);
      return arrow::decimal256(type.precision, type.scale);
    case TypeKind::kNumericText:
    case TypeKind::kText:
    case TypeKind::kJson:
      return arrow::utf8();
    case TypeKind::kBinary:
      return arrow::binary();
    case TypeKind::kUuid:
      return arrow::fixed_size_binary(16);
    case TypeKind::kDate:
      return arrow::date32();
    case TypeKind::kTime:
      return arrow::time64(arrow::TimeUnit::MICRO);
    case TypeKind::kTimestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO);
    case TypeKind::kTimestampTz:
      return instant();
    case TypeKind::kArray:
      CDCLAKE_ASSERT(type.element.size() == 1);
      return arrow::list(arrow::field("element", element_type(type.element.front())));
  }
  CDCLAKE_ASSERT(!"a column type without a case");
  return nullptr;
}

std::shared_ptr<arrow::Schema> stage_arrow_schema(const model::TableSchema& schema) {
  Fields fields = table_fields(schema);
  MetaFields meta(schema, fields);
  meta.add("op", arrow::utf8());
  meta.add("commit_ts", instant());
  meta.add("lsn", arrow::int64());
  meta.add("tx_id", arrow::int64());
  add_origin(meta);
  meta.add("is_snapshot", arrow::boolean());
  meta.add("unchanged", arrow::binary());
  if (!schema.key_columns.empty()) {
    meta.add("moved_from", key_struct(schema, kMovedFromIds));
    meta.add("moved_to", key_struct(schema, kMovedToIds));
  }
  meta.add("schema_id", arrow::utf8());
  return arrow::schema(std::move(fields));
}

std::shared_ptr<arrow::Schema> current_arrow_schema(const model::TableSchema& schema) {
  Fields fields = table_fields(schema);
  MetaFields meta(schema, fields);
  meta.add("commit_ts", instant());
  meta.add("lsn", arrow::int64());
  add_origin(meta);
  meta.add("unresolved", arrow::binary());
  return arrow::schema(std::move(fields));
}

}  // namespace cdclake::parquet
