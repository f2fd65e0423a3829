#pragma once

#include <memory>
#include <string>

#include "base/assert.h"
#include "platform/lake/lake_fs.h"
#include "testing/temp_folder.h"

namespace cdclake::testing {

/// A real lake in a folder of the test's own.
class TempLake {
 public:
  TempLake() : fs_(open()) {}

  lake::LakeFs& fs() { return *fs_; }
  /// The same lake as another process would see it.
  std::unique_ptr<lake::LakeFs> open() const {
    auto opened = lake::open_posix_lake({folder_ / "bronze", folder_ / "silver"});
    CDCLAKE_ASSERT(opened.has_value());
    return std::move(opened).value();
  }
  const TempFolder& folder() const { return folder_; }
  std::string store_path() const { return folder_ / "metadata/pipeline_meta.sqlite"; }

 private:
  TempFolder folder_;
  std::unique_ptr<lake::LakeFs> fs_;
};

}  // namespace cdclake::testing
