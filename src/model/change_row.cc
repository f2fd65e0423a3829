#include "model/change_row.h"

namespace cdclake::model {

std::string_view to_string(Op op) {
  switch (op) {
    case Op::kCreate:
      return "c";
    case Op::kUpdate:
      return "u";
    case Op::kDelete:
      return "d";
    case Op::kSnapshotRead:
      return "r";
    case Op::kTombstone:
      return "tombstone";
  }
  return "?";
}

std::optional<Op> op_from_string(std::string_view text) {
  for (const Op op : {Op::kCreate, Op::kUpdate, Op::kDelete, Op::kSnapshotRead, Op::kTombstone}) {
    if (text == to_string(op)) return op;
  }
  return std::nullopt;
}

}  // namespace cdclake::model
