#include "platform/metadata/house_sql/schema_sql.h"

namespace cdclake::metadata {

const char* const kTablesOfVersion1 = R"sql(
-- The lake whose files the store knows.
CREATE TABLE lake_root (
  root    TEXT PRIMARY KEY CHECK (root IN ('bronze', 'silver')),
  lake_id TEXT NOT NULL
) STRICT;

-- Who may change what.
CREATE TABLE lease (
  role         TEXT PRIMARY KEY,
  epoch        INTEGER NOT NULL CHECK (epoch > 0),
  holder       TEXT NOT NULL,
  heartbeat_us INTEGER NOT NULL
) STRICT;

CREATE TABLE run (
  run_key        INTEGER PRIMARY KEY,
  run_id         TEXT NOT NULL UNIQUE,
  job            TEXT NOT NULL,
  epoch          INTEGER NOT NULL,
  started_us     INTEGER NOT NULL,
  ended_us       INTEGER,
  status         TEXT NOT NULL CHECK (status IN ('RUNNING', 'SUCCESS', 'FAILED', 'ABORTED')),
  ingestion_date TEXT NOT NULL,
  details        TEXT NOT NULL
) STRICT;
CREATE INDEX run_unfinished ON run (job) WHERE status = 'RUNNING';

-- Topics and partitions, spelled once.
CREATE TABLE topic (
  topic_key     INTEGER PRIMARY KEY,
  name          TEXT NOT NULL,
  incarnation   TEXT NOT NULL,
  first_seen_us INTEGER NOT NULL,
  UNIQUE (name, incarnation)
) STRICT;
CREATE TABLE topic_partition (
  partition_key INTEGER PRIMARY KEY,
  topic_key     INTEGER NOT NULL REFERENCES topic,
  number        INTEGER NOT NULL CHECK (number >= 0),
  UNIQUE (topic_key, number)
) STRICT;

-- Every file that a commit has named.
CREATE TABLE file (
  file_key      INTEGER PRIMARY KEY,
  file_id       TEXT NOT NULL UNIQUE,
  kind          TEXT NOT NULL CHECK (kind IN ('bronze_part', 'bronze_compacted', 'stage', 'quarantine',
                                              'current', 'schema')),
  role          TEXT NOT NULL,
  run_key       INTEGER NOT NULL REFERENCES run,
  root          TEXT NOT NULL CHECK (root IN ('bronze', 'silver')),
  hidden        TEXT NOT NULL,
  path          TEXT NOT NULL,
  bytes         INTEGER NOT NULL CHECK (bytes >= 0),
  row_count     INTEGER NOT NULL CHECK (row_count >= 0),
  content       TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('prepared', 'published', 'superseded', 'removed')),
  committed_us  INTEGER NOT NULL,
  superseded_by TEXT,
  superseded_in TEXT,
  superseded_us INTEGER
) STRICT;
CREATE UNIQUE INDEX file_live_path ON file (root, path) WHERE state IN ('prepared', 'published');
CREATE INDEX file_prepared ON file (role) WHERE state = 'prepared';
CREATE INDEX file_superseded ON file (superseded_by) WHERE state = 'superseded';
CREATE INDEX file_live_part ON file (run_key)
  WHERE kind = 'bronze_part' AND state IN ('prepared', 'published');

