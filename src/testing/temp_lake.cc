#include "testing/temp_lake.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/ids.h"

namespace cdclake::testing {
namespace {

template <typename T>
T value_or_exit(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "TempLake: %s\n", result.error().message.c_str());
  std::abort();
}

}  // namespace

std::filesystem::path make_temp_folder() {
  auto folder = std::filesystem::temp_directory_path() / ("cdclake-test-" + random_hex_id());
  std::filesystem::create_directories(folder);
  return folder;
}

TempLake::TempLake() : clock_(system_clock_), folder_(make_temp_folder()) { open(); }

TempLake::TempLake(const Clock& clock) : clock_(clock), folder_(make_temp_folder()) { open(); }

TempLake::~TempLake() {
  leases_.clear();
  store_.reset();
  fs_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void TempLake::open() {
  std::filesystem::create_directories(std::filesystem::path(store_path()).parent_path());
  fs_ = value_or_exit(lake::open_posix_lake({.bronze = bronze_root(), .silver = silver_root()}));
  store_ = value_or_exit(
      metadata::MetadataStore::open(store_path(), metadata::Access::kReadWrite, clock_));
}

void TempLake::reopen() {
  leases_.clear();
  store_.reset();
  fs_.reset();
  open();
}

const metadata::LeaseGrant& TempLake::lease(metadata::Role role) {
  auto place = leases_.find(role);
  if (place == leases_.end()) {
    auto lease = value_or_exit(commit::RoleLease::take(*store_, store_path(), role, clock_));
    place = leases_.emplace(role, std::move(lease)).first;
  }
  return place->second.grant();
}

}  // namespace cdclake::testing
