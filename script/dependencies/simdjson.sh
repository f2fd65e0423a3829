# Compiles simdjson as a static library under another namespace.
# libparquet exports a simdjson of its own, and the dynamic linker would serve
# ours from there; the new name keeps the two apart. Whoever includes the header
# must set the same definition, which the target cdclake::simdjson does.
source_dir=$1/package/src prefix=$2

mkdir -p "$prefix/include" "$prefix/lib"
c++ -c -std=c++20 -O3 -g1 -fPIC -fstack-protector-strong -DNDEBUG \
  -Dsimdjson=cdclake_simdjson \
  "$source_dir/simdjson.cpp" -o "$prefix/lib/simdjson.o"
ar rcs "$prefix/lib/libsimdjson.a" "$prefix/lib/simdjson.o"
rm "$prefix/lib/simdjson.o"
cp "$source_dir/simdjson.h" "$prefix/include/"
