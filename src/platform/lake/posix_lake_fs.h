#pragma once

#include <array>
#include <mutex>
#include <set>
#include <string>

#include "platform/lake/beneath.h"
#include "platform/lake/lake_fs.h"

namespace cdclake::lake {

/// A lake on local file systems. Opens each root once and reaches everything from there.
class PosixLakeFs final : public LakeFs {
 public:
  struct OpenedRoot {
    Descriptor folder;
    std::string path;  ///< Absolute.
  };
  PosixLakeFs(OpenedRoot bronze, OpenedRoot silver);

  Status make_folders(const LakePath& folder) override;
  Result<std::unique_ptr<FileWriter>> create(const LakePath& path) override;
  Result<std::unique_ptr<FileReader>> open(const LakePath& path) override;
  Status rename(const LakePath& from, const LakePath& to) override;
  Status exchange(const LakePath& one, const LakePath& other) override;
  Status link(const LakePath& from, const LakePath& to) override;
  Status remove_file(const LakePath& path) override;
  Status remove_tree(const LakePath& path) override;
  Status sync_folder(const LakePath& folder) override;
  Result<Entry> stat(const LakePath& path) override;
  Result<std::vector<Entry>> list(const LakePath& folder) override;
  std::string absolute(const LakePath& path) const override;

 private:
  /// A name inside an opened folder.
  struct Place {
    Descriptor folder;
    std::string name;
  };
  enum class Move { kToFreeName, kExchange };

  const OpenedRoot& root_of(const LakePath& path) const;
  Result<Place> place_of(const LakePath& path, const char* attempted) const;
  bool is_known_durable(const LakePath& folder);
  void remember_durable(const LakePath& folder);
  Status move(const LakePath& from, const LakePath& to, Move how);
  tl::unexpected<Error> taken(const char* attempted, const LakePath& path) const;
  tl::unexpected<Error> outside(const char* attempted, const LakePath& path) const;

  std::array<OpenedRoot, 2> roots_;
  std::mutex mutex_;
  std::set<LakePath>
      durable_folders_;  ///< Known to survive a power cut, so that nobody syncs twice.
};

}  // namespace cdclake::lake
