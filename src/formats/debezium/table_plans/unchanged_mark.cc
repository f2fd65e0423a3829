#include "formats/debezium/table_plans/unchanged_mark.h"

#include "base/base64.h"
#include "formats/debezium/strict_json/json_spelling.h"
#include "formats/exact_values/uuid_text.h"

namespace cdclake::debezium {
namespace {

using model::TypeKind;

/// The members of JSON text that Debezium writes for `{placeholder: placeholder}`.
std::string json_entry(std::string_view placeholder) {
  const std::string quoted = '"' + json_spelling(placeholder) + '"';
  return "{" + quoted + ":" + quoted + "}";
}

std::string url_safe(std::string text) {
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

bool is_integer_array(const ColumnWire& element) {
  const TypeKind kind = element.type.kind;
  return (element.form == WireForm::kInteger &&
          (kind == TypeKind::kInt32 || kind == TypeKind::kInt64)) ||
         element.form == WireForm::kDays;
}

}  // namespace

UnchangedMark::UnchangedMark(const ColumnWire& wire, std::string_view placeholder) {
  switch (wire.form) {
    case WireForm::kText:
      text_ = placeholder;
      if (wire.type.kind == TypeKind::kJson) map_text_ = json_entry(placeholder);
      break;
    case WireForm::kDecimalText:
    case WireForm::kHex:
      text_ = placeholder;
      break;
    case WireForm::kBase64:
      text_ = encode_base64(placeholder);
      break;
    case WireForm::kBase64UrlSafe:
      text_ = url_safe(encode_base64(placeholder));
      break;
    case WireForm::kMap:
      map_entry_ = placeholder;
      break;
    case WireForm::kArray: {
      const ColumnWire& element = wire.element.front();
      if (is_integer_array(element)) {
        // Java's bytes have a sign.
        for (const char c : placeholder) item_integers_.push_back(static_cast<signed char>(c));
      } else if (element.form == WireForm::kUuid) {
        const auto uuid = exact_values::name_uuid(placeholder);
        item_bytes_.assign(uuid.begin(), uuid.end());
      } else if (element.form == WireForm::kText || element.form == WireForm::kBase64 ||
                 element.form == WireForm::kBase64UrlSafe) {
        item_bytes_ = placeholder;
      }
      break;
    }
    default:
      break;
  }
}

bool UnchangedMark::matches_items(std::span<const model::Cell> items) const {
  if (items.empty()) return false;
  if (!item_bytes_.empty()) return items.size() == 1 && items[0].bytes == item_bytes_;
  if (items.size() != item_integers_.size()) return false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].state != model::CellState::kValue || items[i].integer != item_integers_[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace cdclake::debezium
