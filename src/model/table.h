#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/shortened.h"
#include "model/column_type.h"

namespace cdclake::model {

/// A table as its events name it (`source.name`, `.db`, `.schema`, `.table`), never as the topic
/// is called: Debezium maps different names to one topic.
struct TableId {
  std::string source;
  std::string database;
  std::string schema;
  std::string table;

  /// `public.users`, whole; not unique and not fit for paths.
  std::string name() const { return schema + "." + table; }
  /// The same for messages.
  std::string display() const { return shortened(name()); }
  friend bool operator==(const TableId&, const TableId&) = default;
  friend auto operator<=>(const TableId&, const TableId&) = default;
};

struct Column {
  std::string name;
  ColumnType type;

  friend bool operator==(const Column&, const Column&) = default;
};

/// Identity of a table schema: hex SHA-free XXH3 of its canonical text.
using SchemaId = StringId<struct SchemaIdTag>;

/// The typed shape of a table's rows. Immutable; shared by every row that it types.
struct TableSchema {
  TableId table;
  std::vector<Column> columns;
  std::vector<std::size_t>
      key_columns;  ///< Indexes into `columns`, in the order of the record key; empty: no key.
  SchemaId id;      ///< Set by `make_table_schema`.

  /// Index of a column, or nothing.
  std::optional<std::size_t> find(std::string_view name) const;
};

using TableSchemaPtr = std::shared_ptr<const TableSchema>;

/// Why the table's rows cannot be told apart by its key, which a current table needs; nothing: they
/// can.
std::optional<std::string> key_refusal(const TableSchema& schema);

/// Computes the id over table, columns and key.
TableSchemaPtr make_table_schema(TableId table, std::vector<Column> columns,
                                 std::vector<std::size_t> key_columns);

}  // namespace cdclake::model
