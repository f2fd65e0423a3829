#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/record.h"
#include "platform/lake/lake_fs.h"
#include "platform/metadata/store_language/commits.h"
#include "stages/silver_stage/record_judge.h"

namespace cdclake::silver_stage {

/// The quarantine files of one batch, one a table that records name. At most `open_max` are open at
/// once; nothing is kept in memory but where each record went.
class QuarantineFiles {
 public:
  struct Sealed {
    std::vector<metadata::PreparedFile> files;
    std::vector<metadata::QuarantinedRecord> records;
  };

  /// Both must outlive the files.
  QuarantineFiles(lake::LakeFs& fs, const Clock& clock, std::size_t open_max);

  Status append(const QuarantineOrder& order, const model::RawRecord& record);
  std::size_t record_count() const { return sealed_.records.size(); }

  /// Seals what is open and gives all of the batch; starts the next one.
  Result<Sealed> seal();

 private:
  struct OpenFile {
    std::unique_ptr<lake::FileWriter> out;
    metadata::PreparedFile file;
  };

  Result<OpenFile*> find_or_open(const std::string& table_segment);
  Status seal_biggest();
  Status seal(OpenFile& file);

  lake::LakeFs* fs_;
  const Clock* clock_;
  std::size_t open_max_;
  std::map<std::string, OpenFile> open_;
  Sealed sealed_;
  std::string line_;
};

}  // namespace cdclake::silver_stage
