# Compiles librdkafka as a static library.
# --disable-c11threads: the thread sanitizer does not intercept C11 threads and
# crashes in them; POSIX threads serve as well. --disable-lz4-ext: the bundled
# LZ4 saves a dependency at run time.
source_dir=$1/package/deps/librdkafka prefix=$2

cd "$source_dir"
# The log goes elsewhere: configure takes a configure.log beside it for a module.
./configure --prefix="$prefix" --enable-static --disable-c11threads --disable-lz4-ext \
  --CFLAGS='-O2 -g1 -fPIC -fstack-protector-strong' >"$1/configure_output.txt"
make -j"${CDCLAKE_JOBS:-2}" -C src librdkafka.a rdkafka-static.pc >"$1/make_output.txt"
mkdir -p "$prefix/include/librdkafka" "$prefix/lib"
cp src/rdkafka.h "$prefix/include/librdkafka/"
cp src/librdkafka.a "$prefix/lib/"
cp LICENSES.txt "$prefix/"
