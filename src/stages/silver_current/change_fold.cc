#include "stages/silver_current/change_fold.h"

#include <algorithm>
#include <unordered_map>

#include "base/assert.h"

namespace cdclake::silver_current {
namespace {

/// A key's row at one moment of the fold.
struct Image {
  enum class Kind : std::uint8_t { kStored, kAbsent, kRow };
  Kind kind = Kind::kStored;  ///< kStored: as in the version before, present or not.
  std::int64_t row = 0;
  SourceSequence sequence{};  ///< Of a kRow.
  std::vector<CellPatch> patches{};
};

/// Which rows of a key are meant; both ends count.
struct Moment {
  std::optional<SourceSequence> not_before{};
  std::optional<SourceSequence> not_after{};
};

struct KeyState {
  bool touched = false;
  Image image;
  std::optional<SourceSequence> gone_before;  ///< By the newest create alone that moved it away.
  std::uint32_t partition = 0;
  std::int64_t first_offset = 0;
};

/// Adds the alternatives of `more` behind those of `source`, each once.
void fall_back_to(CellSource& source, const CellSource& more) {
  if (source.row) return;
  for (const StoredCell& cell : more.stored) {
    if (std::ranges::find(source.stored, cell) == source.stored.end())
      source.stored.push_back(cell);
  }
  source.row = more.row;
}

/// Where `column` of an image is; nothing to find in an absent one, or in one of another moment.
CellSource cell_of(const Image& image, KeyIndex key, std::size_t column, const Moment& meant = {}) {
  switch (image.kind) {
    case Image::Kind::kStored:
      return {{{key, meant.not_before, meant.not_after}}, std::nullopt};
    case Image::Kind::kAbsent:
      return {};
    case Image::Kind::kRow:
      break;
  }
  if (meant.not_before && precedes(image.sequence, *meant.not_before)) return {};
  if (meant.not_after && precedes(*meant.not_after, image.sequence)) return {};
  for (const CellPatch& patch : image.patches) {
    if (patch.column == column) return patch.source;
  }
  return {{}, image.row};
}

std::vector<std::size_t> columns_of(std::string_view bitmap) {
  std::vector<std::size_t> columns;
  for (std::size_t bit = 0; bit < bitmap.size() * 8; ++bit) {
    if ((static_cast<unsigned char>(bitmap[bit / 8]) >> (bit % 8) & 1U) != 0)
      columns.push_back(bit);
  }
  return columns;
}

class Folder {
 public:
  Folder(const ChangeBatch& batch, const MergeCut& cut)
      : batch_(batch), cut_(cut), states_(batch.keys.size()), next_(batch.partitions.size()) {
    for (std::size_t i = batch.events.size(); i-- > 0;) next_[batch.events[i].partition] = i;
  }

  FoldResult fold() && {
    bool waits_ignored = false;
    while (!stopped_) {
      bool advanced = false;
      bool waiting = false;
      for (std::uint32_t partition = 0; partition < next_.size() && !stopped_; ++partition) {
        while (has_next(partition) && !stopped_) {
          if (waits_for_delete(next_[partition]) && !waits_ignored) {
            waiting = true;
            break;
          }
          waits_ignored = false;
          apply(next_[partition]++);
          advanced = true;
        }
      }
      if (!waiting) break;
      // Real streams have one order; only forged moves can wait for each other in a circle.
      waits_ignored = !advanced;
    }
    return std::move(*this).result();
  }

 private:
  bool has_next(std::uint32_t partition) const {
    const std::size_t index = next_[partition];
    return index < batch_.events.size() && batch_.events[index].partition == partition &&
           batch_.events[index].offset < cut_.next_offsets[partition];
  }

  bool waits_for_delete(std::size_t index) const {
    const auto pair = cut_.moves.delete_of_create.find(index);
    return pair != cut_.moves.delete_of_create.end() && !moved_images_.contains(pair->second);
  }

