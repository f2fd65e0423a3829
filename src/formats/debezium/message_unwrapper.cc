#include "formats/debezium/message_unwrapper.h"

#include <optional>
#include <set>

#include "formats/debezium/table_plans/connect_schema.h"

namespace cdclake::debezium {
namespace {

constexpr std::string_view kWrapperStart = "{\"schema\":";
constexpr std::string_view kPayloadStart = ",\"payload\":";

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool take(std::string_view& text, std::string_view start) {
  if (!text.starts_with(start)) return false;
  text.remove_prefix(start.size());
  return true;
}

/// The text up to the wrapper's closing brace, or nothing.
std::optional<std::string_view> without_closing_brace(std::string_view rest) {
  while (!rest.empty() && is_space(rest.back())) rest.remove_suffix(1);
  if (!rest.ends_with('}')) return std::nullopt;
  rest.remove_suffix(1);
  return rest;
}

/// The object that the text begins with, by its braces; nothing where it has no end.
std::string_view leading_object(std::string_view text) {
  if (!text.starts_with('{')) return {};
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth <= 0) {
      return text.substr(0, i + 1);
    }
  }
  return {};
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
  std::string_view rest = text;
  if (!take(rest, kWrapperStart)) return Unwrapped{text, nullptr};
  const std::string_view start = rest;
  if (last == nullptr || !take(rest, last->first) || !take(rest, kPayloadStart)) {
    rest = start;
    const std::string_view schema = leading_object(rest);
    if (schema.empty() || !take(rest, schema) || !take(rest, kPayloadStart)) {
      return unwrap_any_order(text);
    }
    auto answer = block_of(schema);
    if (auto* fault = std::get_if<Fault>(&answer)) return std::move(*fault);
    const auto* known = std::get<LastBlock>(answer);
    if (known == nullptr) return Unwrapped{text, nullptr};
    last = known;
  }
  const auto payload = without_closing_brace(rest);
  if (!payload) return Fault{reason::kJsonParse, "the message does not end where its payload does"};
  return Unwrapped{*payload, last->second.get()};
}

MessageUnwrapper::Answer MessageUnwrapper::unwrap_any_order(std::string_view text) {
  // The payload is held to the limit when it is read by itself.
  if (auto fault = reader_.open(text, kNestingMax + 1)) return *std::move(fault);
  JsonReader::RawMembers members;
  if (auto fault = reader_.read_wrapper(members)) return *std::move(fault);
  if (!members.schema) return Unwrapped{text, nullptr};
  auto answer = block_of(*members.schema);
  if (auto* fault = std::get_if<Fault>(&answer)) return std::move(*fault);
  const auto* known = std::get<LastBlock>(answer);
  if (known == nullptr) return Unwrapped{text, nullptr};
  if (!members.payload) {
    return Fault{reason::kMissingPayload, "the message has a schema block and no payload"};
  }
  return Unwrapped{*members.payload, known->second.get()};
}

std::variant<LastBlock, Fault> MessageUnwrapper::block_of(std::string_view schema_text) {
  const auto known = blocks_.find(schema_text);
  if (known != blocks_.end()) return &*known;
  const auto schema = parse_connect_schema(schema_text);
  if (!schema || schema->type != "struct") return LastBlock{};
  auto block = std::make_unique<SchemaBlock>(schema_block_of(*schema));
  if (!has_distinct_columns(*block)) {
    return Fault{reason::kSchemaBlock, "the schema block declares a column twice"};
  }
  bytes_ += schema_text.size();
  return &*blocks_.emplace(std::string(schema_text), std::move(block)).first;
}

}  // namespace cdclake::debezium
