#include "stages/silver_current/lost_halves.h"

#include <arrow/table.h>

#include <limits>
#include <optional>
#include <utility>

#include "stages/silver_current/read_rows/borrowed_rows.h"
#include "stages/silver_current/source_sequence.h"

namespace cdclake::silver_current {
namespace {

bool is_delete(const ChangeEvent& event) { return event.op == model::Op::kDelete; }

KeyIndex new_key(const ChangeEvent& half) { return is_delete(half) ? *half.moved_to : half.key; }

}  // namespace

Result<std::vector<metadata::LostHalf>> lost_halves(
    const CurrentTable& table, const std::vector<metadata::CurrentFile>& version_before,
    const ChangeBatch& batch, const MergeCut& cut) {
  std::vector<metadata::LostHalf> lost;
  if (cut.alone.empty()) return lost;
  BorrowedRows::Wanted wanted;
  for (const std::size_t half : cut.alone) wanted.keys.push_back(new_key(batch.events[half]));
  CDCLAKE_ASSIGN_OR_RETURN(const auto moved,
                           BorrowedRows::collect({table, version_before}, batch, std::move(wanted),
                                                 std::numeric_limits<std::int64_t>::max()));
  std::optional<StoredSequences> sequences;
  if (moved->table() != nullptr) sequences.emplace(table.schema, *moved->table());
  for (const std::size_t index : cut.alone) {
    const ChangeEvent& half = batch.events[index];
    const auto row = moved->row_of(new_key(half));
    if (row && not_precedes(sequences->at(*row), sequence_of(half))) continue;
    lost.push_back({batch.partitions[half.partition].id, half.offset,
                    is_delete(half) ? metadata::MoveHalf::kCreate : metadata::MoveHalf::kDelete});
  }
  return lost;
}

}  // namespace cdclake::silver_current
