# Third-party libraries, each under one name: cdclake::<library>.
#
# The system is asked first, with a version floor; what it lacks comes from the
# cache that script/bootstrap fills. CDCLAKE_SYSTEM_<LIBRARY>=OFF leaves the
# system out. Where both may serve, the floor stands beside the name below.

option(CDCLAKE_SYSTEM_ARROW "Use an installed Arrow and Parquet" ON)
option(CDCLAKE_SYSTEM_SQLITE "Use an installed SQLite" ON)
option(CDCLAKE_SYSTEM_LIBRDKAFKA "Use an installed librdkafka" ON)
# An installed simdjson keeps its own namespace, which libparquet exports too.
option(CDCLAKE_SYSTEM_SIMDJSON "Use an installed simdjson" OFF)

set(CDCLAKE_ARROW_FLOOR 21)          # compute::Initialize()
set(CDCLAKE_SQLITE_FLOOR 3.51.3)     # The WAL-reset bug is mended.
set(CDCLAKE_LIBRDKAFKA_FLOOR 2.3)    # fetch.queue.backoff.ms, DescribeTopics
set(CDCLAKE_SIMDJSON_FLOOR 3.9)

include("${PROJECT_SOURCE_DIR}/build/dependencies.cmake" OPTIONAL)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)

# third_party(NAME TARGET...): cdclake::NAME stands for the targets.
function(third_party name)
  add_library(cdclake_${name} INTERFACE)
  add_library(cdclake::${name} ALIAS cdclake_${name})
  target_link_libraries(cdclake_${name} INTERFACE ${ARGN})
endfunction()

# pkg_config_target(NAME MODULE): an imported target, where find_package has none.
function(pkg_config_target name module)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET GLOBAL ${module})
  third_party(${name} PkgConfig::${name})
endfunction()

# from_cache(NAME): sets PREFIX to the library's place in the cache.
macro(from_cache name)
  set(prefix "${CDCLAKE_${name}_PREFIX}")
  if(NOT EXISTS "${prefix}/.complete")
    message(FATAL_ERROR "${name}: none on the system at or above ${CDCLAKE_${name}_FLOOR}, "
                        "and none in the cache. Run script/bootstrap.")
  endif()
  message(STATUS "${name}: ${prefix}")
endmacro()

# --- What every distribution has new enough. ---
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CURL REQUIRED)
find_package(GTest 1.12 REQUIRED)
third_party(threads Threads::Threads)
third_party(openssl OpenSSL::SSL OpenSSL::Crypto)
third_party(zlib ZLIB::ZLIB)
third_party(spdlog spdlog::spdlog)
third_party(fmt fmt::fmt)
third_party(cli11 CLI11::CLI11)
third_party(json nlohmann_json::nlohmann_json)
third_party(expected tl::expected)
third_party(curl CURL::libcurl)
third_party(gtest GTest::gmock GTest::gtest)
third_party(gtest_main GTest::gmock GTest::gtest GTest::gtest_main)
pkg_config_target(libpq libpq)
pkg_config_target(zstd libzstd)
pkg_config_target(xxhash libxxhash)
find_package(benchmark QUIET)
if(benchmark_FOUND)
  third_party(benchmark benchmark::benchmark)
endif()

# --- Python, for checks and for readers that are not ours. ---
if(NOT CDCLAKE_PYTHON)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(CDCLAKE_PYTHON "${Python3_EXECUTABLE}")
endif()

# --- Arrow, Parquet, and the kernels of Arrow Compute. ---
if(CDCLAKE_SYSTEM_ARROW)
  # Asked without a version: the packages accept none but their own major one.
  find_package(Parquet QUIET CONFIG)
  find_package(ArrowCompute QUIET CONFIG)
endif()
if(Parquet_FOUND AND ArrowCompute_FOUND AND Parquet_VERSION VERSION_GREATER_EQUAL CDCLAKE_ARROW_FLOOR)
  message(STATUS "ARROW: ${Parquet_VERSION} of the system")
  third_party(arrow Parquet::parquet_shared ArrowCompute::arrow_compute_shared Arrow::arrow_shared)
  third_party(arrow_headers Arrow::arrow_shared)
