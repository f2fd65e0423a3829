# shellcheck shell=bash
# Topics of a running stack, by Kafka's own command line tools.

help_topic() {
  cat <<'END'
usage: script/stack topic ACTION ...

  list
  create NAME [--partitions N] [--set KEY=VALUE ...]
                              no fault when it is there with as many partitions
  delete NAME...              no fault when it is not there
  describe NAME
  add-partitions NAME TOTAL
  set NAME KEY=VALUE...       retention.ms=1000, segment.ms=1000, cleanup.policy=compact, ...
  trim NAME PARTITION OFFSET  delete the records before OFFSET, as retention would
  offsets REGEX               lines of topic, partition, first offset, end offset, and their total
  group GROUP                 what a consumer group was told: topic, partition, next offset
  read NAME [--max N]         print records from the beginning (10): partition, offset, key, value

Each call starts a Java program and takes about half a second.
END
}

topic_tool() {
  local main=$1
  shift
  run_kafka_tool tools "org.apache.kafka.tools.$main" --bootstrap-server "127.0.0.1:$kafka_port" "$@"
}

# The tools take a name as a regular expression, except where they create it.
as_regex() { printf '%s\n' "${1//./\\.}"; }

command_topic() {
  local action=${1:-}
  if [ -z "$action" ] || [[ " $* " == *" --help "* || " $* " == *" -h "* ]]; then
    help_topic
    return
  fi
  shift
  require_running kafka
  locate_artefacts
  find_java || fail "no Java 17 or later found: set JAVA_HOME"
  case $action in
    list) topic_tool TopicCommand --list ;;
    create) create_topic "$@" ;;
    delete) delete_topics "$@" ;;
    describe) topic_tool TopicCommand --describe --topic "$(as_regex "${1:?topic describe wants NAME}")" ;;
    add-partitions) add_partitions "$@" ;;
    set) set_topic "$@" ;;
    trim) trim_topic "$@" ;;
    offsets) print_offsets "$@" ;;
    group) print_group "$@" ;;
    read) read_topic "$@" ;;
    *) fail_usage "topic: unknown action: $action" ;;
  esac
}

create_topic() {
  local name=${1:?topic create wants NAME} partitions=1 settings=() output found
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --partitions) partitions=${2:?--partitions wants a number}; shift 2 ;;
      --set) settings+=(--config "${2:?--set wants KEY=VALUE}"); shift 2 ;;
      *) fail_usage "topic create: unknown argument: $1" ;;
    esac
  done
  output=$(topic_tool TopicCommand --create --topic "$name" --partitions "$partitions" \
    --replication-factor 1 ${settings[@]+"${settings[@]}"} 2>&1) && return
  [[ $output == *"already exists"* ]] || fail "topic $name could not be created: $output"
  found=$(topic_tool TopicCommand --describe --topic "$(as_regex "$name")" |
    sed -n 's/.*PartitionCount: *\([0-9]*\).*/\1/p')
  [ "$found" = "$partitions" ] ||
    fail "topic $name is there with $found partitions, not $partitions: delete it, or add partitions"
}

delete_topics() {
  local name
  [ $# != 0 ] || fail_usage "topic delete wants NAME..."
  for name in "$@"; do
    topic_tool TopicCommand --delete --if-exists --topic "$(as_regex "$name")"
  done
}

add_partitions() {
  [ $# = 2 ] || fail_usage "topic add-partitions wants NAME TOTAL"
  topic_tool TopicCommand --alter --topic "$(as_regex "$1")" --partitions "$2"
}

set_topic() {
  local name=${1:?topic set wants NAME KEY=VALUE...} setting list=''
  shift
  [ $# != 0 ] || fail_usage "topic set wants NAME KEY=VALUE..."
  for setting in "$@"; do list+=,${setting%%=*}=[${setting#*=}]; done
  run_kafka_tool tools kafka.admin.ConfigCommand --bootstrap-server "127.0.0.1:$kafka_port" \
    --alter --entity-type topics --entity-name "$name" --add-config "${list#,}"
}

trim_topic() {
  [ $# = 3 ] || fail_usage "topic trim wants NAME PARTITION OFFSET"
  local output
  output=$(topic_tool DeleteRecordsCommand --offset-json-file <(
    printf '{"version": 1, "partitions": [{"topic": "%s", "partition": %d, "offset": %d}]}\n' "$@"
  ))
  [[ $output != *error:* ]] || fail "$1, partition $2 could not be trimmed: ${output##*error: }"
}

print_offsets() {
  local pattern=${1:?topic offsets wants REGEX}
  awk -F: '
    NR == FNR { first[$1 ":" $2] = $3; next }
    { printf "%s\t%d\t%d\t%d\n", $1, $2, first[$1 ":" $2], $3; total += $3 - first[$1 ":" $2] }
    END { printf "total\t%d\n", total; exit NR == 0 }' \
    <(topic_tool GetOffsetShell --topic-partitions "$pattern" --time earliest) \
    <(topic_tool GetOffsetShell --topic-partitions "$pattern" --time latest 2>/dev/null)
}

print_group() {
  local group=${1:?topic group wants GROUP}
  topic_tool consumer.group.ConsumerGroupCommand --describe --offsets --group "$group" 2>/dev/null |
    awk -v group="$group" '$1 == group && $4 ~ /^[0-9]+$/ { print $2 "\t" $3 "\t" $4 }'
}

read_topic() {
  local name=${1:?topic read wants NAME} count=10
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --max) count=${2:?--max wants a number}; shift 2 ;;
      *) fail_usage "topic read: unknown argument: $1" ;;
    esac
  done
  topic_tool consumer.ConsoleConsumer --topic "$name" --from-beginning --max-messages "$count" \
    --timeout-ms 3000 --formatter-property print.partition=true \
    --formatter-property print.offset=true --formatter-property print.key=true 2>/dev/null
}
