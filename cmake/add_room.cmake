# A room is a folder below src/ with one subject: one static library, one test
# program. script/check_layers.py reads the same calls and holds them to the floors.
#
#   add_room(bronze
#     SOURCES bronze_writer.cc              # none: a room of headers only
#     TESTS bronze_writer_test.cc           # x_kafka_test.cc needs a broker
#     USES model lake                       # rooms whose headers ours include
#     USES_PRIVATELY cdclake::arrow         # third-party libraries of the .cc files
#     USES_PUBLICLY cdclake::arrow_headers  # what our headers include: arrow/type_fwd.h
#     TESTS_USE testing cdclake::json)      # what only the tests need
#
# Targets: cdclake::room::bronze, and bronze_test (bronze_kafka_test).
include(GoogleTest)

set(CDCLAKE_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(CDCLAKE_WARNINGS_AS_ERRORS)
  list(APPEND CDCLAKE_WARNINGS -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # gcc 12 sees an overlap in every `"text" + std::string` (gcc bug 105651).
  list(APPEND CDCLAKE_WARNINGS -Wno-restrict)
endif()
if(CDCLAKE_SANITIZE)
  # The instrumentation hides initialisations from this warning.
  list(APPEND CDCLAKE_WARNINGS -Wno-maybe-uninitialized)
endif()

# Everything that ctest runs under the label unit.
add_custom_target(unit_tests)

# What a test finds in its environment, on every preset.
set(CDCLAKE_TEST_ENVIRONMENT
  "ARROW_DEFAULT_MEMORY_POOL=system"
  "CDCLAKE_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
  "CDCLAKE_PROGRAM=${PROJECT_BINARY_DIR}/bin/cdclake"
  "CDCLAKE_PYTHON=${CDCLAKE_PYTHON}"
  "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan.supp:halt_on_error=1:atexit_sleep_ms=0"
  "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/lsan.supp:print_suppressions=0"
  "UBSAN_OPTIONS=print_stacktrace=1")

# Adds every folder up to three levels below FOLDER that has a CMakeLists.txt.
function(add_folders_below folder)
  file(GLOB lists CONFIGURE_DEPENDS
    "${folder}/*/CMakeLists.txt" "${folder}/*/*/CMakeLists.txt" "${folder}/*/*/*/CMakeLists.txt")
  foreach(list IN LISTS lists)
    get_filename_component(path "${list}" DIRECTORY)
    add_subdirectory("${path}")
  endforeach()
endfunction()

# own_code(TARGET SCOPE): our language level, warnings and include root.
function(own_code target scope)
  target_compile_features(${target} ${scope} cxx_std_20)
  target_include_directories(${target} ${scope} "${PROJECT_SOURCE_DIR}/src")
  if(NOT scope STREQUAL "INTERFACE")
    target_compile_options(${target} PRIVATE ${CDCLAKE_WARNINGS})
  endif()
endfunction()

# link_names(TARGET SCOPE NAME...): a plain name is a room, cdclake::x a library.
function(link_names target scope)
  foreach(name IN LISTS ARGN)
    if(NOT name MATCHES "::")
      set(name "cdclake::room::${name}")
    endif()
    target_link_libraries(${target} ${scope} ${name})
  endforeach()
endfunction()

# add_test_program(NAME LABEL label [TIMEOUT seconds] SOURCES... USES...): a gtest program, each test
# known to ctest.
function(add_test_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;USES")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(${name} ${arg_SOURCES})
  own_code(${name} PRIVATE)
  link_names(${name} PRIVATE ${arg_USES} cdclake::gtest_main)
  if(arg_LABEL STREQUAL "unit")
    add_dependencies(unit_tests ${name})
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 WORKING_DIRECTORY "${PROJECT_BINARY_DIR}"
    TEST_LIST ${name}_tests PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT})
  # gtest_discover_tests takes no lists as values, so that the environment comes after it.
  set(environment "${CMAKE_CURRENT_BINARY_DIR}/${name}_environment.cmake")
  file(WRITE "${environment}" "if(${name}_tests)
  set_tests_properties(\${${name}_tests} PROPERTIES ENVIRONMENT \"${CDCLAKE_TEST_ENVIRONMENT}\")
endif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${environment}")
endfunction()

# add_python_tests(NAME LABEL label [FILES x_test.py...] [TIMEOUT seconds]): pytest files of this
# folder, all of them unless named, as one test.
function(add_python_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "FILES")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 600)
  endif()
  list(TRANSFORM arg_FILES PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  if(NOT arg_FILES)
    set(arg_FILES "${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  add_test(NAME ${name} COMMAND "${CDCLAKE_PYTHON}" -m pytest -q -p no:cacheprovider ${arg_FILES})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "${CDCLAKE_TEST_ENVIRONMENT};PYTHONDONTWRITEBYTECODE=1")
endfunction()

function(add_room name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" ""
    "SOURCES;TESTS;USES;USES_PRIVATELY;USES_PUBLICLY;TESTS_USE")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "add_room(${name}): unknown words: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(target cdclake_room_${name})

  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    own_code(${target} PUBLIC)
    link_names(${target} PUBLIC ${arg_USES} ${arg_USES_PUBLICLY})
    link_names(${target} PRIVATE ${arg_USES_PRIVATELY})
  else()
    add_library(${target} INTERFACE)
    own_code(${target} INTERFACE)
    link_names(${target} INTERFACE ${arg_USES} ${arg_USES_PUBLICLY})
  endif()
  add_library(cdclake::room::${name} ALIAS ${target})

  set(kafka_tests ${arg_TESTS})
  list(FILTER kafka_tests INCLUDE REGEX "_kafka_test\\.cc$")
  set(unit_tests ${arg_TESTS})
  list(FILTER unit_tests EXCLUDE REGEX "_kafka_test\\.cc$")
  set(test_uses ${name} ${arg_USES} ${arg_USES_PRIVATELY} ${arg_TESTS_USE})
  if(unit_tests)
    add_test_program(${name}_test LABEL unit SOURCES ${unit_tests} USES ${test_uses})
  endif()
  if(kafka_tests)
    add_test_program(${name}_kafka_test LABEL kafka SOURCES ${kafka_tests} USES ${test_uses})
  endif()
endfunction()

# add_program(NAME SOURCES... USES...): bin/NAME, in the build folder and in the install prefix.
function(add_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
  add_executable(${name} ${arg_SOURCES})
  own_code(${name} PRIVATE)
  link_names(${name} PRIVATE ${arg_USES})
  # Beside an installed program lie the libraries that no distribution has.
  set_target_properties(${name} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/cdclake")
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

install(FILES ${CDCLAKE_ARROW_LIBRARIES} DESTINATION lib/cdclake)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION share/doc/cdclake)
