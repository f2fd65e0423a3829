#!/usr/bin/env bash
# Runs one Java server of the live stack as the main process of a container, with the settings of
# script/live that script/stack uses too.
#
#   deploy/live_server.sh kafka|connect
#
# LISTENERS, ADVERTISED_LISTENERS and CONTROLLER (kafka), KAFKA_BOOTSTRAP and LISTENER (connect) say
# where; HEAP how much memory; DATA where Kafka keeps its records.
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
live=$repo/script/live
# shellcheck source=script/live/settings.sh
. "$live/settings.sh"
# shellcheck source=script/live/prepare.sh
. "$live/prepare.sh"
# shellcheck source=script/live/servers.sh
. "$live/servers.sh"

locate_artefacts
find_java || fail "no Java 17 or later in this image"
settings=$(mktemp)
server=("$java" "-Xmx${HEAP:-512m}" -XX:+UseSerialGC
  "-Dlog4j2.configurationFile=$live/log4j2.properties" -cp "$artefacts/jars/*")

case ${1:-} in
  kafka)
    : "${DATA:=/var/lib/kafka}"
    fill_template "$live/broker.properties.in" "LISTENERS=${LISTENERS:?}" "CONTROLLER=${CONTROLLER:?}" \
      "ADVERTISED_LISTENERS=${ADVERTISED_LISTENERS:?}" "DATA=$DATA" >"$settings"
    if [ ! -f "$DATA/meta.properties" ]; then
      "${server[@]}" -Dstack.log.level=error kafka.tools.StorageTool format --standalone \
        --cluster-id "$(new_cluster_id)" -c "$settings"
    fi
    exec "${server[@]}" kafka.Kafka "$settings"
    ;;
  connect)
    fill_template "$live/worker.properties.in" "KAFKA_BOOTSTRAP=${KAFKA_BOOTSTRAP:?}" \
      "LISTENER=${LISTENER:?}" "PLUGINS=$artefacts/plugins" >"$settings"
    exec "${server[@]}" org.apache.kafka.connect.cli.ConnectDistributed "$settings"
    ;;
  *) fail "usage: deploy/live_server.sh kafka|connect" ;;
esac
