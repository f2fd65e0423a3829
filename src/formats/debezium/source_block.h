#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "formats/debezium/cell_decoder.h"

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
  bool has_identity = false;  ///< All four are texts.
  bool is_snapshot = false;
  std::optional<std::int64_t> ts_ms;
  std::optional<std::int64_t> ts_us;
  std::optional<std::int64_t> lsn;
  std::optional<std::int64_t> tx_id;
  std::optional<std::int64_t> seq_commit;
  std::optional<std::int64_t> seq_lsn;
};

/// Takes one field of `source`. Numbers may be quoted and texts null; false where the value is
/// something else. `names` counts the four names that make a table's identity.
bool read_source_field(SourceField field, const JsonToken& token, SourceBlock& source, int& names);

}  // namespace cdclake::debezium
