#include "formats/debezium/source_block.h"

#include <algorithm>

namespace cdclake::debezium {
namespace {

/// A number, quoted or not; null is nothing.
bool read_integer(const JsonToken& token, std::optional<std::int64_t>& out) {
  std::int64_t value = 0;
  if (token.kind == TokenKind::kNull) return true;
  if (token.kind != TokenKind::kNumber && token.kind != TokenKind::kString) return false;
  if (parse_integer(token.text, value) != CellFault::kNone) return false;
  out = value;
  return true;
}

/// `["24023119","24023128"]`, either of them null; the text of a JSON array within a JSON text.
bool read_sequence(std::string_view text, SourceBlock& source) {
  if (!text.starts_with('[') || !text.ends_with(']') || text.size() < 2) return false;
  text = text.substr(1, text.size() - 2);
  for (auto* out : {&source.seq_commit, &source.seq_lsn}) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item.size() >= 2 && item.front() == '"' && item.back() == '"') {
      item = item.substr(1, item.size() - 2);
    }
    const TokenKind kind = item == "null" || item.empty() ? TokenKind::kNull : TokenKind::kString;
    if (!read_integer({kind, item}, *out)) return false;
  }
  return text.empty();
}

/// Text or boolean; null and absent mean that no snapshot is under way.
bool read_snapshot(const JsonToken& token, bool& is_snapshot) {
  is_snapshot =
      token.kind == TokenKind::kTrue || (token.kind == TokenKind::kString && token.text != "false");
  return token.kind <= TokenKind::kFalse || token.kind == TokenKind::kString;
}

bool read_name(const JsonToken& token, std::string_view& name, int& names) {
  if (token.kind != TokenKind::kString) return token.kind == TokenKind::kNull;
  name = token.text;
  ++names;
  return true;
}

}  // namespace

bool read_source_field(SourceField field, const JsonToken& token, SourceBlock& source, int& names) {
  switch (field) {
    case SourceField::kName:
      return read_name(token, source.name, names);
    case SourceField::kDb:
      return read_name(token, source.database, names);
    case SourceField::kSchema:
      return read_name(token, source.schema, names);
    case SourceField::kTable:
      return read_name(token, source.table, names);
    case SourceField::kTsMs:
      return read_integer(token, source.ts_ms);
    case SourceField::kTsUs:
      return read_integer(token, source.ts_us);
    case SourceField::kLsn:
      return read_integer(token, source.lsn);
    case SourceField::kTxId:
      return read_integer(token, source.tx_id);
    case SourceField::kSnapshot:
      return read_snapshot(token, source.is_snapshot);
    case SourceField::kSequence:
      return token.kind == TokenKind::kNull ||
             (token.kind == TokenKind::kString && read_sequence(token.text, source));
    default:
      return true;
  }
}

}  // namespace cdclake::debezium
