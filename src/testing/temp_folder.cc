#include "testing/temp_folder.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/assert.h"

namespace cdclake::testing {

TempFolder::TempFolder(TempPlace place) {
  const std::filesystem::path memory = "/dev/shm";
  const bool in_memory = place == TempPlace::kMemory && std::filesystem::exists(memory);
  path_ = (in_memory ? memory : std::filesystem::temp_directory_path()) / "cdclake_test_XXXXXX";
  CDCLAKE_ASSERT(::mkdtemp(path_.data()) != nullptr);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempFolder::operator/(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

}  // namespace cdclake::testing
