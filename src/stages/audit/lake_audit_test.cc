#include "stages/audit/lake_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/commit_builders.h"
#include "testing/lake_scene.h"
#include "testing/matchers.h"
#include "testing/temp_folder.h"

namespace cdclake::audit {
namespace {

using metadata::Role;
using ::testing::Contains;
using ::testing::Field;
using ::testing::IsEmpty;
using Scene = testing::LakeScene;

/// What is wrong only while a job works is looked at again; these are the tests of that. Lakes with
/// real files, damaged one by one, are in tests/program/audit_test.py.
class LakeAuditTest : public ::testing::Test {
 protected:
  LakeAuditTest() { Scene::check(scene_.publisher(Role::kBronzeWrite).recover()); }

  /// `before_look` is called each time that the audit asks who works, twice a look.
  Report audit(const std::set<std::string>& at_work,
               const std::function<void(int)>& before_look = {}) {
    int asked = 0;
    Watch watch;
    watch.roles_at_work = [&]() -> Result<std::set<std::string>> {
      if (before_look) before_look(asked);
      ++asked;
      return at_work;
    };
    return Scene::unwrap(audit_lake(scene_.fs(), scene_.store(), Depth::kStore, watch));
  }

  lake::LakePath put(const lake::LakePath& path) {
    Scene::check(scene_.fs().make_folders(path.parent()));
    const auto file = Scene::unwrap(scene_.fs().create(path));
    Scene::check(file->append("x"));
    Scene::check(file->sync_and_close());
    return path;
  }

  testing::TempFolder folder_;
  Scene scene_{folder_.path()};
};

const lake::LakePath kStray{lake::Root::kBronze, "cdc/stray.parquet"};

auto finds(Fault fault) { return Contains(Field(&Finding::fault, fault)); }

TEST_F(LakeAuditTest, AnEmptyLakeBalances) { EXPECT_THAT(audit({}).findings, IsEmpty()); }

TEST_F(LakeAuditTest, AFileThatStaysIsNamedAlsoWhileJobsWork) {
  put(kStray);
  EXPECT_THAT(audit({"bronze_write"}).findings, finds(Fault::kFileUnnamed));
}

TEST_F(LakeAuditTest, WhatAJobPutsRightMeanwhileIsNotHeldAgainstTheLake) {
  put(kStray);
  const auto report = audit({"bronze_write"}, [&](int asked) {
    if (asked == 2) Scene::check(scene_.fs().remove_file(kStray));
  });
  EXPECT_THAT(report.findings, IsEmpty());
}

TEST_F(LakeAuditTest, AWholeLakeIsLookedAtOnce) {
  int looks = 0;
  audit({}, [&](int asked) { looks = asked; });
  EXPECT_EQ(looks, 1) << "who works is asked before and after";
}

TEST_F(LakeAuditTest, ATransientFindingIsNotSaidThoughNobodySeemedToWork) {
  put(kStray);
  const auto report = audit({}, [&](int asked) {
    if (asked == 2) Scene::check(scene_.fs().remove_file(kStray));
  });
  EXPECT_THAT(report.findings, IsEmpty());
}

TEST_F(LakeAuditTest, WhatStaysIsSaidAlsoWhenItsNumbersMove) {
  const auto path = put(kStray);
  const auto report = audit({"bronze_write"}, [&](int asked) {
    Scene::check(scene_.fs().remove_file(path));
    const auto file = Scene::unwrap(scene_.fs().create(path));
    Scene::check(file->append(std::string(static_cast<std::size_t>(asked + 1), 'x')));
    Scene::check(file->sync_and_close());
  });
  EXPECT_THAT(report.findings, finds(Fault::kFileUnnamed));
}

TEST_F(LakeAuditTest, WorkInHandIsUnfinishedOnlyWhereItsJobIsGone) {
  put(lake::wip_path(lake::Root::kSilver, "silver_stage-1"));
  const auto left = audit({"bronze_write"});
  EXPECT_THAT(left.findings, finds(Fault::kUnfinished));
  EXPECT_TRUE(left.balances());
  EXPECT_THAT(audit({"silver_stage"}).findings, IsEmpty());
}

TEST_F(LakeAuditTest, WhatAKilledFirstStartLeftIsNoDamage) {
  put(lake::private_folder(lake::Root::kBronze) / "lake-1");
  const auto left = audit({});
  EXPECT_THAT(left.findings, finds(Fault::kUnfinished));
  EXPECT_TRUE(left.balances());
}

TEST_F(LakeAuditTest, RefusesTheStoreOfAnotherLake) {
  testing::TempFolder elsewhere;
  Scene other(elsewhere.path());
  Scene::check(other.publisher(Role::kBronzeWrite).recover());
  const auto report =
      audit_lake(other.fs(), scene_.store(), Depth::kStore,
                 {.roles_at_work = [] { return std::set<std::string>(); }, .progress = {}});
  EXPECT_THAT(report, testing::FailsSaying(ErrorKind::kInvalidConfig, "another lake"));
}

}  // namespace
}  // namespace cdclake::audit
