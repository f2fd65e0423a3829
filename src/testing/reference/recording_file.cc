#include <zstd.h>

#include <array>
#include <fstream>
#include <sstream>

#include "base/assert.h"
#include "testing/reference/reference_fold.h"

namespace cdclake::reference {
namespace {

std::string decompressed(const std::string& bytes) {
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  // Bench recordings are packed with a long window, as `zstd --long=27` does.
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 27);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::string out;
  std::array<char, 1 << 16> chunk{};
  while (in.pos < in.size) {
    ZSTD_outBuffer buffer{chunk.data(), chunk.size(), 0};
    CDCLAKE_ASSERT(ZSTD_isError(ZSTD_decompressStream(context.get(), &buffer, &in)) == 0);
    out.append(chunk.data(), buffer.pos);
  }
  return out;
}

/// One line of a CSV file of PostgreSQL: quoted fields, NULL is an unquoted empty one.
std::vector<Value> parse_line(const std::string& csv, std::size_t& at) {
  std::vector<Value> fields;
  while (true) {
    Value field;
    if (csv[at] == '"') {
      field.emplace();
      for (++at; csv[at] != '"' || csv[at + 1] == '"'; ++at) {
        if (csv[at] == '"') ++at;
        field->push_back(csv[at]);
      }
      ++at;
    } else {
      const auto end = csv.find_first_of(",\n", at);
      if (end > at) field = csv.substr(at, end - at);
      at = end;
    }
    fields.push_back(std::move(field));
    if (csv[at++] == '\n') return fields;
  }
}

}  // namespace

std::string read_recording(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "cannot read recording: %s\n", path.c_str());
    CDCLAKE_ASSERT(false && "a recording is missing");
  }
  std::stringstream bytes;
  bytes << file.rdbuf();
  return path.ends_with(".zst") ? decompressed(bytes.str()) : bytes.str();
}

Table load_expected(const std::string& path, const std::map<std::string, std::string>& column_types,
                    const std::vector<std::string>& key_columns) {
  std::string csv = read_recording(path);
  if (!csv.empty() && csv.back() != '\n') csv.push_back('\n');
  std::size_t at = 0;
  const std::vector<Value> header = parse_line(csv, at);
  Table table;
  while (at < csv.size()) {
    const std::vector<Value> fields = parse_line(csv, at);
    CDCLAKE_ASSERT(fields.size() == header.size());
    Row row;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      row[*header[i]] = from_postgres_text(column_types.at(*header[i]), fields[i]);
    }
    const std::string key = key_text(row, key_columns);
    CDCLAKE_ASSERT(table.emplace(key, std::move(row)).second);
  }
  return table;
}

}  // namespace cdclake::reference