  void apply(std::size_t index) {
    const ChangeEvent& event = batch_.events[index];
    KeyState& state = states_[event.key];
    if (state.touched && state.partition != event.partition) {
      stopped_ =
          StoppedTable{"KEY_CHANGED_PARTITION: a key has changes in partitions " +
                       std::to_string(batch_.partitions[state.partition].id.partition) + " and " +
                       std::to_string(batch_.partitions[event.partition].id.partition) +
                       " (offset " + std::to_string(event.offset) + ")"};
      return;
    }
    if (!state.touched) {
      state.touched = true;
      state.partition = event.partition;
      state.first_offset = event.offset;
    }
    if (event.op == model::Op::kDelete || event.op == model::Op::kTombstone) {
      if (cut_.moves.create_of_delete.contains(index)) moved_images_.emplace(index, state.image);
      state.image = Image{Image::Kind::kAbsent};
      return;
    }
    state.image = image_after(index, event, state.image);
  }

  Image image_after(std::size_t index, const ChangeEvent& event, const Image& before) {
    const SourceSequence now = sequence_of(event);
    Image after{Image::Kind::kRow, event.row, now};
    const auto pair = cut_.moves.delete_of_create.find(index);
    const auto moved = pair == cut_.moves.delete_of_create.end() ? moved_images_.end()
                                                                 : moved_images_.find(pair->second);
    // A row that a moved row's key has already is of the same move, replayed, or newer; an older
    // one was deleted unseen.
    const Moment own{.not_before = event.moved_from ? std::optional(now) : std::nullopt};
    for (const std::size_t column : columns_of(event.unchanged)) {
      CellPatch patch{column, cell_of(before, event.key, column, own)};
      if (moved != moved_images_.end()) {
        // The old key's row is not the one that was moved where it came back before the replay.
        fall_back_to(patch.source, cell_of(moved->second, batch_.events[moved->first].key, column,
                                           {.not_after = now}));
      }
      after.patches.push_back(std::move(patch));
    }
    if (moved != moved_images_.end()) moved_images_.erase(moved);
    return after;
  }

  void mark_keys_of_lost_deletes() {
    for (const std::size_t index : cut_.alone) {
      const ChangeEvent& create = batch_.events[index];
      if (!create.moved_from) continue;
      KeyState& state = states_[*create.moved_from];
      const SourceSequence gone = sequence_of(create);
      if (!state.gone_before || precedes(*state.gone_before, gone)) state.gone_before = gone;
    }
  }

  FoldResult result() && {
    mark_keys_of_lost_deletes();
    FoldResult result;
    result.stopped = std::move(stopped_);
    for (KeyIndex key = 0; key < states_.size(); ++key) {
      KeyState& state = states_[key];
      if (!state.touched) {
        if (state.gone_before)
          result.changes.push_back({.key = key, .gone_before = state.gone_before});
        continue;
      }
      if (state.image.kind == Image::Kind::kRow && state.gone_before &&
          precedes(state.image.sequence, *state.gone_before)) {
        state.image = Image{Image::Kind::kAbsent};
      }
      NetChange change{
          .key = key, .partition = state.partition, .first_offset = state.first_offset};
      CDCLAKE_ASSERT(state.image.kind != Image::Kind::kStored);
      if (state.image.kind == Image::Kind::kRow) {
        change.row = state.image.row;
        change.patches = std::move(state.image.patches);
      }
      result.changes.push_back(std::move(change));
    }
    std::ranges::sort(result.changes, {}, [&](const NetChange& change) -> const std::string& {
      return batch_.keys[change.key];
    });
    return result;
  }

  const ChangeBatch& batch_;
  const MergeCut& cut_;
  std::vector<KeyState> states_;
  std::vector<std::size_t> next_;  ///< By partition: the next event to apply.
  std::unordered_map<std::size_t, Image>
      moved_images_;  ///< Old rows of moves whose create is to come.
  std::optional<StoppedTable> stopped_;
};

}  // namespace

FoldResult fold_changes(const ChangeBatch& batch, const MergeCut& cut) {
  return Folder(batch, cut).fold();
}

}  // namespace cdclake::silver_current
