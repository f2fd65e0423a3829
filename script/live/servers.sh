# shellcheck shell=bash
# How each of the three servers is set up, started, found ready and stopped.

# java_command NAME HEAP OPTION... MAIN ARGUMENT...: sets java_argv. The first clean exit of NAME
# leaves an archive of its loaded classes at new_classes; with it, later starts take half the time.
java_command() {
  local name=$1 heap=$2
  shift 2
  java_argv=("$java" "-Xmx$heap" -XX:+UseSerialGC '-Xlog:cds*=error'
    "-Dlog4j2.configurationFile=$live/log4j2.properties" -cp "$artefacts/jars/*")
  new_classes=
  class_archive=$artefacts/classes/$name-$(sha256sum <<<"$java_version" | cut -c1-12).jsa
  if [ -f "$class_archive" ]; then
    java_argv+=("-XX:SharedArchiveFile=$class_archive")
  else
    new_classes=$class_archive.$BASHPID
    java_argv+=("-XX:ArchiveClassesAtExit=$new_classes")
  fi
  java_argv+=("$@")
}

# keep_classes ARCHIVE: makes the archive that a process left at its exit the one to use.
keep_classes() {
  if [ -s "$1" ]; then mv "$1" "${1%.*}"; fi
}

# start_java_server NAME HEAP MAIN ARGUMENT...
start_java_server() {
  local name=$1
  java_command "$@"
  printf '%s\n' "$new_classes" >"$state/$name/new_classes"
  start_process "$name" "$state/$name/log" "${java_argv[@]}"
}

stop_java_server() {
  local name=$1
  stop_process "$@"
  if [ -f "$state/$name/new_classes" ]; then keep_classes "$(<"$state/$name/new_classes")"; fi
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && runuser -u postgres -- env PATH="$(postgres_folder):$PATH" LC_ALL=C.UTF-8 "$@")
  else
    PATH="$(postgres_folder):$PATH" LC_ALL=C.UTF-8 "$@"
  fi
}

# locate_postgres: sets postgres_home. It is a link out of the state folder where user postgres
# cannot get at that, for example below root's home.
locate_postgres() {
  local outside
  if [ ! -e "$state/postgres" ]; then
    mkdir -p "$state/postgres"
    if [ "$(id -u)" = 0 ]; then
      chown postgres: "$state/postgres"
      if ! as_postgres test -w "$state/postgres"; then
        outside=$(mktemp -d "${TMPDIR:-/tmp}/cdclake-postgres.XXXXXX")
        chown postgres: "$outside"
        rmdir "$state/postgres"
        ln -s "$outside" "$state/postgres"
      fi
    fi
  fi
  postgres_home=$(realpath "$state/postgres")
  postgres_data=$postgres_home/data
  postgres_log=$postgres_home/log
}

# The data folder counts once initdb and the database are complete.
create_postgres_data() {
  local password_file=$postgres_home/password
  as_postgres rm -rf "$postgres_data.new"
  printf '%s\n' "$database_password" |
    as_postgres sh -c 'umask 077 && cat >"$1"' sh "$password_file"
  as_postgres initdb -D "$postgres_data.new" -U "$database_user" -A scram-sha-256 -E UTF8 \
    --locale=C.UTF-8 --no-sync --no-instructions \
    --pwfile="$password_file" >"$state/initdb.log" 2>&1 ||
    fail_with_log "$state/initdb.log" "initdb failed"
  as_postgres rm "$password_file"
  as_postgres tee -a "$postgres_data.new/postgresql.conf" <"$live/postgresql.conf" >/dev/null
  as_postgres mv "$postgres_data.new" "$postgres_data"
}

# After a crash, the lock file names a postmaster that may be a zombie, which PostgreSQL takes for
# alive. It goes once no process works in the data folder any more.
clear_after_crash() {
  local pid deadline=$((SECONDS + 10))
  pid=$(as_postgres head -n 1 "$postgres_data/postmaster.pid" 2>/dev/null) || return 0
  if start_time_of "$pid" >/dev/null; then return; fi
  while [ -n "$(find /proc -maxdepth 2 -name cwd -lname "$postgres_data" 2>/dev/null)" ]; do
    [ "$SECONDS" -lt "$deadline" ] || fail "processes of a crashed PostgreSQL still use $postgres_data"
    sleep 0.1
  done
  as_postgres rm "$postgres_data/postmaster.pid"
}

