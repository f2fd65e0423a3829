#include "formats/json_document/manifest_document.h"

#include <gtest/gtest.h>

namespace cdclake::json_document {
namespace {

Manifest one_topic() {
  return {.run_id = RunId("00ff"),
          .ingestion_date = "2026-11-24",
          .status = "SUCCESS",
          .kafka_group_id = "cdc_bronze_writer",
          .topics = {"db.public.users"},
          .files_written = {"cdc/source=db/events_00001.parquet"},
          .last_offsets = {{"db.public.users", {{0, 41}, {3, 7}}}},
          .error = std::nullopt};
}

TEST(ManifestDocumentTest, HasTheKeysOfTheFirstVersionInItsOrder) {
  EXPECT_EQ(to_json_text(one_topic()), R"({
  "run_id": "00ff",
  "ingestion_date": "2026-11-24",
  "status": "SUCCESS",
  "kafka_group_id": "cdc_bronze_writer",
  "topics": [
    "db.public.users"
  ],
  "files_written": [
    "cdc/source=db/events_00001.parquet"
  ],
  "last_offsets": {
    "db.public.users": {
      "0": 41,
      "3": 7
    }
  }
}
)");
}

TEST(ManifestDocumentTest, SaysWhyARunFailed) {
  Manifest manifest = one_topic();
  manifest.error = "disk full";
  EXPECT_NE(to_json_text(manifest).find("\"error\": \"disk full\""), std::string::npos);
}

TEST(ManifestDocumentTest, IsReadBack) {
  Manifest manifest = one_topic();
  manifest.error = "disk full";
  const auto read = parse_manifest(to_json_text(manifest));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->run_id, manifest.run_id);
  EXPECT_EQ(read->ingestion_date, "2026-11-24");
  EXPECT_EQ(read->status, "SUCCESS");
  EXPECT_EQ(read->kafka_group_id, "cdc_bronze_writer");
  EXPECT_EQ(read->error, "disk full");
  EXPECT_FALSE(parse_manifest("{}"));
  EXPECT_FALSE(parse_manifest("{"));
}

}  // namespace
}  // namespace cdclake::json_document
