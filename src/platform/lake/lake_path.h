#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace cdclake::lake {

/// The two trees that make up a lake; each may lie on a file system of its own.
enum class Root : std::uint8_t { kBronze, kSilver };

/// A place inside the lake, relative to its root, so that a lake can be moved. Segments are
/// already encoded; `..` and empty segments cannot occur.
struct LakePath {
  Root root = Root::kBronze;
  std::string relative;

  /// Appends one encoded segment, or several separated by '/'.
  LakePath operator/(std::string_view segment) const;
  LakePath parent() const;
  std::string_view name() const;  ///< The last segment.

  friend bool operator==(const LakePath&, const LakePath&) = default;
  friend auto operator<=>(const LakePath&, const LakePath&) = default;
};

/// `.cdclake`: work in progress and superseded files of a root.
LakePath private_folder(Root root);
/// Where files are written before they are committed: `.cdclake/wip/<id>`, never `*.parquet`. An
/// id begins with the role that writes it and a hyphen, so that a start knows which are its own
/// (`commit::new_file` makes such names).
LakePath wip_path(Root root, std::string_view id);

/// Makes one safe path segment of attacker-chosen text: everything but `[A-Za-z0-9_-]` and dots
/// inside is percent-encoded, a leading `_`, a leading or trailing `.` too; longer than 200 bytes
/// it is cut and gets `~` and a hash of the whole. Two texts never share a segment, never empty.
/// Upper and lower case are kept apart by the file system; one that folds them is refused at start.
std::string encode_segment(std::string_view text);
/// `<schema>.<table>` with dots inside either name encoded: `a%2Eb.c`.
std::string encode_table_segment(std::string_view schema, std::string_view table);

}  // namespace cdclake::lake
