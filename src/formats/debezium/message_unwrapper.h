#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "formats/debezium/json_reader.h"
#include "formats/debezium/table_plans/rejection.h"
#include "formats/debezium/table_plans/schema_types.h"

namespace cdclake::debezium {

/// What is left of a message without its schema block.
struct Unwrapped {
  std::string_view payload;
  const SchemaBlock* block = nullptr;  ///< Null: the message is bare JSON.
};

/// Schema blocks by their text.
using SchemaBlocks = std::map<std::string, std::unique_ptr<SchemaBlock>, std::less<>>;

/// The last schema block that came on one side (key or value) of one topic; null: none yet.
using LastBlock = const SchemaBlocks::value_type*;

/// Takes the schema block off messages, and keeps every block that it has read.
///
/// A message that begins with the very bytes of the last block is only compared, never parsed.
class MessageUnwrapper {
 public:
  using Answer = std::variant<Unwrapped, Fault>;

  explicit MessageUnwrapper(ByteArena& arena) : reader_(arena) {}

  /// Recognises a wrapped message by how converters write it: `{"schema":…,"payload":…}`, without
  /// spaces. What comes after the payload is left to it.
  Answer unwrap(std::string_view text, LastBlock& last);
  /// Recognises any order of members. A message is wrapped if it has a payload and its schema is
  /// of type struct; otherwise it is bare, even if it has columns of these names.
  Answer unwrap_any_order(std::string_view text);

  /// Gives the room of an unusually long message back.
  void shrink() { reader_.shrink(); }

  /// Bytes of all blocks that are kept.
  std::size_t bytes() const { return bytes_; }
  /// Forgets all blocks; what was handed out is gone.
  void clear() {
    blocks_.clear();
    bytes_ = 0;
  }

 private:
  /// The block that a schema's text is; null where it is none.
  std::variant<LastBlock, Fault> block_of(std::string_view schema_text);

  JsonReader reader_;
  SchemaBlocks blocks_;
  std::size_t bytes_ = 0;
};

}  // namespace cdclake::debezium
