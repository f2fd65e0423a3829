#include "testing/temp_store.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace cdclake::testing {
namespace {

template <typename T>
T value_or_abort(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "TempStore: %s\n", result.error().message.c_str());
  std::abort();
}

}  // namespace

TempStore::TempStore(TempLake& lake, const Clock& clock) : clock_(clock), path_(lake.store_path()) {
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path());
  open();
}

void TempStore::open() {
  store_ =
      value_or_abort(metadata::MetadataStore::open(path_, metadata::Access::kReadWrite, clock_));
}

void TempStore::close() {
  leases_.clear();
  store_.reset();
}

void TempStore::reopen() {
  close();
  open();
}

const metadata::LeaseGrant& TempStore::lease(metadata::Role role) {
  auto place = leases_.find(role);
  if (place == leases_.end()) {
    auto lease = value_or_abort(commit::RoleLease::take(*store_, path_, role, clock_));
    place = leases_.emplace(role, std::move(lease)).first;
  }
  return place->second.grant();
}

}  // namespace cdclake::testing
