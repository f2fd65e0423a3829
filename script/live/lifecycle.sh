# shellcheck shell=bash
# up, down and status: the three servers together.

servers=(postgres kafka connect)

# Two commands on one state folder take turns. Servers do not inherit the lock.
lock_state() {
  mkdir -p "$state"
  exec 9>"$state/lock"
  flock -w 300 9 || fail "another script/stack works on $state"
}

command_up() {
  if wants_help "$@"; then
    cat <<'END'
usage: script/stack up

Starts what does not run yet and waits until it answers; when all runs, nothing happens. Data of an
earlier run in the same state folder is used again. When a server does not start, those that this
command started are stopped, and the lines of the log that tell why are shown.

STACK_KAFKA_HEAP and STACK_CONNECT_HEAP set the heaps (384m, 512m). STACK_USER and STACK_PASSWORD
take effect when a state folder is new, like the ports (script/stack --help).
END
    return
  fi
  [ $# = 0 ] || fail_usage "up: unknown argument: $1"
  prepare all
  lock_state
  load_settings || { write_settings; load_settings; }
  start_missing_servers
  print_places
}

start_missing_servers() {
  local began=$SECONDS server
  started=()
  trap 'stop_started $?' EXIT
  trap 'exit 130' INT TERM
  # The Java servers take longest and find each other, so PostgreSQL starts beside them.
  for server in kafka connect postgres; do
    is_running "$server" && continue
    say "starting $server"
    started+=("$server")
    "start_$server"
  done
  wait_until_ready kafka "$state/kafka/log" 120 kafka_is_ready
  wait_until_ready connect "$state/connect/log" 120 connect_is_ready
  trap - EXIT INT TERM
  if [ ${#started[@]} = 0 ]; then
    say "all servers run already"
  else
    say "ready after $((SECONDS - began)) s"
  fi
}

stop_started() {
  local status=$1 server
  trap - EXIT INT TERM
  if [ "$status" != 0 ] && [ ${#started[@]} != 0 ]; then
    say "stopping what was started: ${started[*]}"
    for server in connect kafka postgres; do
      case " ${started[*]} " in *" $server "*) stop_server "$server" 5 ;; esac
    done
  fi
  exit "$status"
}

stop_server() {
  local server=$1 seconds=$2
  case $server in
    postgres) stop_postgres ;;
    *) stop_java_server "$server" "$seconds" ;;
  esac
}

command_down() {
  local clean=no how=stop chosen=() server
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) help_down; return ;;
      --clean) clean=yes ;;
      --kill) how=kill ;;
      postgres | kafka | connect) chosen+=("$1") ;;
      *) fail_usage "down: unknown argument: $1" ;;
    esac
    shift
  done
  if [ ! -d "$state" ]; then say "nothing runs in $state"; return; fi
  [ ${#chosen[@]} != 0 ] || chosen=("${servers[@]}")
  lock_state
  # Connect first: it writes its positions to Kafka and reads from PostgreSQL.
  for server in connect kafka postgres; do
    case " ${chosen[*]} " in *" $server "*) take_down "$server" "$how" ;; esac
  done
  if [ "$clean" = yes ]; then delete_state; fi
}

help_down() {
  cat <<'END'
usage: script/stack down [--clean] [--kill] [postgres|kafka|connect ...]

Stops the servers that `up` started in this state folder, or only those named, and no other process.
What runs no longer is no fault. Data stays, so `up` continues with it.

  --clean   delete the state folder with all data afterwards
  --kill    SIGKILL instead of an orderly stop, to test what a crash does
END
}

take_down() {
  local server=$1 how=$2
  is_running "$server" || { rm -f "$state/$server.pid"; return 0; }
  say "stopping $server"
  if [ "$how" = kill ]; then kill_process "$server"; else stop_server "$server" 30; fi
}

delete_state() {
  local server
  for server in "${servers[@]}"; do
    is_running "$server" && fail "$server still runs, so $state stays: stop all of them"
  done
  # Only a folder that holds our settings is ours to delete.
  [ -f "$settings_file" ] || { rm -f "$state/lock"; return 0; }
  locate_postgres
  rm -rf "$postgres_home" "$state"
  say "deleted $state"
}

print_places() {
  cat <<END
PostgreSQL  127.0.0.1:$postgres_port, database $database_name, user $database_user
Kafka       127.0.0.1:$kafka_port
Connect     http://127.0.0.1:$connect_port
state       $state
END
}

command_status() {
  local server pid down=0
  if wants_help "$@"; then
    printf '%s\n' 'usage: script/stack status' '' \
      'Shows each server and connector. Exit code 0 when all servers run, 3 otherwise.'
    return
  fi
  if ! load_settings; then say "no stack in $state"; return 3; fi
  for server in "${servers[@]}"; do
    if pid=$(pid_of "$server"); then
      printf '%-9s running, pid %s, %s MB\n' "$server" "$pid" "$(memory_of "$server")"
    else
      printf '%-9s stopped\n' "$server"
      down=3
    fi
  done
  if is_running connect; then with_env python3 "$live/connector.py" list || down=3; fi
  print_places
  return "$down"
}
