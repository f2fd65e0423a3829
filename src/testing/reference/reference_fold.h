#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "testing/reference/canonical_value.h"

namespace cdclake::reference {

/// What is folded of one partition: offsets below the mapped one.
using Cut = std::map<std::pair<std::string, std::int32_t>, std::int64_t>;

/// One record of a recording, as far as the fold needs it.
struct Event {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string op;     ///< Debezium's letter, `tombstone`, or empty: no row of a table.
  std::string table;  ///< `public.users`
  std::string key;    ///< `key_text`
  std::optional<std::string> moved_from;
  std::optional<std::string> moved_to;
  std::string identity;                                    ///< Equal in both halves of a key move.
  std::pair<std::int64_t, std::int64_t> sequence{-1, -1};  ///< (commit, lsn); null is lowest.
  std::map<std::string, std::shared_ptr<const Value>> cells;  ///< A null pointer: unchanged.
};

/// A recording and the table that it must give: a deliberately simple fold, in order, into a map,
/// that shares no code with the program. Topics of one partition are folded in offset order;
/// several partitions of one topic in the order of `source.sequence`, which corpus/README.md shows
/// to be the order of commits (that it agrees with the offsets is asserted).
class Reference {
 public:
  /// `recording`: `…/<scenario>/<variant>/events.jsonl.zst`; catalog and connector configuration
  /// as the recordings have them.
  static Reference load(const std::string& recording, const std::string& catalog,
                        const std::string& connector);

  const std::vector<Event>& events() const { return events_; }
  const std::vector<std::string>& key_columns(const std::string& table) const;
  /// PostgreSQL's type of each column.
  const std::map<std::string, std::string>& column_types(const std::string& table) const;
  std::vector<std::string> tables() const;  ///< That have events.

  Table fold(const std::string& table, const Cut& cut) const;
  Cut everything() const;

 private:
  std::vector<Event> events_;
  std::map<std::string, std::vector<std::size_t>>
      order_;  ///< Events of a table, as they are folded.
  std::map<std::string, std::vector<std::string>> key_columns_;
  std::map<std::string, std::map<std::string, std::string>> column_types_;
};

/// The rows of `expected/<schema>.<table>.csv[.zst]`.
Table load_expected(const std::string& csv, const std::map<std::string, std::string>& column_types,
                    const std::vector<std::string>& key_columns);

/// The bytes of a file; of a `.zst` what was compressed.
std::string read_recording(const std::string& path);

}  // namespace cdclake::reference
