#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace cdclake::silver_current {

/// The table with one chunk a column, so that rows can be picked from it in any order. Needs the
/// memory of one column more, not of the table.
Result<std::shared_ptr<arrow::Table>> with_whole_columns(std::shared_ptr<arrow::Table> table);

/// The column of such a table; it must be there.
std::shared_ptr<arrow::Array> whole_column(const arrow::Table& table, const std::string& name);

}  // namespace cdclake::silver_current
