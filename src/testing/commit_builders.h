#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "platform/metadata/store_language/commits.h"

/// Commits with small numbers, for tests of the store.
namespace cdclake::testing {

inline model::PartitionId partition_of(const std::string& topic, std::int32_t number = 0) {
  return {topic, "recorded:1", number};
}

/// A file that is prepared under the name `<id>.parquet` of the folder.
inline metadata::PreparedFile prepared(const std::string& id, metadata::FileKind kind,
                                       const lake::LakePath& folder, std::int64_t rows) {
  metadata::PreparedFile file;
  file.id = FileId(id);
  file.kind = kind;
  file.hidden = lake::wip_path(folder.root, id);
  file.final_path = folder / (id + ".parquet");
  file.bytes = 100 + rows;
  file.rows = rows;
  file.content = hash128(id);
  return file;
}

/// A segment with as many records as offsets.
inline model::Segment segment_of(const model::PartitionId& partition, std::int64_t first,
                                 std::int64_t next) {
  return {
      partition,
      {first, next},
      next - first,
      hash128(partition.topic + std::to_string(partition.partition) + ":" + std::to_string(first))};
}

inline lake::LakePath bronze_folder(const std::string& topic, const RunId& run) {
  return lake::LakePath{lake::Root::kBronze, "cdc"} / topic / run.value;
}

/// One file of one segment, and the move that it covers.
inline metadata::BronzeCommit bronze_commit(const RunId& run, const std::string& file,
                                            const model::Segment& segment) {
  metadata::BronzeCommit commit;
  commit.run = run;
  const std::string& topic = segment.partition.topic;
  commit.files.push_back({prepared(file, metadata::FileKind::kBronzePart, bronze_folder(topic, run),
                                   segment.record_count),
                          topic,
                          {segment}});
  commit.moves.push_back({segment.partition, segment.range.first, segment.range.next});
  return commit;
}

/// The schema `id int64 primary key, name text` of a table.
inline model::TableSchemaPtr small_schema(const model::TableId& table) {
  return model::make_table_schema(
      table,
      {{"id", {model::TypeKind::kInt64, 0, 0, {}}}, {"name", {model::TypeKind::kText, 0, 0, {}}}},
      {0});
}

}  // namespace cdclake::testing
