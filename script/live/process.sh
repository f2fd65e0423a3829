# shellcheck shell=bash
# Processes that outlive the command which starts them. A pid file holds the pid and the start time
# of the process, so that a later process of the same pid is never taken for ours.

# start_time_of PID: prints it in clock ticks; fails when the process is gone or a zombie.
start_time_of() {
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra fields <<<"${stat##*) }"
  [ "${fields[0]}" != Z ] && printf '%s\n' "${fields[19]}"
}

remember_process() {
  local name=$1 pid=$2
  printf '%s %s\n' "$pid" "$(start_time_of "$pid")" >"$state/$name.pid"
}

# pid_of NAME: prints the pid of a process that we started and that still runs.
pid_of() {
  local pid started
  read -r pid started 2>/dev/null <"$state/$1.pid" || return 1
  [ "$(start_time_of "$pid")" = "$started" ] && printf '%s\n' "$pid"
}

is_running() { pid_of "$1" >/dev/null; }

# start_process NAME LOG COMMAND...: in a session of its own, with the log of this start only.
start_process() {
  local name=$1 log=$2
  shift 2
  if [ -s "$log" ]; then mv "$log" "$log.previous"; fi
  setsid "$@" >"$log" 2>&1 </dev/null 9>&- &
  remember_process "$name" $!
}

# wait_until_ready NAME LOG SECONDS COMMAND...: until the command succeeds.
wait_until_ready() {
  local name=$1 log=$2 deadline=$((SECONDS + $3))
  shift 3
  until "$@"; do
    is_running "$name" || fail_with_log "$log" "$name ended while it started"
    [ "$SECONDS" -lt "$deadline" ] || fail_with_log "$log" "$name was not ready in time"
    sleep 0.2
  done
}

# fail_with_log LOG MESSAGE: the lines that name an error, each once, or else the last ones.
fail_with_log() {
  local log=$1
  shift
  say "$*; from $log:"
  { grep -E ' ERROR |FATAL|^\[ERROR\]|^Caused by|could not|^E: ' "$log" || cat "$log"; } 2>/dev/null |
    grep -v ' WARN ' | awk '!seen[$0]++' | tail -n 12 | cut -c1-600 | sed 's/^/  | /' >&2
  if grep -q 'Address already in use' "$log" 2>/dev/null; then
    say "a port is taken: \`script/stack down --clean\` chooses others, or set STACK_POSTGRES_PORT," \
      "STACK_KAFKA_PORT, STACK_CONTROLLER_PORT or STACK_CONNECT_PORT before \`up\`"
  fi
  exit 1
}

# stop_process NAME SECONDS: asks with SIGTERM, then insists with SIGKILL.
stop_process() {
  local name=$1 deadline=$((SECONDS + $2)) pid
  if pid=$(pid_of "$name"); then
    kill -TERM "$pid" 2>/dev/null || true
    while is_running "$name" && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.1; done
    kill_process "$name"
  fi
  rm -f "$state/$name.pid"
}

# kill_process NAME: returns when its children, who notice its death themselves, are gone too.
kill_process() {
  local pid child children
  if pid=$(pid_of "$1"); then
    children=$(ps -o pid= --ppid "$pid" || true)
    kill -KILL "$pid" 2>/dev/null || true
    for child in "$pid" $children; do
      while start_time_of "$child" >/dev/null; do sleep 0.1; done
    done
  fi
  rm -f "$state/$1.pid"
}

# memory_of NAME: megabytes of the process and its children.
memory_of() {
  local pid
  pid=$(pid_of "$1") || return 0
  ps -o rss= -p "$pid" --ppid "$pid" | awk '{sum += $1} END {printf "%d\n", sum / 1024}'
}
