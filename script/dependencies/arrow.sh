# Lays Arrow's headers and shared libraries out as a prefix.
# The wheel is a zip archive; only the libraries that cdclake ships are taken.
source_dir=$1 prefix=$2

mkdir -p "$prefix/lib"
cp -r "$source_dir/pyarrow/include" "$prefix/include"
for library in arrow arrow_compute parquet; do
  cp "$source_dir/pyarrow/lib$library.so.2600" "$prefix/lib/"
done
cp "$source_dir/pyarrow/../pyarrow-26.0.1.dist-info/licenses/"*.txt "$prefix/"
