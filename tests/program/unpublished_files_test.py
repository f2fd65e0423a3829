"""Files that a stage has committed, and was killed before it gave them their names."""

import json
import os
import signal

import pytest
from change_events import Table
from lake_under_test import ROOT

USERS = Table("users", {"id": "bigint", "name": "text"})
RECORDING = ROOT / "examples/recorded/users_and_orders.jsonl"


@pytest.mark.parametrize("step", ["commit.after_record", "commit.after_rename"])
def test_a_merge_alone_reads_what_a_killed_stage_has_committed(lake, step):
    assert lake.call("bronze", "write", "--once", "--input", RECORDING).returncode == 0
    killed = lake.call("silver", "stage", "--once", environment={"CDCLAKE_FAILPOINT": step})
    assert killed.returncode == -signal.SIGKILL
    merged = lake.call("silver", "merge", "--once")
    assert merged.returncode == 0, merged.stderr
    assert {entry["table"]: entry["rows"] for entry in lake.status()["tables"]} == {
        "public.orders": 8, "public.users": 6,
    }


@pytest.mark.parametrize("step", ["commit.after_record", "commit.after_rename"])
def test_a_stage_alone_reads_what_a_killed_writer_has_committed(lake, step):
    words = ["bronze", "write", "--once", "--input", RECORDING]
    killed = lake.call(*words, environment={"CDCLAKE_FAILPOINT": step})
    assert killed.returncode == -signal.SIGKILL
    staged = lake.call("silver", "stage", "--once")
    assert staged.returncode == 0, staged.stderr
    assert all(entry["rows"] == entry["bronze_records"] for entry in lake.status()["partitions"])


def files_of(lake):
    """Version and rows of the newest version, as `cdclake path` tells them; every file exists."""
    done = lake.call("path", "--table", "public.users", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert all(os.path.exists(file["path"]) for file in found["files"]), found
    return found["version"], sum(file["rows"] for file in found["files"])


@pytest.mark.parametrize("step", ["commit.after_record", "commit.after_rename"])
def test_path_prints_files_that_exist_also_after_a_killed_merge(lake, recording, tmp_path, step):
    lake.with_types_of(USERS)
    for id in (1, 2):
        recording.event("c", USERS, {"id": id, "name": "a"})
        path = recording.write(tmp_path / f"{id}.jsonl")
        assert lake.call("bronze", "write", "--once", "--input", path).returncode == 0
        assert lake.call("silver", "stage", "--once").returncode == 0
        killed = lake.call("silver", "merge", "--once", environment={"CDCLAKE_FAILPOINT": step})
        assert killed.returncode == -signal.SIGKILL
        if id == 1:
            assert lake.call("path", "--table", "public.users").returncode == 2, "no version yet"
        else:
            assert files_of(lake) == (1, 1)
        assert lake.call("silver", "merge", "--once").returncode == 0
        assert files_of(lake) == (id, id)