-- Folders that people read, as they should look, and their old sides.
CREATE TABLE folder_view (
  view_key     INTEGER PRIMARY KEY,
  role         TEXT NOT NULL,
  root         TEXT NOT NULL,
  folder       TEXT NOT NULL,
  marker       TEXT NOT NULL,
  version      TEXT NOT NULL,
  committed_us INTEGER NOT NULL,
  published_us INTEGER,
  UNIQUE (root, folder)
) STRICT;
CREATE TABLE folder_view_link (
  view_key INTEGER NOT NULL REFERENCES folder_view ON DELETE CASCADE,
  name     TEXT NOT NULL,
  file_key INTEGER NOT NULL REFERENCES file,
  PRIMARY KEY (view_key, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX folder_view_link_file ON folder_view_link (file_key);
CREATE TABLE folder_view_text (
  view_key INTEGER NOT NULL REFERENCES folder_view ON DELETE CASCADE,
  name     TEXT NOT NULL,
  content  TEXT NOT NULL,
  PRIMARY KEY (view_key, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE aside (
  root     TEXT NOT NULL,
  path     TEXT NOT NULL,
  role     TEXT NOT NULL,
  since_us INTEGER NOT NULL,
  PRIMARY KEY (root, path)
) STRICT, WITHOUT ROWID;

-- Bronze.
CREATE TABLE bronze_position (
  partition_key INTEGER PRIMARY KEY REFERENCES topic_partition,
  next_offset   INTEGER NOT NULL CHECK (next_offset >= 0),
  updated_us    INTEGER NOT NULL
) STRICT;
CREATE TABLE bronze_file (
  file_key     INTEGER PRIMARY KEY REFERENCES file,
  topic_name   TEXT NOT NULL,
  commit_order INTEGER NOT NULL
) STRICT;
CREATE TABLE segment (
  segment_key   INTEGER PRIMARY KEY,
  partition_key INTEGER NOT NULL REFERENCES topic_partition,
  first_offset  INTEGER NOT NULL CHECK (first_offset >= 0),
  next_offset   INTEGER NOT NULL,
  record_count  INTEGER NOT NULL CHECK (record_count >= 0),
  checksum      TEXT NOT NULL,
  file_key      INTEGER NOT NULL REFERENCES bronze_file,
  place         INTEGER NOT NULL,
  UNIQUE (partition_key, first_offset),
  UNIQUE (partition_key, next_offset),
  CHECK (next_offset - first_offset >= record_count AND next_offset > first_offset)
) STRICT;
CREATE INDEX segment_file ON segment (file_key, place);
CREATE TABLE gap (
  partition_key INTEGER NOT NULL REFERENCES topic_partition,
  first_offset  INTEGER NOT NULL CHECK (first_offset >= 0),
  next_offset   INTEGER NOT NULL CHECK (next_offset > first_offset),
  reason        TEXT NOT NULL,
  recorded_us   INTEGER NOT NULL,
  PRIMARY KEY (partition_key, first_offset)
) STRICT, WITHOUT ROWID;

-- Tables and their shapes.
CREATE TABLE table_schema (
  schema_key    INTEGER PRIMARY KEY,
  schema_id     TEXT NOT NULL UNIQUE,
  source        TEXT NOT NULL,
  database_name TEXT NOT NULL,
  schema_name   TEXT NOT NULL,
  table_name    TEXT NOT NULL,
  saved_us      INTEGER NOT NULL
) STRICT;
CREATE TABLE table_schema_column (
  schema_key INTEGER NOT NULL REFERENCES table_schema,
  place      INTEGER NOT NULL,
  name       TEXT NOT NULL,
  type       TEXT NOT NULL,
  key_place  INTEGER,
  PRIMARY KEY (schema_key, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE lake_table (
  table_key     INTEGER PRIMARY KEY,
  source        TEXT NOT NULL,
  database_name TEXT NOT NULL,
  schema_name   TEXT NOT NULL,
  table_name    TEXT NOT NULL,
  path_segment  TEXT NOT NULL UNIQUE,
  state         TEXT NOT NULL CHECK (state IN ('active', 'refused', 'stopped')),
  reason        TEXT NOT NULL,
  registered_us INTEGER NOT NULL,
  UNIQUE (source, database_name, schema_name, table_name)
) STRICT;
CREATE TABLE table_topic (
  table_key  INTEGER NOT NULL REFERENCES lake_table,
  topic_name TEXT NOT NULL,
  PRIMARY KEY (table_key, topic_name)
) STRICT, WITHOUT ROWID;

-- Silver stage.
CREATE TABLE stage_position (
  partition_key INTEGER PRIMARY KEY REFERENCES topic_partition,
  next_offset   INTEGER NOT NULL CHECK (next_offset >= 0),
  updated_us    INTEGER NOT NULL
) STRICT;
CREATE TABLE stage_batch (
  batch        INTEGER PRIMARY KEY,
  run_key      INTEGER NOT NULL REFERENCES run,
  committed_us INTEGER NOT NULL
) STRICT;
CREATE TABLE stage_range (
  partition_key INTEGER NOT NULL REFERENCES topic_partition,
  first_offset  INTEGER NOT NULL CHECK (first_offset >= 0),
  next_offset   INTEGER NOT NULL CHECK (next_offset > first_offset),
  batch         INTEGER NOT NULL REFERENCES stage_batch,
  row_count     INTEGER NOT NULL CHECK (row_count >= 0),
  quarantined   INTEGER NOT NULL CHECK (quarantined >= 0),
  no_row        INTEGER NOT NULL CHECK (no_row >= 0),
  PRIMARY KEY (partition_key, first_offset)
) STRICT, WITHOUT ROWID;
CREATE INDEX stage_range_batch ON stage_range (batch);
CREATE TABLE stage_file (
  file_key   INTEGER PRIMARY KEY REFERENCES file,
  table_key  INTEGER NOT NULL REFERENCES lake_table,
  schema_key INTEGER NOT NULL REFERENCES table_schema,
  event_date TEXT NOT NULL,
  batch      INTEGER NOT NULL REFERENCES stage_batch
) STRICT;
CREATE INDEX stage_file_table ON stage_file (table_key, event_date);
CREATE TABLE stage_file_range (
  file_key      INTEGER NOT NULL REFERENCES stage_file,
  partition_key INTEGER NOT NULL REFERENCES topic_partition,
  table_key     INTEGER NOT NULL REFERENCES lake_table,
  first_offset  INTEGER NOT NULL CHECK (first_offset >= 0),
  next_offset   INTEGER NOT NULL CHECK (next_offset > first_offset),
  PRIMARY KEY (file_key, partition_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX stage_file_range_end ON stage_file_range (table_key, partition_key, next_offset);
CREATE TABLE quarantined (
  partition_key INTEGER NOT NULL REFERENCES topic_partition,
  "offset"      INTEGER NOT NULL CHECK ("offset" >= 0),
  batch         INTEGER NOT NULL REFERENCES stage_batch,
  reason        TEXT NOT NULL,
  detail        TEXT NOT NULL,
  table_key     INTEGER REFERENCES lake_table,
  file_key      INTEGER NOT NULL REFERENCES file,
  mended_us     INTEGER,
  PRIMARY KEY (partition_key, "offset")
) STRICT, WITHOUT ROWID;
CREATE INDEX quarantined_table ON quarantined (table_key) WHERE mended_us IS NULL;
CREATE TABLE stage_wait (
  partition_key INTEGER PRIMARY KEY REFERENCES topic_partition,
  "offset"      INTEGER NOT NULL CHECK ("offset" >= 0),
  source        TEXT NOT NULL,
  database_name TEXT NOT NULL,
  schema_name   TEXT NOT NULL,
  table_name    TEXT NOT NULL,
  need          TEXT NOT NULL,
  recorded_us   INTEGER NOT NULL
) STRICT;

-- Current tables.
CREATE TABLE merge_position (
  table_key     INTEGER NOT NULL REFERENCES lake_table,
  partition_key INTEGER NOT NULL REFERENCES topic_partition,
  next_offset   INTEGER NOT NULL CHECK (next_offset >= 0),
  updated_us    INTEGER NOT NULL,
  PRIMARY KEY (table_key, partition_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE current_version (
  table_key    INTEGER NOT NULL REFERENCES lake_table,
  version      INTEGER NOT NULL CHECK (version > 0),
  schema_key   INTEGER NOT NULL REFERENCES table_schema,
  run_key      INTEGER NOT NULL REFERENCES run,
  committed_us INTEGER NOT NULL,
  PRIMARY KEY (table_key, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE current_file (
  table_key       INTEGER NOT NULL REFERENCES lake_table,
  place           INTEGER NOT NULL,
  file_key        INTEGER NOT NULL UNIQUE REFERENCES file,
  key_min         BLOB NOT NULL,
  key_max         BLOB NOT NULL,
  unresolved_rows INTEGER NOT NULL CHECK (unresolved_rows >= 0),
  PRIMARY KEY (table_key, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE held_back (
  table_key INTEGER NOT NULL REFERENCES lake_table,
  place     INTEGER NOT NULL,
  line      TEXT NOT NULL,
  PRIMARY KEY (table_key, place)
) STRICT, WITHOUT ROWID;
)sql";

const char* const kTablesOfVersion2 = R"sql(
-- Where partitions ended when the source was last asked.
CREATE TABLE source_end (
  partition_key INTEGER PRIMARY KEY REFERENCES topic_partition,
  next_offset   INTEGER NOT NULL CHECK (next_offset >= 0),
  seen_us       INTEGER NOT NULL
) STRICT;

-- Partitions that are read no further.
CREATE TABLE source_stop (
  partition_key INTEGER PRIMARY KEY REFERENCES topic_partition,
  first_offset  INTEGER NOT NULL CHECK (first_offset >= 0),
  next_offset   INTEGER NOT NULL CHECK (next_offset >= first_offset),
  reason        TEXT NOT NULL,
  message       TEXT NOT NULL,
  recorded_us   INTEGER NOT NULL
) STRICT;

-- Under which leader the record before a position was written; -1: not known.
ALTER TABLE bronze_position ADD COLUMN leader_epoch INTEGER NOT NULL DEFAULT -1;

-- The connector's settings by which a table's rows were typed from outside the messages.
CREATE TABLE table_setting (
  table_key INTEGER NOT NULL REFERENCES lake_table,
  name      TEXT NOT NULL,
  value     TEXT NOT NULL,
  PRIMARY KEY (table_key, name)
) STRICT, WITHOUT ROWID;

-- Halves of key moves that were merged alone.
CREATE TABLE lost_half (
  table_key     INTEGER NOT NULL REFERENCES lake_table,
  partition_key INTEGER NOT NULL REFERENCES topic_partition,
  "offset"      INTEGER NOT NULL CHECK ("offset" >= 0),
  lost          TEXT NOT NULL CHECK (lost IN ('delete', 'create')),
  recorded_us   INTEGER NOT NULL,
  PRIMARY KEY (table_key, partition_key, "offset")
) STRICT, WITHOUT ROWID;

-- Of stage files that upkeep put together: which commits of the stage made how many of their rows.
CREATE TABLE stage_file_part (
  file_key  INTEGER NOT NULL REFERENCES stage_file,
  batch     INTEGER NOT NULL REFERENCES stage_batch,
  row_count INTEGER NOT NULL CHECK (row_count > 0),
  PRIMARY KEY (file_key, batch)
) STRICT, WITHOUT ROWID;
CREATE INDEX stage_file_part_batch ON stage_file_part (batch);

-- When a file was taken out by age: nothing replaced it, and its records count all the same.
ALTER TABLE file ADD COLUMN expired_us INTEGER;

-- A run of the stage has touched a table also where upkeep put its files together.
DROP VIEW silver_runs;
CREATE VIEW silver_runs AS
SELECT r.run_id, r.job AS job_name, coalesce(t.table_name, '') AS table_name, r.start_time, r.end_time,
       r.status, r.details
FROM run_as_text r
LEFT JOIN (SELECT run_key, table_key FROM current_version
           UNION
           SELECT b.run_key, f.table_key FROM stage_file f JOIN stage_batch b USING (batch)
           UNION
           SELECT b.run_key, f.table_key FROM stage_file_part p JOIN stage_file f USING (file_key)
           JOIN stage_batch b ON b.batch = p.batch) touched
       USING (run_key)
LEFT JOIN table_as_text t USING (table_key)
WHERE r.job IN ('silver_stage', 'silver_merge');
)sql";

}  // namespace cdclake::metadata
