#include "app/pipeline/memory_plan/memory_plan.h"

#include <algorithm>
#include <array>

#include "stages/silver_current/merge_memory.h"

namespace cdclake::pipeline {
namespace {

using metadata::Role;

constexpr std::int64_t kMiB = 1 << 20;

/// The program and its libraries, the store's cache, what is known of tables and partitions, and
/// what allocators keep.
constexpr std::int64_t kProgramBytes = 96 * kMiB;

/// An open Parquet file of Bronze that holds few records; 95 KiB were measured.
constexpr std::int64_t kOpenFileBytes = 128 << 10;

/// What each stage gets of what is left, relative to the others.
std::int64_t weight_of(Role role) {
  switch (role) {
    case Role::kBronzeWrite:
    case Role::kSilverStage:
      return 5;
    case Role::kBronzeCompact:
      return 3;
    case Role::kSilverMerge:
      return 7;
    default:
      return 1;
  }
}

constexpr std::array kAll = {Role::kBronzeWrite, Role::kBronzeCompact, Role::kSilverStage,
                             Role::kSilverMerge};

std::map<Role, std::int64_t> divide(std::int64_t bytes, const std::set<Role>& at_once) {
  std::int64_t weights = 0;
  for (const Role role : at_once) weights += weight_of(role);
  std::map<Role, std::int64_t> shares;
  for (const Role role : at_once) shares[role] = bytes * weight_of(role) / weights;
  return shares;
}

/// What every stage can work on where all run at once: what one process takes in, all must be able
/// to read.
std::int64_t record_bytes_max(const MemoryPlan& plan, std::int64_t divided) {
  auto shares = divide(divided, {kAll.begin(), kAll.end()});
  const std::int64_t in_all =
      std::min({(shares[Role::kBronzeWrite] + plan.spare_bytes) / bronze::kTimesHeld,
                (shares[Role::kBronzeCompact] + plan.spare_bytes) / bronze::kTimesHeld,
                (shares[Role::kSilverStage] + plan.spare_bytes) / silver_stage::kTimesHeld,
                plan.group_bytes_max + plan.spare_bytes / silver_current::kTimesHeld});
  constexpr std::int64_t kBesideTheValue = 64 << 10;
  return std::min<std::int64_t>(in_all - kBesideTheValue, 1 << 30);
}

std::int64_t share_in(const MemoryPlan& plan, Role role) {
  const auto found = plan.shares.find(role);
  return found == plan.shares.end() ? kMiB : found->second;
}

/// A number of things, each of which takes so much, with which some work is possible.
std::int64_t as_many(std::int64_t share, std::int64_t each, std::int64_t most) {
  return std::clamp<std::int64_t>(share / each, 16, most);
}

}  // namespace

MemoryPlan plan_memory(std::int64_t limit_bytes, const std::set<Role>& at_once) {
  MemoryPlan plan;
  const std::int64_t left = std::max(limit_bytes - kProgramBytes, kMiB);
  plan.spare_bytes = left * 3 / 8;
  plan.group_bytes_max = std::min(left / 64, 64 * kMiB);
  const std::int64_t divided = left - plan.spare_bytes;
  plan.record_bytes_max = record_bytes_max(plan, divided);
  for (const auto& [role, share] : divide(divided, at_once)) plan.shares[role] = share;
  return plan;
}

std::int64_t MemoryPlan::queue_bytes_max() const {
  return std::min(share_in(*this, Role::kBronzeWrite) / 8, 64 * kMiB);
}

std::int64_t MemoryPlan::poll_bytes_max() const {
  return std::min(share_in(*this, Role::kBronzeWrite) / 16, 16 * kMiB);
}

bronze::BronzeConfig MemoryPlan::fitted(bronze::BronzeConfig config) const {
  const std::int64_t share = share_in(*this, Role::kBronzeWrite);
  config.memory_bytes = share;
  config.batch_bytes_max = std::min(share / 3, config.batch_bytes_max);
  config.open_files_max = as_many(share / 2, kOpenFileBytes, config.open_files_max);
  config.group_bytes_max = group_bytes_max;
  config.record_bytes_max = record_bytes_max;
  return config;
}

bronze::CompactionLimits MemoryPlan::compaction() const {
  return {.group_bytes_max = group_bytes_max,
          .memory_bytes = share_in(*this, Role::kBronzeCompact)};
}

silver_stage::SilverStageConfig MemoryPlan::stage() const {
  const std::int64_t share = share_in(*this, Role::kSilverStage);
  silver_stage::SilverStageConfig config;
  config.memory_bytes = share;
  config.limits.bytes_max = std::min(share / 5, config.limits.bytes_max);
  config.limits.group_bytes_max = group_bytes_max;
  config.limits.quarantined_max = as_many(share, 4 << 10, config.limits.quarantined_max);
  return config;
}

silver_current::SilverMergeConfig MemoryPlan::fitted(
    silver_current::SilverMergeConfig config) const {
  config.memory_bytes_max = share_in(*this, Role::kSilverMerge) * 3 / 4;
  config.group_bytes_max = group_bytes_max;
  return config;
}

}  // namespace cdclake::pipeline
