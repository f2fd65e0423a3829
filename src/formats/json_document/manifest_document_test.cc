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

}  // namespace
}  // namespace cdclake::json_document
