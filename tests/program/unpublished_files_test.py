"""Files that a stage has committed, and was killed before it gave them their names."""

import signal

import pytest
from lake_under_test import ROOT

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
