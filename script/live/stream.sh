# shellcheck shell=bash
# The source tables and the connectors of a running stack.

require_running() {
  local server
  require_settings
  for server in "$@"; do
    is_running "$server" || fail "$server does not run: start it with \`script/stack up\`"
  done
}

command_psql() {
  if wants_help "$@"; then
    printf '%s\n' 'usage: script/stack psql [ARGUMENT...]' '' \
      'psql on the source database; it stops at the first error.' \
      "  script/stack psql -c 'SELECT count(*) FROM users'"
    return
  fi
  require_running postgres
  run_psql "$database_name" "$@"
}

command_schema() {
  if wants_help "$@"; then
    printf '%s\n' 'usage: script/stack schema' '' \
      'Creates the database, public.users and public.orders (script/live/schema.sql) where they' \
      'are missing.'
    return
  fi
  [ $# = 0 ] || fail_usage "schema: unknown argument: $1"
  require_running postgres
  create_database
  PGOPTIONS='-c client_min_messages=warning' run_psql "$database_name" -qf "$live/schema.sql"
}

command_load() {
  if [[ " $* " == *" --help "* || " $* " == *" -h "* ]]; then
    python3 "$live/load.py" --help
    return
  fi
  command_schema
  with_env python3 "$live/load.py" "$@"
}

# run_connector_command ARGUMENT...: the path lets it create topics before the connector does.
run_connector_command() {
  if [[ " $* " == *" --help "* || " $* " == *" -h "* ]]; then
    python3 "$live/connector.py" "$@"
    return
  fi
  require_running postgres kafka connect
  STACK_COMMAND=$repo/script/stack STACK_STATE=$state with_env python3 "$live/connector.py" "$@"
}

command_connector() {
  [ $# != 0 ] || set -- --help
  run_connector_command connector "$@"
}

command_fence() {
  [ $# != 0 ] || set -- --help
  run_connector_command fence "$@"
}
