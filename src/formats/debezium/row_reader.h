#pragma once

#include "formats/debezium/json_reader.h"
#include "formats/debezium/strict_json/json_cursor.h"

namespace cdclake::debezium {

/// Reads the object that is next as a row. Where the outcome is a fault the cursor stands somewhere
/// within it; where JSON is broken the cursor is in trouble and the fault says nothing of use.
RowOutcome read_row_object(JsonCursor& cursor, const RowTarget& target, ByteArena& arena);

}  // namespace cdclake::debezium
