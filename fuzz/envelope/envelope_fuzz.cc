// Any key, header and value end in a row that keeps its promises, a rejection with a reason, no
// row, or a word on what is missing; and a warm decoder says the same as a fresh one.
//
// An input is three parts, parted by a line feed: the record's key, the value of both headers of a
// key move, and the record's value. An empty part is null.
#include <simdjson.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/assert.h"
#include "formats/debezium/record_decoder.h"

namespace cdclake {
namespace {

using Columns = std::vector<model::CatalogColumn>;

void add_table(model::SourceCatalog& catalog, const std::string& name,
               std::vector<std::string> primary_key, const Columns& columns) {
  model::CatalogTable table;
  table.schema = "public";
  table.table = name;
  table.primary_key = std::move(primary_key);
  table.columns = columns;
  catalog.tables.emplace(std::pair("public", name), std::move(table));
}

/// Tables of the recordings that the seeds are from, and one of every type.
model::SourceCatalog make_catalog() {
  const std::string instant = "timestamp with time zone";
  const std::string moment = "timestamp without time zone";
  model::SourceCatalog catalog;
  add_table(catalog, "users", {"id"},
            {{"id", "integer"},
             {"name", "text"},
             {"email", "text"},
             {"created_at", instant},
             {"updated_at", moment}});
  add_table(catalog, "orders", {"id"},
            {{"id", "integer"},
             {"user_id", "integer"},
             {"amount", "numeric(10,2)"},
             {"status", "text"},
             {"created_at", instant},
             {"updated_at", instant}});
  add_table(catalog, "comp", {"a", "b"},
            {{"b", "text"}, {"a", "integer"}, {"c", "uuid"}, {"v", "text"}});
  add_table(catalog, "toast", {"id"},
            {{"id", "integer"},   {"small", "integer"}, {"t", "text"},
             {"vc", "text"},      {"j", "json"},        {"jb", "jsonb"},
             {"b", "bytea"},      {"x", "xml"},         {"h", "hstore"},
             {"ta", "text[]"},    {"ia", "integer[]"},  {"la", "bigint[]"},
             {"ua", "uuid[]"},    {"ba", "bytea[]"},    {"da", "date[]"},
             {"na", "numeric[]"}, {"nu", "numeric"},    {"tsa", "timestamp with time zone[]"},
             {"jba", "jsonb[]"},  {"tn", "text"}});
  add_table(catalog, "all", {"i"},
            {{"i", "bigint"},
             {"s", "smallint"},
             {"f", "real"},
             {"d", "double precision"},
             {"o", "boolean"},
             {"n", "numeric(76,20)"},
             {"dt", "date"},
             {"tm", "time without time zone"},
             {"ts", "timestamp(3) without time zone"},
             {"tz", instant},
             {"u", "uuid"},
             {"na", "numeric(10,2)[]"}});
  add_table(catalog, "odd\t\"name\\.x", {"k\t\"\\.k"},
            {{"k\t\"\\.k", "integer"}, {"\x01", "text"}, {std::string(80, '\0'), "bigint"}});
  return catalog;
}

/// The spellings of the other modes.
debezium::ConnectorSettings other_settings() {
  debezium::ConnectorSettings settings;
  settings.decimal = debezium::DecimalMode::kString;
  settings.time = debezium::TimePrecisionMode::kIsoString;
  settings.binary = debezium::BinaryMode::kHex;
  settings.hstore = debezium::HstoreMode::kMap;
  settings.placeholder = "P";
  return settings;
}

void check_row(const model::ChangeRow& row) {
  CDCLAKE_ASSERT(row.schema != nullptr);
  CDCLAKE_ASSERT(row.cells.size() == row.schema->columns.size());
  const bool is_key_only = row.op == model::Op::kDelete || row.op == model::Op::kTombstone;
  for (const model::Cell& cell : row.cells) {
    CDCLAKE_ASSERT(is_key_only || cell.state != model::CellState::kUnset);
    for (const model::Cell& item : cell.items) {
      CDCLAKE_ASSERT(item.state == model::CellState::kValue ||
                     item.state == model::CellState::kNull);
    }
  }
  for (const std::size_t index : row.schema->key_columns) {
    CDCLAKE_ASSERT(row.cells[index].state == model::CellState::kValue);
  }
  for (const auto& moved : {row.moved_from, row.moved_to}) {
    CDCLAKE_ASSERT(moved.empty() || moved.size() == row.schema->key_columns.size());
  }
}

void add(std::string& text, std::string_view bytes) {
  text += std::to_string(bytes.size()) + ':';
  text += bytes;
}

void add(std::string& text, const std::optional<std::int64_t>& number) {
  text += number ? std::to_string(*number) + ';' : "none;";
}

void add(std::string& text, std::span<const model::Cell> cells) {
  text += std::to_string(cells.size()) + '[';
  for (const model::Cell& cell : cells) {
    text += std::to_string(static_cast<int>(cell.state)) + ';';
    text += std::to_string(cell.integer) + ';';
    text += std::to_string(std::bit_cast<std::uint64_t>(cell.real)) + ';';
    add(text, cell.bytes);
    add(text, cell.items);
  }
  text += ']';
}

std::string digest_row(const model::ChangeRow& row) {
  check_row(row);
  std::string text(model::to_string(row.op));
  text += row.schema->id.value + std::to_string(static_cast<int>(row.schema_origin));
  for (const auto& number : {row.commit_ts_us, row.lsn, row.tx_id, row.seq_commit, row.seq_lsn}) {
    add(text, number);
  }
  text += row.is_snapshot ? "snapshot" : "stream";
  for (const auto& cells : {row.cells, row.moved_from, row.moved_to}) add(text, cells);
  return text;
}

/// What a decoder said, without what borrows from it.
std::string digest(const model::DecodedRecord& decoded) {
  if (const auto* row = std::get_if<model::ChangeRow>(&decoded)) return digest_row(*row);
  if (const auto* rejected = std::get_if<model::RejectedRecord>(&decoded)) {
    CDCLAKE_ASSERT(!rejected->reason.empty());
    return rejected->reason;  // The detail may say more or less.
  }
  if (const auto* no_row = std::get_if<model::NoRow>(&decoded)) return std::string(no_row->kind);
  return std::get<model::UndecidedRecord>(decoded).need;
}

/// What was read of a text must be JSON for another reader too, which has a limit on numbers.
void check_json(std::string_view text) {
  static simdjson::dom::parser parser;
  const auto error = parser.parse(text.data(), text.size()).error();
  CDCLAKE_ASSERT(error == simdjson::SUCCESS || error == simdjson::NUMBER_ERROR ||
                 error == simdjson::BIGINT_ERROR);
}

std::string_view take_part(std::string_view& input) {
  const std::size_t end = std::min(input.find('\n'), input.size());
  const std::string_view part = input.substr(0, end);
  input.remove_prefix(std::min(end + 1, input.size()));
  return part;
}

std::optional<std::string_view> or_null(std::string_view part) {
  return part.empty() ? std::nullopt : std::optional(part);
}

void decode_input(std::string_view input) {
  static const model::SourceCatalog kCatalog = make_catalog();
  static const auto kTombstoneSchema = model::make_table_schema(
      {"s", "d", "public", "comp"},
      {{"b", {.kind = model::TypeKind::kText}}, {"a", {.kind = model::TypeKind::kInt32}}}, {1, 0});
  static debezium::RecordDecoder warm_decoders[] = {
      {{}, &kCatalog}, {other_settings(), &kCatalog}, {{}, nullptr}};
  const model::PartitionId partition{"topic", "1", 0};
  model::RawRecord record;
  record.partition = &partition;
  record.key = or_null(take_part(input));
  const auto moved = or_null(take_part(input));
  const model::Header headers[] = {{"__debezium.newkey", moved}, {"__debezium.oldkey", moved}};
  if (moved) record.headers = headers;

  digest(warm_decoders[0].decode_tombstone(record, kTombstoneSchema));
  record.value = input;
  for (auto& decoder : warm_decoders) digest(decoder.decode(record));
  debezium::RecordDecoder fresh({}, &kCatalog);
  const auto decoded = fresh.decode(record);
  const std::string first = digest(decoded);
  const std::string again = digest(warm_decoders[0].decode(record));
  if (first != again) std::fprintf(stderr, "fresh: %s\nwarm: %s\n", first.c_str(), again.c_str());
  CDCLAKE_ASSERT(first == again);
  const bool is_read = std::holds_alternative<model::ChangeRow>(decoded) ||
                       std::holds_alternative<model::NoRow>(decoded);
  if (is_read) check_json(input);
}

}  // namespace
}  // namespace cdclake

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cdclake::decode_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
