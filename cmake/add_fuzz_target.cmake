# A fuzz target is a folder below fuzz/: x_fuzz.cc with LLVMFuzzerTestOneInput,
# and seeds/ with a few inputs.
#
#   add_fuzz_target(envelope SOURCES envelope_fuzz.cc USES debezium)
#
# Under the preset fuzz (clang) it becomes the fuzzer fuzz_envelope; under every
# other preset fuzz_envelope replays the seeds once, as a unit test.
option(CDCLAKE_FUZZ "Build fuzz targets with libFuzzer; needs clang" OFF)
add_custom_target(fuzzers)

function(add_fuzz_target name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
  set(target fuzz_${name})
  add_executable(${target} ${arg_SOURCES})
  own_code(${target} PRIVATE)
  link_names(${target} PRIVATE ${arg_USES})
  if(CDCLAKE_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${target})
  else()
    target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/fuzz/replay.cc")
    add_dependencies(unit_tests ${target})
    add_test(NAME ${target}_seeds COMMAND ${target} "${CMAKE_CURRENT_SOURCE_DIR}/seeds")
    set_tests_properties(${target}_seeds PROPERTIES LABELS unit TIMEOUT 60
      ENVIRONMENT "${CDCLAKE_TEST_ENVIRONMENT}")
  endif()
endfunction()
