#pragma once

#include <memory>

#include "formats/debezium/table_plans/connector_settings.h"
#include "model/change_row.h"
#include "model/record.h"
#include "model/source_catalog.h"

namespace cdclake::debezium {

/// Turns one raw record into a typed change row, or says why it is none.
///
/// Types come from the record's own schema block, else from the source catalog together with the
/// connector's settings; they are never guessed. The schema block is compared by bytes with the
/// last one of its topic, so that it is parsed only when it changes. Allocates nothing a row once
/// its buffers have grown. Never throws, whatever the bytes. Not thread-safe.
class RecordDecoder {
 public:
  /// `catalog` may be null: then only records with a schema block can be typed. It must outlive
  /// the decoder.
  RecordDecoder(ConnectorSettings settings, const model::SourceCatalog* catalog);
  RecordDecoder(RecordDecoder&&) noexcept;
  RecordDecoder& operator=(RecordDecoder&&) noexcept;
  ~RecordDecoder();

  /// Decodes a record that has a value. Cells borrow from the decoder until the next call.
  model::DecodedRecord decode(const model::RawRecord& record);

  /// Decodes a record with a null value: `schema` is that of the table it belongs to, which the
  /// caller knows and the record does not say.
  model::DecodedRecord decode_tombstone(const model::RawRecord& record,
                                        const model::TableSchemaPtr& schema);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cdclake::debezium
