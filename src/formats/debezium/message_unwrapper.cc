#include "formats/debezium/message_unwrapper.h"

#include <optional>
#include <set>

#include "formats/debezium/connect_schema.h"
#include "formats/debezium/nesting_depth.h"

namespace cdclake::debezium {
namespace {

constexpr std::string_view kWrapperStart = "{\"schema\":";

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string_view without_space(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// The text up to the wrapper's closing brace, or nothing.
std::optional<std::string_view> without_closing_brace(std::string_view rest) {
  rest = without_space(rest);
  if (!rest.ends_with('}')) return std::nullopt;
  rest.remove_suffix(1);
  return rest;
}

bool has_distinct_columns(const SchemaBlock& block) {
  std::set<std::string_view> names;
  for (const DeclaredColumn& column : block.row) {
    if (!names.insert(column.name).second) return false;
  }
  return true;
}

}  // namespace

MessageUnwrapper::Answer MessageUnwrapper::unwrap(std::string_view text, LastBlock& last) {
  if (!last.prefix.empty() && text.starts_with(last.prefix)) {
    // Whether the payload ends where the brace was taken off shows when it is read.
    if (auto payload = without_closing_brace(text.substr(last.prefix.size()))) {
      return Unwrapped{*payload, last.block};
    }
  }
  if (!text.starts_with(kWrapperStart)) return Unwrapped{text, nullptr};
  return unwrap_any_order(text, last);
}

MessageUnwrapper::Answer MessageUnwrapper::unwrap_any_order(std::string_view text,
                                                            LastBlock& last) {
  // The payload is held to the limit when it is read by itself.
  if (auto fault = reader_.open(text, kNestingMax + 1)) return *std::move(fault);
  JsonReader::RawMembers members;
  if (auto fault = reader_.read_wrapper(members)) return *std::move(fault);
  if (!members.schema) return Unwrapped{text, nullptr};
  auto known = blocks_.find(*members.schema);
  if (known == blocks_.end()) {
    const auto schema = parse_connect_schema(*members.schema);
    if (!schema || schema->type != "struct") return Unwrapped{text, nullptr};
    auto block = std::make_unique<SchemaBlock>(schema_block_of(*schema));
    if (!has_distinct_columns(*block)) {
      return Fault{reason::kSchemaBlock, "the schema block declares a column twice"};
    }
    known = blocks_.emplace(std::string(*members.schema), std::move(block)).first;
    bytes_ += members.schema->size();
  }
  if (!members.payload) {
    return Fault{reason::kMissingPayload, "the message has a schema block and no payload"};
  }
  const auto start = static_cast<std::size_t>(members.payload->data() - text.data());
  if (text.starts_with(kWrapperStart) && members.schema->data() < members.payload->data()) {
    const auto payload = without_closing_brace(text.substr(start));
    if (!payload || without_space(*payload) != without_space(*members.payload)) {
      return Fault{reason::kJsonParse, "the message has members after its payload"};
    }
    last.prefix = text.substr(0, start);
    last.block = known->second.get();
  }
  return Unwrapped{*members.payload, known->second.get()};
}

}  // namespace cdclake::debezium
