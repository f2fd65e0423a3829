#!/usr/bin/env bash
# Installed libraries are preferred over the pinned ones, when they reach their floor.
# Configures an empty project against a fake prefix: system_libraries_test.sh ROOT WORK
set -euo pipefail

root=$1 work=$2
rm -rf "$work"
mkdir -p "$work/project" "$work/prefix/lib/pkgconfig" "$work/prefix/lib/cmake/Parquet"
failures=0

cat >"$work/project/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(fake LANGUAGES C CXX)
set(PROJECT_SOURCE_DIR "$root")
include("$root/cmake/third_party.cmake")
END

# fake_pc NAME VERSION
fake_pc() {
  printf 'Name: %s\nDescription: fake\nVersion: %s\nLibs:\nCflags:\n' "$1" "$2" \
    >"$work/prefix/lib/pkgconfig/$1.pc"
}

# fake_arrow VERSION: a package as Arrow installs it, without the libraries.
fake_arrow() {
  local package
  for package in Parquet ArrowCompute; do
    mkdir -p "$work/prefix/lib/cmake/$package"
    echo "set(PACKAGE_VERSION $1)" >"$work/prefix/lib/cmake/$package/${package}ConfigVersion.cmake"
    : >"$work/prefix/lib/cmake/$package/${package}Config.cmake"
  done
  cat >"$work/prefix/lib/cmake/Parquet/ParquetConfig.cmake" <<END
foreach(target Arrow::arrow_shared Parquet::parquet_shared ArrowCompute::arrow_compute_shared)
  add_library(\${target} INTERFACE IMPORTED)
endforeach()
END
}

# configure [CMAKE ARGUMENT...]
configure() {
  rm -rf "$work/build"
  PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig cmake -S "$work/project" -B "$work/build" -G Ninja \
    -DCMAKE_PREFIX_PATH="$work/prefix" "$@" >"$work/output.txt" 2>&1 || true
}

# expect WHAT LINE: the last configuration said LINE.
expect() {
  if grep -qE -- "$2" "$work/output.txt"; then
    echo "ok: $1"
  else
    echo "FAILED: $1: no line '$2' in:"
    cat "$work/output.txt"
    failures=$((failures + 1))
  fi
}

fake_pc sqlite3 3.60.0
fake_pc rdkafka 2.20.0
fake_arrow 27.1.0
configure
expect "an SQLite above the floor serves" 'SQLITE: 3.60.0 of the system'
expect "a librdkafka above the floor serves" 'LIBRDKAFKA: 2.20.0 of the system'
expect "an Arrow above the floor serves" 'ARROW: 27.1.0 of the system'

configure -DCDCLAKE_SYSTEM_SQLITE=OFF -DCDCLAKE_SYSTEM_LIBRDKAFKA=OFF -DCDCLAKE_SYSTEM_ARROW=OFF
expect "SQLite can be switched off" 'SQLITE: /.*/sqlite-'
expect "librdkafka can be switched off" 'LIBRDKAFKA: /.*/librdkafka-'
expect "Arrow can be switched off" 'ARROW: /.*/arrow-'

fake_pc sqlite3 3.51.2
fake_pc rdkafka 2.2.9
fake_arrow 20.9.9
configure
expect "an SQLite below the floor does not serve" 'SQLITE: /.*/sqlite-'
expect "a librdkafka below the floor does not serve" 'LIBRDKAFKA: /.*/librdkafka-'
expect "an Arrow below the floor does not serve" 'ARROW: /.*/arrow-'

exit "$((failures > 0))"
