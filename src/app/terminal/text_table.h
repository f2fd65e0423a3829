#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cdclake::terminal {

/// Rows with columns under each other, for people. Cells are made printable.
class TextTable {
 public:
  /// A column whose title begins with `>` is aligned to the right, as numbers are.
  explicit TextTable(std::vector<std::string> titles);
  /// One cell a column.
  void add(std::vector<std::string> cells);
  /// Empty without rows.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  ///< Titles first.
  std::vector<bool> right_;
};

/// `1,234,567`.
std::string grouped(std::int64_t number);
/// `12.3 MB`, in powers of 1000.
std::string byte_size(std::int64_t bytes);

}  // namespace cdclake::terminal
