#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "formats/debezium/strict_json/json_cursor.h"
#include "formats/debezium/table_plans/rejection.h"
#include "model/table.h"

namespace cdclake::debezium {

/// Fields of `source` that we look at, in Debezium's order; the rest pass by.
enum class SourceField : std::uint8_t {
  kVersion,
  kConnector,
  kName,
  kTsMs,
  kSnapshot,
  kDb,
  kSequence,
  kTsUs,
  kTsNs,
  kSchema,
  kTable,
  kTxId,
  kLsn,
  kXmin,
  kOrigin,
  kOriginLsn,
  kOther,
};
inline constexpr std::array<std::string_view, 16> kSourceFieldNames{
    "version", "connector", "name",  "ts_ms", "snapshot", "db",   "sequence", "ts_us",
    "ts_ns",   "schema",    "table", "txId",  "lsn",      "xmin", "origin",   "origin_lsn"};

/// `source`, as far as it matters. Views borrow from the reader.
struct SourceBlock {
  std::string_view name;
  std::string_view database;
  std::string_view schema;
  std::string_view table;
  bool has_identity = false;    ///< All four are texts.
  bool is_as_expected = false;  ///< And those of the table that was expected.
  bool is_snapshot = false;
  std::optional<std::int64_t> ts_ms;
  std::optional<std::int64_t> ts_us;
  std::optional<std::int64_t> lsn;
  std::optional<std::int64_t> tx_id;
  std::optional<std::int64_t> seq_commit;
  std::optional<std::int64_t> seq_lsn;
};

/// Reads the fields of `source` one by one.
class SourceReader {
 public:
  /// `expected` (may be null) is the table that it probably names.
  SourceReader(JsonCursor& cursor, const model::TableId* expected, SourceBlock& source)
      : cursor_(cursor), expected_(expected), source_(source) {}

  /// Reads the value of a field. Numbers may be quoted and texts null; a value that is something
  /// else is a fault, and so is a field that comes twice. Trouble of the cursor is noticed by the
  /// caller.
  std::optional<Fault> read(SourceField field);
  /// After the last field.
  void finish();

 private:
  bool read_value(SourceField field);
  bool read_name(std::string_view& name, const std::string* expected);
  bool read_integer(std::optional<std::int64_t>& out);
  bool read_snapshot();
  bool read_sequence();
  bool skip_container(const JsonToken& token);

  JsonCursor& cursor_;
  const model::TableId* expected_;
  SourceBlock& source_;
  std::uint32_t seen_ = 0;  ///< One bit a `SourceField`.
  int names_ = 0;
  int names_as_expected_ = 0;
};

}  // namespace cdclake::debezium
