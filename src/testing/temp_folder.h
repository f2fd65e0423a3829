#pragma once

#include <string>
#include <string_view>

namespace cdclake::testing {

/// Where a temporary folder lies. Memory is for tests with hundreds of lakes, which would else wait
/// for the disk; a killed process leaves the same behind in both.
enum class TempPlace { kDisk, kMemory };

/// An empty folder of the test's own; gone with the object.
class TempFolder {
 public:
  explicit TempFolder(TempPlace place = TempPlace::kDisk);
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const;

 private:
  std::string path_;
};

}  // namespace cdclake::testing
