#pragma once

#include <string>
#include <string_view>

namespace cdclake::testing {

/// An empty folder of the test's own; gone with the object.
class TempFolder {
 public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const;

 private:
  std::string path_;
};

}  // namespace cdclake::testing
