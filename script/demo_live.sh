# shellcheck shell=bash
# Sourced by script/demo --live: rows that change in PostgreSQL arrive in the lake, through a real
# Debezium and a real Kafka. The servers are its own, and go whatever happens. Sets verdict.
export STACK_STATE=$PWD/build/demo/stack
dump=build/demo/live_dump
changes_before=1000 changes_at_first=500 changes_meanwhile=4000 changes_a_second=1000

stop_the_servers() {
  trap '' INT TERM
  if [ -n "${service:-}" ]; then
    kill -TERM "$service" 2>/dev/null || true
    wait "$service" || true
  fi
  say "Stopping what was started"
  script/stack down --clean
}

say "PostgreSQL, Kafka and Debezium start"
trap 'stop_the_servers; say "$name: FAILED"' EXIT
trap 'exit 130' INT TERM
script/stack down --clean # What a demo left that was killed.
script/stack up
set -a
eval "$(script/stack env)"
TOPICS='^shop[.]public[.].*'
CDCLAKE_CONNECTOR_CONFIG=$CONNECT_URL/connectors/demo
set +a

say "Two tables with data; Debezium takes their rows, and from then on every change"
script/stack load --changes "$changes_before" --seed 1
script/stack connector demo --tables public.users,public.orders --prefix shop --partitions 4
script/stack load --changes "$changes_at_first" --seed 2
script/stack fence demo

say "The pipeline reads shop.public.users and shop.public.orders, four partitions each"
use_new_lake build/demo/live_lake
run_the_stages --batch-size 200

say "cdclake run keeps going, while rows are inserted, updated, deleted and given other keys"
"$program" run --flush-seconds 1 &
service=$!
script/stack load --changes "$changes_meanwhile" --seed 3 --rate "$changes_a_second"
script/stack fence demo
kill -TERM "$service"
wait "$service"
service=

say "It was stopped, more has changed since, and one more pass takes the rest"
script/stack load --changes 300 --seed 4
script/stack fence demo
"$program" run --once
"$program" status --check

say "The current tables, compared with PostgreSQL row by row"
rm -rf "$dump"
mkdir -p "$dump"
for table in "${demo_tables[@]}"; do
  script/stack psql -qc \
    "\\copy (SELECT * FROM $table) TO '$dump/$table.csv' WITH (FORMAT csv, HEADER, FORCE_QUOTE *)"
done
compare_with_dump "$dump"

stop_the_servers
trap 'say "$name: FAILED"' EXIT
trap - INT TERM
