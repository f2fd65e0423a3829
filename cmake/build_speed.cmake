# Uses ccache and mold where they are installed. Neither changes what is built.

find_program(CDCLAKE_CCACHE ccache)
if(CDCLAKE_CCACHE)
  # The base folder and the prefix map below let two clones share objects. The
  # sloppiness is what ccache asks for before it caches precompiled headers.
  set(launcher "${CMAKE_COMMAND}" -E env
      "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
      "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime"
      "${CDCLAKE_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${launcher}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${launcher}")
endif()
add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")

find_program(CDCLAKE_MOLD mold)
if(CDCLAKE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
