#include "formats/debezium/source_template.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cdclake::debezium {
namespace {

constexpr int kLuckMax = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// How deep in a JSON text the next character is.
class Depth {
 public:
  bool is_outer() const { return depth_ == 1; }
  void pass(char c) {
    if (is_escaped_) {
      is_escaped_ = false;
    } else if (in_string_) {
      is_escaped_ = c == '\\';
      in_string_ = c != '"';
    } else {
      in_string_ = c == '"';
      depth_ += (c == '{' || c == '[' ? 1 : 0) - (c == '}' || c == ']' ? 1 : 0);
    }
  }

 private:
  int depth_ = 0;
  bool in_string_ = false;
  bool is_escaped_ = false;
};

}  // namespace

/// Which number begins where `text` ends, on the outer level; kEnd where it is none that may
/// change.
SourceTemplate::Gap SourceTemplate::gap_after(std::string_view text, Gap last) {
  constexpr std::array<std::pair<std::string_view, Gap>, 7> kBefore{{
      {R"("ts_ms":)", Gap::kTsMs},
      {R"("ts_us":)", Gap::kTsUs},
      {R"("ts_ns":)", Gap::kTsNs},
      {R"("txId":)", Gap::kTxId},
      {R"("lsn":)", Gap::kLsn},
      {R"("sequence":"[\")", Gap::kSeqCommit},
      {R"("sequence":"[null,\")", Gap::kSeqLsn},
  }};
  if (last == Gap::kSeqCommit && text == R"(\",\")") return Gap::kSeqLsn;
  for (const auto& [before, gap] : kBefore) {
    if (!text.ends_with(before)) continue;
    // What stands before the name tells it from the end of another one.
    text.remove_suffix(before.size());
    return text.ends_with('{') || text.ends_with(',') ? gap : Gap::kEnd;
  }
  return Gap::kEnd;
}

void SourceTemplate::fill(Gap gap, std::int64_t value, SourceBlock& source) {
  switch (gap) {
    case Gap::kTsMs:
      source.ts_ms = value;
      break;
    case Gap::kTsUs:
      source.ts_us = value;
      break;
    case Gap::kTxId:
      source.tx_id = value;
      break;
    case Gap::kLsn:
      source.lsn = value;
      break;
    case Gap::kSeqCommit:
      source.seq_commit = value;
      break;
    case Gap::kSeqLsn:
      source.seq_lsn = value;
      break;
    case Gap::kTsNs:
    case Gap::kEnd:
      break;
  }
}

bool SourceTemplate::pass_gap(JsonCursor& cursor, Gap gap, std::int64_t& value) {
  switch (gap) {
    case Gap::kEnd:
      return true;
    case Gap::kTsNs: {  // Nobody reads it, and its nineteen digits are too many for us.
      JsonToken token;
      return cursor.read(token) && token.kind == TokenKind::kNumber;
    }
    default:
      return cursor.try_integer(value);
  }
}

void SourceTemplate::learn(std::string_view raw, const SourceBlock& source) {
  if (luck_ <= 0) return;
  parts_.clear();
  std::size_t start = 0;
  Gap last = Gap::kEnd;
  Depth depth;
  for (std::size_t i = 0; i < raw.size();) {
    const Gap gap = is_digit(raw[i]) && depth.is_outer()
                        ? gap_after(raw.substr(start, i - start), last)
                        : Gap::kEnd;
    if (gap == Gap::kEnd) {
      depth.pass(raw[i++]);
      continue;
    }
    parts_.push_back({std::string(raw.substr(start, i - start)), gap});
    while (i < raw.size() && is_digit(raw[i])) ++i;
    start = i;
    last = gap;
  }
  parts_.push_back({std::string(raw.substr(start)), Gap::kEnd});
  table_ = {std::string(source.name), std::string(source.database), std::string(source.schema),
            std::string(source.table)};
  constant_ = source;
  constant_.name = table_.source;
  constant_.database = table_.database;
  constant_.schema = table_.schema;
  constant_.table = table_.table;
  same_table_ = nullptr;
}

bool SourceTemplate::read(JsonCursor& cursor, const model::TableId* expected, SourceBlock& source) {
  const JsonCursor start = cursor;
  SourceBlock found = constant_;
  for (const Part& part : parts_) {
    std::int64_t value = 0;
    const bool fits = cursor.try_bytes(part.text) && pass_gap(cursor, part.gap, value);
    if (!fits || value < 0) {
      luck_ = std::max(luck_ - 1, 0);
      cursor = start;
      return false;
    }
    fill(part.gap, value, found);
  }
  if (parts_.empty()) return false;
  luck_ = std::min(luck_ + 1, kLuckMax);
  if (expected != nullptr && expected != same_table_ && *expected == table_) same_table_ = expected;
  found.is_as_expected = expected != nullptr && expected == same_table_;
  source = found;
  return true;
}

}  // namespace cdclake::debezium
