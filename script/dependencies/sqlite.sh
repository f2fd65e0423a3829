# Compiles the SQLite amalgamation as a static library.
# DQS=0 makes a misspelt column an error instead of a string. WAL_SYNCHRONOUS=2
# (FULL) is what the commit protocol asks for, so it is the default too.
source_dir=$1/package/deps/sqlite3 prefix=$2

mkdir -p "$prefix/include" "$prefix/lib"
cc -c -O2 -g1 -fPIC -fstack-protector-strong -DNDEBUG \
  -DSQLITE_THREADSAFE=1 -DSQLITE_DQS=0 -DSQLITE_DEFAULT_WAL_SYNCHRONOUS=2 \
  -DSQLITE_DEFAULT_SYNCHRONOUS=2 -DSQLITE_DEFAULT_FOREIGN_KEYS=1 \
  -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_LIKE_DOESNT_MATCH_BLOBS \
  -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_SHARED_CACHE -DSQLITE_OMIT_LOAD_EXTENSION \
  -DSQLITE_TEMP_STORE=2 -DHAVE_USLEEP=1 -DHAVE_FDATASYNC=1 \
  "$source_dir/sqlite3.c" -o "$prefix/lib/sqlite3.o"
ar rcs "$prefix/lib/libsqlite3.a" "$prefix/lib/sqlite3.o"
rm "$prefix/lib/sqlite3.o"
cp "$source_dir/sqlite3.h" "$prefix/include/"