start_postgres() {
  locate_postgres
  as_postgres test -d "$postgres_data" || create_postgres_data
  clear_after_crash
  as_postgres rm -f "$postgres_log"
  as_postgres pg_ctl start --silent -w -t 60 -D "$postgres_data" -l "$postgres_log" \
    -o "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=" \
    >/dev/null 2>&1 9>&- || fail_with_log "$postgres_log" "PostgreSQL did not start"
  remember_process postgres "$(as_postgres head -n 1 "$postgres_data/postmaster.pid")"
  create_database
}

create_database() {
  local exists
  exists=$(run_psql postgres -Atc "SELECT 1 FROM pg_database WHERE datname = '$database_name'")
  [ -n "$exists" ] || run_psql postgres -qc "CREATE DATABASE \"$database_name\""
}

stop_postgres() {
  locate_postgres
  if is_running postgres; then
    as_postgres pg_ctl stop --silent -w -t 30 -m fast -D "$postgres_data" ||
      as_postgres pg_ctl stop --silent -w -m immediate -D "$postgres_data" || kill_process postgres
  fi
  rm -f "$state/postgres.pid"
}

# run_psql DATABASE ARGUMENT...: stops at the first error, whatever the user's own psqlrc says.
run_psql() {
  local name=$1
  shift
  PGPASSWORD=$database_password PGCLIENTENCODING=UTF8 psql -X -v ON_ERROR_STOP=1 \
    -h 127.0.0.1 -p "$postgres_port" -U "$database_user" -d "$name" "$@"
}

new_cluster_id() {
  python3 -c 'import base64, uuid; print(base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[:22])'
}

format_kafka_storage() {
  local id
  [ ! -f "$state/kafka/data/meta.properties" ] || return 0
  id=$(new_cluster_id)
  run_kafka_tool format kafka.tools.StorageTool format --cluster-id "$id" --standalone \
    -c "$state/kafka/broker.properties" >"$state/kafka/format.log" 2>&1 ||
    fail_with_log "$state/kafka/format.log" "Kafka's storage could not be formatted"
}

start_kafka() {
  mkdir -p "$state/kafka"
  local listener=PLAINTEXT://127.0.0.1:$kafka_port
  fill_template "$live/broker.properties.in" "LISTENERS=$listener" \
    "ADVERTISED_LISTENERS=$listener" "CONTROLLER=127.0.0.1:$controller_port" \
    "DATA=$state/kafka/data" >"$state/kafka/broker.properties"
  format_kafka_storage
  start_java_server kafka "${STACK_KAFKA_HEAP:-384m}" kafka.Kafka "$state/kafka/broker.properties"
}

kafka_is_ready() { grep -q 'Kafka Server started' "$state/kafka/log"; }

start_connect() {
  mkdir -p "$state/connect"
  fill_template "$live/worker.properties.in" "KAFKA_BOOTSTRAP=127.0.0.1:$kafka_port" \
    "LISTENER=127.0.0.1:$connect_port" "PLUGINS=$artefacts/plugins" >"$state/connect/worker.properties"
  start_java_server connect "${STACK_CONNECT_HEAP:-512m}" \
    org.apache.kafka.connect.cli.ConnectDistributed "$state/connect/worker.properties"
}

connect_is_ready() { with_env python3 "$live/connector.py" health; }

# run_kafka_tool NAME MAIN ARGUMENT...: one of Kafka's command line tools, about half a second.
run_kafka_tool() {
  local name=$1 status=0
  shift
  java_command "$name" 128m -XX:TieredStopAtLevel=1 -Dstack.log.level=off "$@"
  "${java_argv[@]}" || status=$?
  keep_classes "$new_classes"
  return "$status"
}
