#include "stages/audit/finding.h"

#include <array>
#include <utility>

namespace cdclake::audit {
namespace {

struct Words {
  Fault fault;
  std::string_view word;
  std::string_view mend;
};

constexpr std::string_view kBringBack =
    "bring the file back from a copy of the lake; nothing else of the lake depends on when";

constexpr std::string_view kStoreAgain =
    "stop cdclake, and make the store again from the files: cdclake rebuild --metadata";

constexpr std::array kWords = {
    Words{Fault::kStoreBroken, "STORE_BROKEN", kStoreAgain},
    Words{Fault::kOffsetsMissing, "OFFSETS_MISSING",
          "cdclake rebuild --metadata makes the store again from the files; where the records are "
          "nowhere, read the topic again into a new lake"},
    Words{Fault::kOffsetsTwice, "OFFSETS_TWICE", kStoreAgain},
    Words{Fault::kPositionWrong, "POSITION_WRONG", kStoreAgain},
    Words{Fault::kStageAhead, "STAGE_AHEAD", kStoreAgain},
    Words{Fault::kMergeAhead, "MERGE_AHEAD", kStoreAgain},
    Words{Fault::kRecordsUnaccounted, "RECORDS_UNACCOUNTED", kStoreAgain},
    Words{Fault::kRowsUnaccounted, "ROWS_UNACCOUNTED", kStoreAgain},
    Words{Fault::kFileMissing, "FILE_MISSING", kBringBack},
    Words{Fault::kFileAltered, "FILE_ALTERED", kBringBack},
    Words{Fault::kFileUnnamed, "FILE_UNNAMED",
          "find out who put it there and move it away: who reads the folder counts its rows, too"},
    Words{Fault::kFolderWrong, "FOLDER_WRONG",
          "of a current table: stop cdclake, move the folder out of the lake and start again, and "
          "it is made anew; of Bronze: bring it back from a copy of the lake"},
    Words{Fault::kVersionBroken, "VERSION_BROKEN", kStoreAgain},
    Words{Fault::kUnfinished, "UNFINISHED", "nothing: the next start of its job finishes it"},
};

const Words& words_of(Fault fault) { return kWords[static_cast<std::size_t>(fault)]; }

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (static_cast<std::size_t>(kWords[i].fault) != i) return false;
  }
  return true;
}
static_assert(is_in_order());

}  // namespace

std::string_view to_word(Fault fault) { return words_of(fault).word; }

std::string_view mend_of(Fault fault) { return words_of(fault).mend; }

Finding about_store(Fault fault, std::string what) {
  Finding finding;
  finding.fault = fault;
  finding.what = std::move(what);
  return finding;
}

Finding about_path(Fault fault, std::string what, std::string path) {
  Finding finding = about_store(fault, std::move(what));
  finding.path = std::move(path);
  return finding;
}

Finding about_table(Fault fault, std::string what, std::string table) {
  Finding finding = about_store(fault, std::move(what));
  finding.table = std::move(table);
  return finding;
}

Finding about_offsets(Fault fault, std::string what, const model::PartitionId& partition,
                      const model::OffsetRange& offsets) {
  Finding finding = about_store(fault, std::move(what));
  finding.partition = partition;
  finding.offsets = offsets;
  return finding;
}

bool Finding::is_same_as(const Finding& other) const {
  return fault == other.fault && path == other.path && table == other.table &&
         partition == other.partition;
}

bool is_damage(Fault fault) { return fault != Fault::kUnfinished; }

}  // namespace cdclake::audit
