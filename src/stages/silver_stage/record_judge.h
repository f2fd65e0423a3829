#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/result.h"
#include "formats/debezium/record_decoder.h"
#include "model/change_row.h"
#include "model/record.h"
#include "stages/silver_stage/partition_state.h"
#include "stages/silver_stage/table_book.h"

namespace cdclake::silver_stage {

/// A row to stage. Borrows from the decoder until the next record is judged.
struct StagedRow {
  KnownTable* table = nullptr;
  model::ChangeRow row;
};

/// A record for the quarantine.
struct QuarantineOrder {
  std::string reason;
  std::string detail;
  const KnownTable* named = nullptr;  ///< The table that the record names; null: none that we know.
  const KnownTable* flawed = nullptr;  ///< The table that lacks the change from here on.
};

/// A record at which its partition must wait.
struct WaitOrder {
  model::TableId table;  ///< Empty: nothing says yet which one the record means.
  std::string need;
};

using Verdict = std::variant<StagedRow, QuarantineOrder, model::NoRow, WaitOrder>;

/// Decides what becomes of each record: a row of a table, the quarantine, no row, or a wait.
/// Registers tables and schemas before their first row, and stops a table where the order of its
/// source breaks. The records of a partition must come in offset order. Not thread-safe.
class RecordJudge {
 public:
  using Visit = std::function<bool(const model::RawRecord&)>;
  /// Shows the records of a range of a partition in offset order, some perhaps twice, while they
  /// are wanted. kCancelled where the work is to end: then the record is not judged.
  using ReadAgain = std::function<Status(const model::PartitionId& partition,
                                         const model::OffsetRange& range, const Visit& visit)>;

  /// `book` must outlive the judge, and so must the catalog that the decoder reads.
  RecordJudge(const debezium::ConnectorSettings& settings, const model::SourceCatalog* catalog,
              TableBook& book, ReadAgain read_again);

  Result<Verdict> judge(const model::RawRecord& record, PartitionState& partition);

 private:
  Result<Verdict> judge_row(const model::ChangeRow& row, const model::RawRecord& record,
                            PartitionState& partition);
  Result<Verdict> judge_rejected(const model::RejectedRecord& rejected, const std::string& topic);
  Result<Verdict> judge_undecided(const model::UndecidedRecord& undecided,
                                  const std::string& topic);
  Result<Verdict> judge_tombstone(const model::RawRecord& record, PartitionState& partition);
  Result<Verdict> refuse_foreign_table(const model::TableId& id, const std::string& topic);
  Result<KnownTable*> table_of(const model::TableSchemaPtr& schema, const std::string& topic);
  Result<KnownTable*> owner_of_tombstone(const model::RawRecord& record, PartitionState& partition);
  bool needs_recall(const model::DecodedRecord& decoded, const PartitionState& partition) const;
  Status recall_trace(PartitionState& partition);
  Result<std::optional<WaitOrder>> look_ahead(const model::RawRecord& tombstone,
                                              PartitionState& partition);
  Result<model::DecodedRecord> first_change(const model::RawRecord& tombstone,
                                            PartitionState& partition);
  QuarantineOrder unnamed(std::string reason, std::string detail, const std::string& topic) const;

  std::string signal_table_;
  debezium::RecordDecoder decoder_;
  TableBook* book_;
  ReadAgain read_again_;
  model::TableSchemaPtr
      last_schema_;  ///< Of the last row, with its table and topic: rows come in long
  KnownTable* last_table_ = nullptr;  ///< stretches of one schema.
  std::string last_topic_;
};

}  // namespace cdclake::silver_stage
