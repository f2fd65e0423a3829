#include "testing/faulty_lake.h"

#include <utility>

namespace cdclake::testing {

Status FaultyLake::count(int& operations, int fails_at, Fault fault) {
  ++operations;
  const bool fails = fault == Fault::kOnce ? operations == fails_at : operations >= fails_at;
  if (!fails) return {};
  return fail(ErrorKind::kUnavailable, "injected fault: no space left on device");
}

class FaultyLake::Writer final : public lake::FileWriter {
 public:
  Writer(std::unique_ptr<lake::FileWriter> real, std::shared_ptr<int> operations, int fails_at,
         Fault fault)
      : real_(std::move(real)),
        operations_(std::move(operations)),
        fails_at_(fails_at),
        fault_(fault) {}

  Status append(std::string_view bytes) override {
    const Status status = count(*operations_, fails_at_, fault_);
    if (status) return real_->append(bytes);
    CDCLAKE_RETURN_IF_ERROR(real_->append(bytes.substr(0, bytes.size() / 2)));
    return status;
  }
  Status sync_and_close() override {
    CDCLAKE_RETURN_IF_ERROR(count(*operations_, fails_at_, fault_));
    return real_->sync_and_close();
  }
  std::int64_t size() const override { return real_->size(); }
  Hash128 content_hash() const override { return real_->content_hash(); }

 private:
  std::unique_ptr<lake::FileWriter> real_;
  std::shared_ptr<int> operations_;
  int fails_at_;
  Fault fault_;
};

FaultyLake::FaultyLake(lake::LakeFs& real, int fails_at, Fault fault)
    : real_(real), fails_at_(fails_at), fault_(fault) {}

Status FaultyLake::make_folders(const lake::LakePath& folder) {
  CDCLAKE_RETURN_IF_ERROR(count());
  return real_.make_folders(folder);
}

Result<std::unique_ptr<lake::FileWriter>> FaultyLake::create(const lake::LakePath& path) {
  CDCLAKE_RETURN_IF_ERROR(count());
  CDCLAKE_ASSIGN_OR_RETURN(auto file, real_.create(path));
  return std::make_unique<Writer>(std::move(file), operations_, fails_at_, fault_);
}

Result<std::unique_ptr<lake::FileReader>> FaultyLake::open(const lake::LakePath& path) {
  return real_.open(path);
}

Status FaultyLake::rename(const lake::LakePath& from, const lake::LakePath& to) {
  CDCLAKE_RETURN_IF_ERROR(count());
  return real_.rename(from, to);
}

Status FaultyLake::exchange(const lake::LakePath& one, const lake::LakePath& other) {
  CDCLAKE_RETURN_IF_ERROR(count());
  return real_.exchange(one, other);
}

Status FaultyLake::link(const lake::LakePath& from, const lake::LakePath& to) {
  CDCLAKE_RETURN_IF_ERROR(count());
  return real_.link(from, to);
}

Status FaultyLake::remove_file(const lake::LakePath& path) {
  CDCLAKE_RETURN_IF_ERROR(count());
  return real_.remove_file(path);
}

Status FaultyLake::remove_tree(const lake::LakePath& path) {
  CDCLAKE_RETURN_IF_ERROR(count());
  return real_.remove_tree(path);
}

Status FaultyLake::sync_folder(const lake::LakePath& folder) {
  CDCLAKE_RETURN_IF_ERROR(count());
  return real_.sync_folder(folder);
}

Result<lake::Entry> FaultyLake::stat(const lake::LakePath& path) { return real_.stat(path); }

Result<std::vector<lake::Entry>> FaultyLake::list(const lake::LakePath& folder) {
  return real_.list(folder);
}

std::string FaultyLake::absolute(const lake::LakePath& path) const { return real_.absolute(path); }

}  // namespace cdclake::testing
