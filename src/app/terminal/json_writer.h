#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cdclake::terminal {

/// Writes one JSON document in the order of the calls. Whoever calls keeps objects and arrays
/// closed; `text()` asserts it. Text that is not UTF-8 gets U+FFFD, so that any reader can parse.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  /// The name of the next value of an object.
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::int64_t number);
  JsonWriter& truth(bool flag);
  JsonWriter& null();

  /// The document, pretty-printed, with a line's end.
  std::string text() const;

 private:
  void begin_value();
  void open(char bracket);
  void close(char bracket);
  void new_line();

  std::string out_;
  std::size_t depth_ = 0;
  bool is_first_ = true;  ///< Nothing stands before the next value in its object or array.
  bool after_key_ = false;
};

}  // namespace cdclake::terminal
