#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash128.h"
#include "base/result.h"
#include "platform/lake/lake_path.h"

namespace cdclake::lake {

/// A file being written under a hidden name. Destroyed early, it leaves its bytes behind for the
/// sweep at start.
class FileWriter {
 public:
  virtual ~FileWriter() = default;
  virtual Status append(std::string_view bytes) = 0;
  /// fsync, then close. Call once. After an error the file is worthless: the caller discards it
  /// and never retries (Linux drops dirty pages after a failed fsync).
  virtual Status sync_and_close() = 0;
  virtual std::int64_t size() const = 0;     ///< Bytes appended.
  virtual Hash128 content_hash() const = 0;  ///< Of the bytes appended.
};

class FileReader {
 public:
  virtual ~FileReader() = default;
  virtual std::int64_t size() const = 0;
  /// Reads up to `length` bytes at `offset`; fewer only at the end of the file.
  virtual Result<std::int64_t> read_at(std::int64_t offset, std::int64_t length, void* out) = 0;
};

enum class EntryType : std::uint8_t { kAbsent, kFile, kFolder, kOther };
struct Entry {
  std::string name;
  EntryType type = EntryType::kAbsent;
  std::int64_t size = 0;
  std::int64_t modified_ms = 0;
  std::uint64_t inode = 0;  ///< Equal of two names of one file.
};

/// The file system under a lake: the seam where tests inject faults. Owns every descriptor.
/// Refuses symbolic links inside the lake. Files are made 0640, folders 0750. Thread-safe.
class LakeFs {
 public:
  virtual ~LakeFs() = default;

  /// Creates the folder and its parents, each durable (parent fsynced) when this returns.
  virtual Status make_folders(const LakePath& folder) = 0;
  /// Creates a file that must not exist.
  virtual Result<std::unique_ptr<FileWriter>> create(const LakePath& path) = 0;
  /// kUnavailable when it cannot be opened; `stat` tells a missing file from a broken disk.
  virtual Result<std::unique_ptr<FileReader>> open(const LakePath& path) = 0;
  /// Moves within one root; refuses to replace (kConflict).
  virtual Status rename(const LakePath& from, const LakePath& to) = 0;
  /// Swaps two folders of one root in one step (RENAME_EXCHANGE).
  virtual Status exchange(const LakePath& one, const LakePath& other) = 0;
  /// Gives the file another name (hard link); refuses to replace (kConflict).
  virtual Status link(const LakePath& from, const LakePath& to) = 0;
  virtual Status remove_file(const LakePath& path) = 0;  ///< Absent is ok.
  virtual Status remove_tree(const LakePath& path) = 0;  ///< Absent is ok.
  virtual Status sync_folder(const LakePath& folder) = 0;
  virtual Result<Entry> stat(const LakePath& path) = 0;
  virtual Result<std::vector<Entry>> list(
      const LakePath& folder) = 0;  ///< Sorted by name; absent is empty.

  /// Where the path is on this machine, for messages and for readers that open files themselves.
  virtual std::string absolute(const LakePath& path) const = 0;
};

struct LakeRoots {
  std::string bronze;
  std::string silver;
};

/// Opens both roots on a local disk. Where it makes one, it proves first that the file system can
/// exchange folders, and says which cannot. kInvalidConfig, with a way out, for a lake of the first
/// version or of a newer program, and for roots that are one folder, whatever their names.
Result<std::unique_ptr<LakeFs>> open_posix_lake(const LakeRoots& roots);

/// Opens both roots to look at them: makes nothing, and the lake must not be written through it.
/// kInvalidConfig where there is no lake of ours.
Result<std::unique_ptr<LakeFs>> open_posix_lake_to_read(const LakeRoots& roots);

/// The id that a root got when it was made: tells one lake from another at the same path.
Result<std::string> lake_id(LakeFs& fs, Root root);
/// Whether a root holds anything of what the stages write, of whatever lake.
Result<bool> holds_tables(LakeFs& fs, Root root);
/// Reads a whole small file.
Result<std::string> read_text(LakeFs& fs, const LakePath& path);
/// Size and hash of a file as it lies there.
struct Content {
  std::int64_t bytes = 0;
  Hash128 hash;
};
Result<Content> read_content(LakeFs& fs, const LakePath& path);
/// Re-reads a closed file and compares size and hash with what was written: kCorrupt if they
/// differ.
Status verify_content(LakeFs& fs, const LakePath& path, std::int64_t size, const Hash128& content);

}  // namespace cdclake::lake
