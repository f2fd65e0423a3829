#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/metadata_store.h"
#include "stages/audit/finding.h"
#include "stages/audit/lake_audit.h"
#include "stages/audit/lake_listing.h"

namespace cdclake::audit {

/// Whether the files that the store names are in the lake, with their bytes and rows.
class FileAudit {
 public:
  /// All must outlive the audit.
  FileAudit(lake::LakeFs& fs, const metadata::Accounts& accounts, const LakeListing& listing,
            Depth depth);

  /// Looks at one file. What cannot be read because the disk fails is a finding, too.
  void look_at(const metadata::FileAccount& account, Findings& findings);

 private:
  void look_at_bytes(const metadata::FileAccount& account, const lake::LakePath& path,
                     Findings& findings);
  std::string records_trouble(const metadata::FileAccount& account, const lake::LakePath& path);

  lake::LakeFs& fs_;
  const LakeListing& listing_;
  Depth depth_;
  std::map<std::string, std::vector<model::Segment>> segments_;  ///< By file id.
};

}  // namespace cdclake::audit