else()
  from_cache(ARROW)
  third_party(arrow_headers)
  target_include_directories(cdclake_arrow_headers SYSTEM INTERFACE "${prefix}/include")
  set(CDCLAKE_ARROW_LIBRARIES "")
  foreach(library arrow arrow_compute parquet)
    add_library(cdclake_lib${library} SHARED IMPORTED GLOBAL)
    set_target_properties(cdclake_lib${library} PROPERTIES
      IMPORTED_LOCATION "${prefix}/lib/lib${library}.so.2600")
    list(APPEND CDCLAKE_ARROW_LIBRARIES "${prefix}/lib/lib${library}.so.2600")
  endforeach()
  third_party(arrow cdclake_arrow_headers cdclake_libparquet cdclake_libarrow_compute cdclake_libarrow)
endif()
# libparquet may export a private OpenSSL. Named first, the system's one serves
# everybody; otherwise libcurl and libpq would run on a mix of the two.
target_link_options(cdclake_arrow INTERFACE
  "SHELL:-Wl,--push-state,--no-as-needed -lssl -lcrypto -Wl,--pop-state")

# --- SQLite. ---
if(CDCLAKE_SYSTEM_SQLITE)
  pkg_check_modules(system_sqlite QUIET IMPORTED_TARGET GLOBAL sqlite3>=${CDCLAKE_SQLITE_FLOOR})
endif()
if(system_sqlite_FOUND)
  message(STATUS "SQLITE: ${system_sqlite_VERSION} of the system")
  third_party(sqlite PkgConfig::system_sqlite)
else()
  from_cache(SQLITE)
  add_library(cdclake_libsqlite3 STATIC IMPORTED GLOBAL)
  set_target_properties(cdclake_libsqlite3 PROPERTIES
    IMPORTED_LOCATION "${prefix}/lib/libsqlite3.a"
    INTERFACE_INCLUDE_DIRECTORIES "${prefix}/include"
    INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m")
  third_party(sqlite cdclake_libsqlite3)
endif()

# --- simdjson. ---
if(CDCLAKE_SYSTEM_SIMDJSON)
  find_package(simdjson REQUIRED CONFIG)
  if(simdjson_VERSION VERSION_LESS CDCLAKE_SIMDJSON_FLOOR)
    message(FATAL_ERROR "simdjson ${simdjson_VERSION} is below ${CDCLAKE_SIMDJSON_FLOOR}")
  endif()
  third_party(simdjson simdjson::simdjson)
else()
  from_cache(SIMDJSON)
  add_library(cdclake_libsimdjson STATIC IMPORTED GLOBAL)
  set_target_properties(cdclake_libsimdjson PROPERTIES
    IMPORTED_LOCATION "${prefix}/lib/libsimdjson.a"
    INTERFACE_INCLUDE_DIRECTORIES "${prefix}/include"
    INTERFACE_COMPILE_DEFINITIONS "simdjson=cdclake_simdjson"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
  third_party(simdjson cdclake_libsimdjson)
endif()

# --- librdkafka. ---
if(CDCLAKE_SYSTEM_LIBRDKAFKA)
  pkg_check_modules(system_rdkafka QUIET IMPORTED_TARGET GLOBAL rdkafka>=${CDCLAKE_LIBRDKAFKA_FLOOR})
endif()
if(system_rdkafka_FOUND)
  message(STATUS "LIBRDKAFKA: ${system_rdkafka_VERSION} of the system")
  third_party(rdkafka PkgConfig::system_rdkafka)
else()
  from_cache(LIBRDKAFKA)
  pkg_check_modules(sasl REQUIRED IMPORTED_TARGET GLOBAL libsasl2)
  add_library(cdclake_librdkafka STATIC IMPORTED GLOBAL)
  set_target_properties(cdclake_librdkafka PROPERTIES
    IMPORTED_LOCATION "${prefix}/lib/librdkafka.a"
    INTERFACE_INCLUDE_DIRECTORIES "${prefix}/include"
    INTERFACE_LINK_LIBRARIES
      "OpenSSL::SSL;OpenSSL::Crypto;ZLIB::ZLIB;CURL::libcurl;PkgConfig::zstd;PkgConfig::sasl;Threads::Threads;${CMAKE_DL_LIBS};m")
  third_party(rdkafka cdclake_librdkafka)
endif()
