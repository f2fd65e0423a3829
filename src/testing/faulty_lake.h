#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/lake/lake_fs.h"

namespace cdclake::testing {

/// Whether a disk that has failed works again.
enum class Fault { kOnce, kForGood };

/// A lake whose n-th operation that writes fails, as a full or broken disk does; n counts from 1.
/// An append that fails has written half of its bytes.
class FaultyLake final : public lake::LakeFs {
 public:
  /// `real` must outlive this.
  FaultyLake(lake::LakeFs& real, int fails_at, Fault fault);

  /// Whether the failing operation was reached.
  bool has_failed() const { return *operations_ >= fails_at_; }

  Status make_folders(const lake::LakePath& folder) override;
  Result<std::unique_ptr<lake::FileWriter>> create(const lake::LakePath& path) override;
  Result<std::unique_ptr<lake::FileReader>> open(const lake::LakePath& path) override;
  Status rename(const lake::LakePath& from, const lake::LakePath& to) override;
  Status exchange(const lake::LakePath& one, const lake::LakePath& other) override;
  Status link(const lake::LakePath& from, const lake::LakePath& to) override;
  Status remove_file(const lake::LakePath& path) override;
  Status remove_tree(const lake::LakePath& path) override;
  Status sync_folder(const lake::LakePath& folder) override;
  Result<lake::Entry> stat(const lake::LakePath& path) override;
  Result<std::vector<lake::Entry>> list(const lake::LakePath& folder) override;
  std::string absolute(const lake::LakePath& path) const override;

 private:
  class Writer;
  /// Counts an operation; an error where it is to fail.
  static Status count(int& operations, int fails_at, Fault fault);
  Status count() { return count(*operations_, fails_at_, fault_); }

  lake::LakeFs& real_;
  int fails_at_;
  Fault fault_;
  std::shared_ptr<int> operations_ = std::make_shared<int>(0);  ///< Shared with the open files.
};

}  // namespace cdclake::testing
