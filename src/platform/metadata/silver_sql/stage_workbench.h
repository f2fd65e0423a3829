#pragma once

#include <string>

#include "testing/bare_store.h"
#include "testing/commit_builders.h"

namespace cdclake::metadata {

inline const model::PartitionId kUsersTopic = testing::partition_of("s.users");
inline const model::TableId kUsersTable = {"s", "db", "public", "users"};

/// A store with Bronze records 0 to 10 of `s.users`, in segments of five, and the table registered.
struct StagedStore {
  StagedStore() {
    const RunId run = store.begin_run(Role::kBronzeWrite, "bronze");
    const auto& writer = store.lease(Role::kBronzeWrite);
    for (const std::int64_t first : {0, 5}) {
      testing::BareStore::check(store->commit(
          writer, testing::bronze_commit(run, "bronze" + std::to_string(first),
                                         testing::segment_of(kUsersTopic, first, first + 5))));
    }
    const auto& lease = store.lease(Role::kSilverStage);
    table = testing::BareStore::unwrap(store->register_table(lease, kUsersTable, kUsersTopic.topic))
                .key;
    testing::BareStore::check(store->save_schema(lease, *schema));
    run_id = store.begin_run(Role::kSilverStage, "stage");
  }

  /// One file with a row for each offset.
  StageCommit stage_of(const std::string& id, std::int64_t first, std::int64_t next) const {
    StageCommit commit;
    commit.run = run_id;
    const lake::LakePath folder{lake::Root::kSilver, "stage_events/table=public.users"};
    commit.files.push_back({testing::prepared(id, FileKind::kStage, folder, next - first),
                            table,
                            schema->id,
                            "2026-01-01",
                            {{kUsersTopic, {first, next}}}});
    commit.ranges.push_back({{kUsersTopic, first, next}, next - first, 0, 0});
    return commit;
  }
  Status stage(const StageCommit& commit) {
    return store->commit(store.lease(Role::kSilverStage), commit);
  }

  testing::BareStore store;
  model::TableSchemaPtr schema = testing::small_schema(kUsersTable);
  TableKey table = 0;
  RunId run_id;
};

}  // namespace cdclake::metadata
