# shellcheck shell=bash
# Sourced by script/demo and script/demo_live.sh: how they speak, and the four stages one by one.
# $program is cdclake, $python a Python with DuckDB.
demo_tables=(public.users public.orders)

if [ -t 1 ]; then
  say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
else
  say() { printf '\n%s\n' "$*"; }
fi
fail() { printf 'demo: %s\n' "$*" >&2; exit 1; }

# use_new_lake FOLDER: an empty lake there, for every command that follows.
use_new_lake() {
  lake=$1
  rm -rf "$lake"
  export BRONZE_BASE_PATH=$lake/bronze SILVER_BASE_PATH=$lake/silver
  export METADATA_DB=$lake/metadata/pipeline_meta.sqlite LOG_BASE_PATH=$lake/logs
}

# run_the_stages WRITE-OPTION...: each stage once, and what its layer holds then.
run_the_stages() {
  local table bronze="$BRONZE_BASE_PATH/cdc/**/*.parquet"
  say "bronze write: every record, byte for byte (in small batches, to show what compaction does)"
  "$program" bronze write --once "$@"
  "$python" script/show_layer.py "Bronze" "$bronze" "value IS NOT NULL"

  say "bronze compact: the small files of the run become one"
  "$program" bronze compact --once
  "$python" script/show_layer.py "Bronze" "$bronze"

  say "silver stage: typed changes, by table and date"
  "$program" silver stage --once
  for table in "${demo_tables[@]}"; do
    "$python" script/show_layer.py "stage, $table" \
      "$SILVER_BASE_PATH/stage_events/table=$table/**/*.parquet" "_op = 'u'"
  done

  say "silver merge: the newest row of every key"
  "$program" silver merge --once
  "$program" status
}

# compare_with_dump FOLDER OPTION...: sets verdict, to 0 if every table is equal to its dump.
compare_with_dump() {
  verdict=0
  "$python" script/compare_with_dump.py --silver "$SILVER_BASE_PATH" --dump "$@" || verdict=$?
}

say_what_next() {
  say "Where it is, and what to type next"
  cat <<END
  $lake/bronze                 the raw history
  $lake/silver/stage_events    every change, typed
  $lake/silver/current         the tables

  $program path --table public.users --silver-base $SILVER_BASE_PATH --metadata-db $METADATA_DB
  $python -c "import duckdb; duckdb.sql(\\"\\"\\"
    SELECT status, count(*), sum($1)
    FROM read_parquet('$SILVER_BASE_PATH/current/table=public.orders/*.parquet', hive_partitioning=false)
    GROUP BY status ORDER BY status\\"\\"\\").show()"
END
}
