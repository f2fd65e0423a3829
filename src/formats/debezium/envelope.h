#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "formats/debezium/source_block.h"
#include "formats/debezium/table_plans/rejection.h"
#include "model/change_row.h"

namespace cdclake::debezium {

/// Members of messages that we look at, those of an envelope in Debezium's order.
enum class Member : std::uint8_t {
  kBefore,
  kAfter,
  kSource,
  kTransaction,
  kOp,
  kTsMs,
  kTsUs,
  kTsNs,
  kMessage,
  kSchema,
  kPayload,
  kStatus,
  kId,
  kEventCount,
  kDataCollections,
  kType,
  kAggregateType,
  kAdditionalData,
  kTimestamp,
  kDdl,
  kTableChanges,
  kOther,
};
inline constexpr std::array<std::string_view, 21> kMemberNames{"before",
                                                               "after",
                                                               "source",
                                                               "transaction",
                                                               "op",
                                                               "ts_ms",
                                                               "ts_us",
                                                               "ts_ns",
                                                               "message",
                                                               "schema",
                                                               "payload",
                                                               "status",
                                                               "id",
                                                               "event_count",
                                                               "data_collections",
                                                               "type",
                                                               "aggregate_type",
                                                               "additional_data",
                                                               "timestamp",
                                                               "ddl",
                                                               "tableChanges"};

/// What stands in a member that may hold a row.
enum class RowMember : std::uint8_t { kAbsent, kNull, kObject, kOther };

/// A message, read once from front to back.
struct Envelope {
  std::uint32_t members = 0;  ///< One bit a `Member`.
  std::string_view op;
  RowMember before = RowMember::kAbsent;
  const char* before_place = nullptr;  ///< Where the value begins in the reader's text.
  RowMember after = RowMember::kAbsent;
  const char* after_place = nullptr;
  RowMember source_member = RowMember::kAbsent;
  SourceBlock source;
  std::optional<Fault> source_fault;  ///< A field of `source` that is not what it should be.
  bool after_was_read = false;        ///< With the speculation; its outcome is below.
  std::optional<Fault> after_fault;
  bool after_has_unchanged = false;

  bool has(Member member) const { return (members >> static_cast<unsigned>(member) & 1U) != 0; }
};

/// Debezium's letter of a change; nothing for `t`, `m` and what is none.
std::optional<model::Op> op_of(std::string_view text);

/// When the change was committed, in microseconds since 1970; nothing where that is not said, or
/// does not fit.
std::optional<std::int64_t> commit_time(const SourceBlock& source);

/// What keeps a message from being a change of a table at all.
std::optional<Fault> change_fault(const Envelope& envelope);

/// What kind of message without a row this is, by its shape; nothing for a change event.
std::optional<std::string_view> control_message_kind(const Envelope& envelope);
/// The same by the name of its schema.
std::optional<std::string_view> control_message_kind(std::string_view schema_name);

}  // namespace cdclake::debezium
