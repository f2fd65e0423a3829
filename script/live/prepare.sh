# shellcheck shell=bash
# What the stack is made of: system packages, and Java artefacts in a cache of their own.

# locate_artefacts: sets artefacts, a folder whose key changes with what it should hold.
locate_artefacts() {
  artefacts=$cache/stack-$(cat "$live/pom.xml" "$live/artefacts.sha256" | sha256sum | cut -c1-16)
}

postgres_folder() { printf '%s\n' "${STACK_POSTGRES_BIN:-/usr/lib/postgresql/15/bin}"; }

# find_java: sets java to a runtime of version 17 or later.
find_java() {
  local candidate major
  for candidate in ${JAVA_HOME:+"$JAVA_HOME/bin/java"} java /usr/lib/jvm/java-17-openjdk-*/bin/java; do
    java=$(command -v "$candidate") || continue
    java_version=$("$java" -version 2>&1) || continue
    major=$(sed -n 's/.*version "\([0-9]*\).*/\1/p' <<<"$java_version" | head -n 1)
    [ "${major:-0}" -ge 17 ] && return
  done
  return 1
}

# Debian's package would make and start a cluster of its own on port 5432.
without_default_cluster() {
  local drop_in=/etc/postgresql-common/createcluster.d/cdclake-stack.conf status=0
  as_root mkdir -p "${drop_in%/*}"
  as_root tee "$drop_in" >/dev/null <<<'create_main_cluster = off'
  "$@" || status=$?
  as_root rm -f "$drop_in"
  as_root rmdir --ignore-fail-on-non-empty "${drop_in%/*}"
  return "$status"
}

install_packages() {
  local log=$cache/stack.apt.log
  command -v apt-get >/dev/null ||
    fail "missing: $*. No apt-get here: install them by hand, then set STACK_POSTGRES_BIN and JAVA_HOME"
  say "installing $*"
  { as_root apt-get update &&
    without_default_cluster as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1 || fail_with_log "$log" "apt-get could not install $*"
}

# find_missing all|java: sets missing to the packages that apt should install.
find_missing() {
  missing=()
  command -v python3 >/dev/null || missing+=(python3)
  command -v ps >/dev/null || missing+=(procps)
  find_java || missing+=(openjdk-17-jre-headless)
  [ -f "$artefacts/.complete" ] || command -v mvn >/dev/null || missing+=(maven)
  if [ "$1" = java ]; then return; fi
  { [ -x "$(postgres_folder)/initdb" ] && command -v psql >/dev/null; } || missing+=(postgresql-15)
}

# Maven's copies go to a folder that does not count until every checksum is right.
download_artefacts() {
  local folder=$1 log=$cache/stack.maven.log
  say "fetching Kafka, Connect and Debezium by Maven (60 MB)"
  mvn --quiet --batch-mode --no-transfer-progress -f "$live/pom.xml" package \
    "-Dstack.output=$folder" >"$log" 2>&1 ||
    fail_with_log "$log" "Maven could not fetch the artefacts"
}

checksums_of() {
  (cd "$1" && find jars archives -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}

verify_artefacts() {
  local difference
  difference=$(diff <(checksums_of "$1") "$live/artefacts.sha256") && return
  printf '%s\n' "$difference" | head -n 20 >&2
  fail "what Maven fetched (<) is not what script/live/artefacts.sha256 says (>); nothing was installed"
}

prepare_artefacts() {
  local part
  [ ! -f "$artefacts/.complete" ] || return 0
  part=$cache/stack.part
  rm -rf "$part"
  mkdir -p "$part/plugins" "$part/classes"
  download_artefacts "$part"
  verify_artefacts "$part"
  tar -xzf "$part"/archives/debezium-connector-postgres-*.tar.gz -C "$part/plugins"
  touch "$part/.complete"
  rm -rf "$artefacts"
  mv -T "$part" "$artefacts"
}

write_lock() {
  local part
  part=$(mktemp -d)
  download_artefacts "$part"
  checksums_of "$part" >"$live/artefacts.sha256"
  rm -rf "$part"
  say "wrote script/live/artefacts.sha256: review the difference before you commit it"
}

# prepare all|java: everything that `up` needs, or only what is written in Java, is there
# afterwards. Two at once take turns.
prepare() {
  mkdir -p "$cache"
  locate_artefacts
  find_missing "$1"
  if [ ${#missing[@]} = 0 ] && [ -f "$artefacts/.complete" ]; then return; fi
  exec 8>"$cache/.stack.lock"
  flock 8
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
  find_java || fail "no Java 17 or later found: set JAVA_HOME"
  prepare_artefacts
  exec 8>&-
}

command_prepare() {
  if wants_help "$@"; then
    cat <<'END'
usage: script/stack prepare [--java | --write-lock]

Installs what is missing. PostgreSQL 15, a Java 17 runtime and Maven come from apt (as root, or by sudo);
Kafka, Connect and Debezium come by Maven into $CDCLAKE_CACHE_DIR (default ~/.cache/cdclake), and
count only when each file has the SHA-256 that script/live/artefacts.sha256 names.

  --java         without PostgreSQL
  --write-lock   fetch what script/live/pom.xml names and write that list anew

STACK_POSTGRES_BIN names another folder of PostgreSQL 15 programs, JAVA_HOME another Java.
END
    return
  fi
  case ${1:-} in
    "") prepare all; say "ready: $artefacts" ;;
    --java) prepare java; say "ready: $artefacts" ;;
    --write-lock) mkdir -p "$cache"; write_lock ;;
    *) fail_usage "prepare: unknown argument: $1" ;;
  esac
}
