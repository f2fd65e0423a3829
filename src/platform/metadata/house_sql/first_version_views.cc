#include "platform/metadata/house_sql/schema_sql.h"

namespace cdclake::metadata {

/// Times are text of whole seconds in UTC, a run that goes on is STARTED, a killed one FAILED, and
/// a table of the schema `public` has its bare name, all as the first version wrote them.
const char* const kFirstVersionViews = R"sql(
CREATE VIEW run_as_text AS
SELECT run_key, run_id, job, details,
       strftime('%Y-%m-%dT%H:%M:%S+00:00', started_us / 1000000, 'unixepoch') AS start_time,
       strftime('%Y-%m-%dT%H:%M:%S+00:00', ended_us / 1000000, 'unixepoch') AS end_time,
       CASE status WHEN 'RUNNING' THEN 'STARTED' WHEN 'ABORTED' THEN 'FAILED' ELSE status END AS status
FROM run;

CREATE VIEW pipeline_runs AS
SELECT run_id, start_time, end_time, status, details FROM run_as_text WHERE job = 'bronze_write';

CREATE VIEW cdc_checkpoints AS
SELECT t.name AS topic, p.number AS "partition", b.next_offset - 1 AS last_committed_offset,
       strftime('%Y-%m-%dT%H:%M:%S+00:00', b.updated_us / 1000000, 'unixepoch') AS updated_at
FROM bronze_position b
JOIN topic_partition p USING (partition_key)
JOIN topic t USING (topic_key)
WHERE b.next_offset > 0
  AND t.topic_key = (SELECT max(newest.topic_key) FROM topic newest WHERE newest.name = t.name);

CREATE VIEW table_as_text AS
SELECT table_key, CASE schema_name WHEN 'public' THEN table_name
                                   ELSE schema_name || '.' || table_name END AS table_name
FROM lake_table;

CREATE VIEW silver_runs AS
SELECT r.run_id, r.job AS job_name, coalesce(t.table_name, '') AS table_name, r.start_time, r.end_time,
       r.status, r.details
FROM run_as_text r
LEFT JOIN (SELECT run_key, table_key FROM current_version
           UNION
           SELECT b.run_key, f.table_key FROM stage_file f JOIN stage_batch b USING (batch)) touched
       USING (run_key)
LEFT JOIN table_as_text t USING (table_key)
WHERE r.job IN ('silver_stage', 'silver_merge');

-- A date counts as processed when the merge has passed every staged row of it.
CREATE VIEW silver_partitions_processed AS
SELECT row_number() OVER (ORDER BY s.table_key, s.event_date) AS id, 'silver_merge' AS job_name,
       t.table_name, s.event_date,
       strftime('%Y-%m-%dT%H:%M:%S+00:00', v.committed_us / 1000000, 'unixepoch') AS processed_at,
       r.run_id, s.rows_in,
       (SELECT coalesce(sum(f.row_count), 0) FROM current_file c JOIN file f USING (file_key)
        WHERE c.table_key = s.table_key) AS rows_out,
       (SELECT count(*) FROM quarantined q
        WHERE q.table_key = s.table_key AND q.mended_us IS NULL) AS bad_rows
FROM (SELECT d.table_key, d.event_date, sum(f.row_count) AS rows_in,
             max(EXISTS (SELECT 1 FROM stage_file_range o
                         LEFT JOIN merge_position m USING (table_key, partition_key)
                         WHERE o.file_key = d.file_key
                           AND o.next_offset > coalesce(m.next_offset, 0))) AS is_open
      FROM stage_file d JOIN file f USING (file_key)
      GROUP BY d.table_key, d.event_date) s
JOIN table_as_text t USING (table_key)
JOIN current_version v ON v.table_key = s.table_key
 AND v.version = (SELECT max(n.version) FROM current_version n WHERE n.table_key = s.table_key)
JOIN run r ON r.run_key = v.run_key
WHERE NOT s.is_open;
)sql";

}  // namespace cdclake::metadata
