#include "formats/debezium/envelope.h"

#include <utility>

namespace cdclake::debezium {
namespace {

constexpr std::uint32_t bit(Member member) { return 1U << static_cast<unsigned>(member); }

constexpr std::uint32_t kTransactionMembers = bit(Member::kStatus) | bit(Member::kId) |
                                              bit(Member::kEventCount) |
                                              bit(Member::kDataCollections);
constexpr std::uint32_t kNotificationMembers = bit(Member::kId) | bit(Member::kType) |
                                               bit(Member::kAggregateType) |
                                               bit(Member::kAdditionalData);

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kSchemaNames{{
    {"io.debezium.connector.common.Heartbeat", "heartbeat"},
    {"io.debezium.connector.common.TransactionMetadataValue", "transaction"},
    {"io.debezium.connector.common.Notification", "notification"},
}};

}  // namespace

std::optional<model::Op> op_of(std::string_view text) {
  switch (text.size() == 1 ? text.front() : '\0') {
    case 'c':
      return model::Op::kCreate;
    case 'u':
      return model::Op::kUpdate;
    case 'd':
      return model::Op::kDelete;
    case 'r':
      return model::Op::kSnapshotRead;
    default:
      return std::nullopt;
  }
}

std::optional<std::int64_t> commit_time(const SourceBlock& source) {
  std::int64_t micros = 0;
  if (source.ts_us) return source.ts_us;
  if (!source.ts_ms || __builtin_mul_overflow(*source.ts_ms, 1000, &micros)) return std::nullopt;
  return micros;
}

std::optional<Fault> change_fault(const Envelope& envelope) {
  if (envelope.op.empty()) return Fault{reason::kMissingOp, "the message has no \"op\""};
  if (envelope.source_member != RowMember::kObject) {
    return Fault{reason::kMissingSource, "\"source\" is no object"};
  }
  if (envelope.source_fault) return envelope.source_fault;
  if (!envelope.source.has_identity) {
    return Fault{reason::kMissingSourceTable, "source lacks name, db, schema or table"};
  }
  if (envelope.op == "t") {
    return Fault{reason::kTruncate, "truncate is not applied by this version"};
  }
  const auto op = op_of(envelope.op);
  if (!op) return Fault{reason::kUnknownOp, "\"op\" is none of c, u, d, r, t, m"};
  if (!commit_time(envelope.source)) {
    return Fault{reason::kMissingTsMs, "source has neither ts_us nor a ts_ms that fits"};
  }
  if (*op != model::Op::kDelete && envelope.after != RowMember::kObject) {
    return Fault{reason::kAfterNull, "\"after\" is no object"};
  }
  return std::nullopt;
}

std::optional<std::string_view> control_message_kind(const Envelope& envelope) {
  if (envelope.has(Member::kOp)) return std::nullopt;
  const std::uint32_t members = envelope.members;
  if (members == bit(Member::kTsMs)) return "heartbeat";
  if ((members & kTransactionMembers) == kTransactionMembers) return "transaction";
  if ((members & kNotificationMembers) == kNotificationMembers) return "notification";
  const bool has_ddl = envelope.has(Member::kDdl) || envelope.has(Member::kTableChanges);
  if (has_ddl && envelope.has(Member::kSource)) return "schema_change";
  return std::nullopt;
}

std::optional<std::string_view> control_message_kind(std::string_view schema_name) {
  for (const auto& [name, kind] : kSchemaNames) {
    if (schema_name == name) return kind;
  }
  if (schema_name.ends_with(".SchemaChangeValue")) return "schema_change";
  return std::nullopt;
}

}  // namespace cdclake::debezium
