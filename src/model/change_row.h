#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "model/table.h"

namespace cdclake::model {

/// What a cell of a change says.
enum class CellState : std::uint8_t {
  kNull,  ///< A valid NULL: a value.
  kValue,
  kUnchanged,  ///< The source did not send an unchanged TOAST value; the row before has it.
  kUnset,      ///< The event says nothing of this column (all but the key of a delete).
};

/// One typed value. Which member holds it depends on the column's kind:
/// `integer` bool, int16/32/64, date, time, timestamps · `real` float32/64 · `bytes` text, json,
/// numeric text, binary, uuid (16 bytes), decimal (two's complement, little endian, 16 bytes up to
/// 38 digits, else 32) · `items` arrays, each kNull or kValue.
struct Cell {
  CellState state = CellState::kNull;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view bytes;
  std::span<const Cell> items;
};

/// Debezium's letters, and our own for a record with a null value.
enum class Op : std::uint8_t { kCreate, kUpdate, kDelete, kSnapshotRead, kTombstone };

/// `c`, `u`, `d`, `r`, `tombstone`: what `_op` holds.
std::string_view to_string(Op op);
std::optional<Op> op_from_string(std::string_view text);

/// Where the types of a row come from.
enum class SchemaOrigin : std::uint8_t {
  kMessage,  ///< The record says them itself; a tombstone in its key.
  kOutside,  ///< The source catalog and the connector's settings; kept beside Bronze.
};

/// A change of one row, typed. Borrows its cells from the decoder until the next record.
struct ChangeRow {
  TableSchemaPtr schema;
  SchemaOrigin schema_origin = SchemaOrigin::kMessage;
  Op op = Op::kCreate;
  /// One a column of the schema. Deletes and tombstones hold the key and leave the rest kUnset:
  /// what Debezium fills in there is not the row (docs/formats/stage.md).
  std::span<const Cell> cells;
  std::optional<std::int64_t>
      commit_ts_us;  ///< Commit time at the source, microseconds since 1970 UTC.
  std::optional<std::int64_t> lsn;
  std::optional<std::int64_t> tx_id;
  std::optional<std::int64_t>
      seq_commit;  ///< `source.sequence[0]`: end of the last commit before this transaction.
  std::optional<std::int64_t> seq_lsn;  ///< `source.sequence[1]`.
  bool is_snapshot = false;
  /// The other key of a key move, one cell a key column in the order of `schema.key_columns`;
  /// empty where the record belongs to none. On d and tombstone the new key, on c the old one.
  std::span<const Cell> moved_from;
  std::span<const Cell> moved_to;
};

/// A record that cannot become a row of its table. Data, not an error.
struct RejectedRecord {
  std::string reason;            ///< A word of docs/formats/quarantine.md, such as `JSON_PARSE`.
  std::string detail;            ///< What was wrong and where; never a row value.
  std::optional<TableId> table;  ///< Where the record says which table it means.
};

/// A record that carries no row of any table.
struct NoRow {
  std::string_view kind;  ///< `heartbeat`, `transaction`, `signal`, `message`, `notification`.
};

/// A record that must wait: its table has no schema yet, so nothing was decided about it.
struct UndecidedRecord {
  TableId table;
  std::string need;  ///< What is missing and the ways to give it, for the operator.
};

using DecodedRecord = std::variant<ChangeRow, RejectedRecord, NoRow, UndecidedRecord>;

}  // namespace cdclake::model
