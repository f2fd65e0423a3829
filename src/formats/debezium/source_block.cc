#include "formats/debezium/source_block.h"

#include <algorithm>

#include "formats/debezium/table_plans/cell_decoder.h"

namespace cdclake::debezium {
namespace {

/// A number, quoted or not; null is nothing.
bool to_integer(const JsonToken& token, std::optional<std::int64_t>& out) {
  std::int64_t value = 0;
  if (token.kind == TokenKind::kNull) return true;
  if (token.kind != TokenKind::kNumber && token.kind != TokenKind::kString) return false;
  if (parse_integer(token.text, value) != CellFault::kNone) return false;
  out = value;
  return true;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// `["24023119","24023128"]`, either of them null; the text of a JSON array within a JSON text.
bool to_sequence(std::string_view text, SourceBlock& source) {
  if (!text.starts_with('[') || !text.ends_with(']') || text.size() < 2) return false;
  text = text.substr(1, text.size() - 2);
  for (auto* out : {&source.seq_commit, &source.seq_lsn}) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view item = trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (item.size() >= 2 && item.front() == '"' && item.back() == '"') {
      item = item.substr(1, item.size() - 2);
    }
    const TokenKind kind = item == "null" || item.empty() ? TokenKind::kNull : TokenKind::kString;
    if (!to_integer({kind, item}, *out)) return false;
  }
  return text.empty();
}

}  // namespace

std::optional<Fault> SourceReader::read(SourceField field) {
  const auto index = static_cast<std::size_t>(field);
  const std::uint32_t bit = field == SourceField::kOther ? 0 : 1U << index;
  if ((seen_ & bit) != 0) {
    cursor_.skip();
    return Fault{reason::kDuplicateField,
                 "source." + std::string(kSourceFieldNames[index]) + " comes twice"};
  }
  seen_ |= bit;
  if (read_value(field)) return std::nullopt;
  return Fault{reason::kSourceValue,
               "source." + std::string(kSourceFieldNames[index]) + " is not what it should be"};
}

bool SourceReader::read_value(SourceField field) {
  switch (field) {
    case SourceField::kName:
      return read_name(source_.name, expected_ == nullptr ? nullptr : &expected_->source);
    case SourceField::kDb:
      return read_name(source_.database, expected_ == nullptr ? nullptr : &expected_->database);
    case SourceField::kSchema:
      return read_name(source_.schema, expected_ == nullptr ? nullptr : &expected_->schema);
    case SourceField::kTable:
      return read_name(source_.table, expected_ == nullptr ? nullptr : &expected_->table);
    case SourceField::kTsMs:
      return read_integer(source_.ts_ms);
    case SourceField::kTsUs:
      return read_integer(source_.ts_us);
    case SourceField::kLsn:
      return read_integer(source_.lsn);
    case SourceField::kTxId:
      return read_integer(source_.tx_id);
    case SourceField::kSnapshot:
      return read_snapshot();
    case SourceField::kSequence:
      return read_sequence();
    default:
      cursor_.skip();
      return true;
  }
}

void SourceReader::finish() {
  source_.has_identity = names_ == 4;
  source_.is_as_expected = source_.has_identity && names_as_expected_ == 4;
}

bool SourceReader::skip_container(const JsonToken& token) {
  if (token.kind != TokenKind::kObject && token.kind != TokenKind::kArray) return false;
  cursor_.skip();
  return true;
}

bool SourceReader::read_name(std::string_view& name, const std::string* expected) {
  if (expected != nullptr && cursor_.try_text(*expected)) {
    name = *expected;
    ++names_;
    ++names_as_expected_;
    return true;
  }
  JsonToken token;
  if (!cursor_.read(token)) return true;
  if (token.kind == TokenKind::kNull) return true;
  if (skip_container(token) || token.kind != TokenKind::kString) return false;
  name = token.text;
  ++names_;
  return true;
}

bool SourceReader::read_integer(std::optional<std::int64_t>& out) {
  std::int64_t value = 0;
  if (cursor_.try_integer(value)) {
    out = value;
    return true;
  }
  JsonToken token;
  if (!cursor_.read(token)) return true;
  return !skip_container(token) && to_integer(token, out);
}

/// Text or boolean; null and absent mean that no snapshot is under way.
bool SourceReader::read_snapshot() {
  JsonToken token;
  if (!cursor_.read(token)) return true;
  source_.is_snapshot =
      token.kind == TokenKind::kTrue || (token.kind == TokenKind::kString && token.text != "false");
  return !skip_container(token) && token.kind != TokenKind::kNumber;
}

bool SourceReader::read_sequence() {
  JsonToken token;
  if (!cursor_.read(token)) return true;
  if (skip_container(token)) return false;
  return token.kind == TokenKind::kNull ||
         (token.kind == TokenKind::kString && to_sequence(token.text, source_));
}

}  // namespace cdclake::debezium
