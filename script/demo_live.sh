#!/usr/bin/env bash
# script/demo --live: rows that change in PostgreSQL arrive in the lake, through real Debezium and
# real Kafka. Starts its own servers and stops them; called by script/demo, which has built.
set -euo pipefail

program=$1 python=$2
export STACK_STATE=$PWD/build/demo/stack
lake=build/demo/live_lake
topics='^shop[.]public[.].*'
changes_before=2000 changes_after=3000

say() { printf '\n%s\n' "$*"; }
stack() { script/stack "$@"; }
one_pass() {
  stack fence demo
  "$program" run --once --topics "$topics" --connector-config "$CONNECT_URL/connectors/demo"
}

say "1. PostgreSQL, Kafka and Debezium"
rm -rf "$lake"
trap 'stack down --clean' EXIT
stack up
set -a
eval "$(stack env)"
set +a
export BRONZE_BASE_PATH=$lake/bronze SILVER_BASE_PATH=$lake/silver
export METADATA_DB=$lake/metadata/pipeline_meta.sqlite LOG_BASE_PATH=$lake/logs

say "2. two tables with data, and a connector on them (topics of four partitions)"
stack schema
stack load --changes "$changes_before" --seed 1
stack connector demo --tables public.users,public.orders --prefix shop --partitions 4

say "3. the pipeline takes the snapshot"
one_pass
"$program" status

say "4. inserts, updates, deletes and key moves in PostgreSQL; the pipeline runs again"
stack load --changes "$changes_after" --seed 2
one_pass
"$program" status --check

say "5. the current tables, compared with PostgreSQL row by row"
dump=build/demo/live_dump
rm -rf "$dump" && mkdir -p "$dump"
for table in public.users public.orders; do
  stack psql -c "\\copy (SELECT * FROM $table) TO '$dump/$table.csv' WITH (FORMAT csv, HEADER, FORCE_QUOTE *)"
done
"$python" script/compare_with_dump.py --silver "$SILVER_BASE_PATH" --dump "$dump"
