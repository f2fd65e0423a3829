# shellcheck shell=bash
# Messages, and what the stack remembers about itself between two commands.

say() { printf 'stack: %s\n' "$*" >&2; }
fail() { printf 'stack: %s\n' "$*" >&2; exit 1; }
fail_usage() { printf 'stack: %s\nstack: see script/stack --help\n' "$*" >&2; exit 2; }

# wants_help ARGUMENT...: whether the first argument asks for help.
wants_help() { [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; }

# locate_state DIR: where data, logs, pid files and settings of this stack are.
locate_state() {
  state=$(realpath -m -- "$1")
  settings_file=$state/settings
}

cache=${CDCLAKE_CACHE_DIR:-$HOME/.cache/cdclake}

# Ports, password and database are chosen once a state folder, so that a restarted server is found
# where it was. The names in `env` are the ones that cdclake reads.
load_settings() {
  [ -f "$settings_file" ] || return 1
  # shellcheck source=/dev/null
  . "$settings_file"
  database_name=${STACK_DATABASE:-$database_name}
}

require_settings() {
  load_settings || fail "no stack in $state: start one with \`script/stack up\`, or name its folder with --state"
}

write_settings() {
  local ports postgres_port kafka_port controller_port connect_port
  ports=$(python3 "$live/free_ports.py" 4) || fail "no free ports on 127.0.0.1"
  read -r postgres_port kafka_port controller_port connect_port <<<"$ports"
  mkdir -p "$state"
  (
    umask 077
    printf '%s=%q\n' \
      postgres_port "${STACK_POSTGRES_PORT:-$postgres_port}" \
      kafka_port "${STACK_KAFKA_PORT:-$kafka_port}" \
      controller_port "${STACK_CONTROLLER_PORT:-$controller_port}" \
      connect_port "${STACK_CONNECT_PORT:-$connect_port}" \
      database_name source \
      database_user "${STACK_USER:-cdclake}" \
      database_password "${STACK_PASSWORD:-$(python3 -c 'import secrets; print(secrets.token_hex(12))')}" \
      >"$settings_file.new"
  )
  mv "$settings_file.new" "$settings_file"
}

print_env() {
  printf '%s=%q\n' \
    KAFKA_BOOTSTRAP "127.0.0.1:$kafka_port" \
    CONNECT_URL "http://127.0.0.1:$connect_port" \
    SOURCE_DB_HOST 127.0.0.1 \
    SOURCE_DB_PORT "$postgres_port" \
    SOURCE_DB_NAME "$database_name" \
    SOURCE_DB_USER "$database_user" \
    SOURCE_DB_PASSWORD "$database_password" \
    SOURCE_DB_SSLMODE disable
}

command_env() {
  if wants_help "$@"; then
    cat <<'END'
usage: script/stack env

Prints where things are as KEY=VALUE lines, in the names that cdclake reads:
  set -a; eval "$(script/stack env)"; set +a
END
    return
  fi
  require_settings
  print_env
}

# with_env COMMAND...: runs a command that finds the stack in its environment.
with_env() {
  local line assignments=()
  while IFS= read -r line; do
    eval "assignments+=($line)"
  done < <(print_env)
  env PYTHONDONTWRITEBYTECODE=1 "${assignments[@]}" "$@"
}

# fill_template FILE NAME=VALUE...: prints the file with each @NAME@ replaced.
fill_template() {
  local text name
  text=$(<"$1")
  shift
  for name in "$@"; do
    text=${text//@${name%%=*}@/${name#*=}}
  done
  printf '%s\n' "$text"
}
