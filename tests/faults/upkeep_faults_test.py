"""A disk that fails at the n-th operation of an upkeep, for n = 1, 2, 3 … until one meets no fault: then an upkeep
again. No row is lost or doubled, whoever looks in between, and nothing is left behind.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess

import pytest
from lake_under_test import Lake
from second_half import EXPECTED, assert_balanced, both_halves, check_everything, lakes_with_the_first_half  # noqa: F401

SHIM = os.environ.get("CDCLAKE_FAULT_SHIM", "")
STRIDE = int(os.environ.get("FAULT_STRIDE", "19"))
DONE, OUT_OF_REACH, CORRUPT = 0, 4, 6
KINDS = {
    "EIO once": ("EIO", "0"),
    "EIO from then on": ("EIO", "1"),
    "ENOSPC from then on": ("ENOSPC", "1"),
    "a short write": ("SHORT", "0"),
}
TOGETHER = ("maintain", "--once")
UPKEEPS = {"put together": TOGETHER, "expire": (*TOGETHER, "--stage-retention-days", "365")}


@pytest.fixture
def whole(next_lake, recording):
    """A lake that took both halves, long ago: two small stage files of a table's day."""
    lake = next_lake()
    assert lake.run_recording(recording).returncode == DONE
    with contextlib.closing(sqlite3.connect(lake.store)) as connection:
        connection.execute("UPDATE stage_batch SET committed_us = committed_us - 400 * 86400 * 1000000")
        connection.commit()
    return lake


def call_with_fault(lake, words, kind, onward, at):
    report = lake.folder.parent / "fault-report"
    report.unlink(missing_ok=True)
    fault = {"LD_PRELOAD": SHIM, "FAULT_BELOW": f"{lake.folder}/", "FAULT_AT": str(at), "FAULT_KIND": kind,
             "FAULT_ONWARD": onward, "FAULT_REPORT": str(report)}  # fmt: skip
    done = lake.call(*words, environment=fault)
    lines = [line.split() for line in report.read_text().splitlines()]
    return done, next((word for word, _ in lines if word != "counted"), None)


def staged(lake):
    return sorted((table, row["_offset"]) for table in EXPECTED for row in lake.staged(table, ["_offset"]))


@pytest.mark.parametrize("words", UPKEEPS.values(), ids=UPKEEPS)
@pytest.mark.parametrize(("kind", "onward"), KINDS.values(), ids=KINDS)
def test_whichever_operation_of_an_upkeep_fails_nothing_is_lost_or_doubled(whole, recording, words, kind, onward):
    rows, failed, at = staged(whole), {}, 1 + sum(map(ord, kind + onward)) % STRIDE
    while True:
        folder = whole.folder.parent / f"at{at}"
        subprocess.run(["cp", "-a", whole.folder, folder], check=True)
        lake = Lake(folder, CDCLAKE_GRACE_HOURS="0")
        done, operation = call_with_fault(lake, words, kind, onward, at)
        seen = f"{kind} at {at} ({operation})\n{done.stderr}"
        if operation is not None:
            failed[operation] = failed.get(operation, 0) + 1
            # An operation that fails may make a file look damaged.
            assert done.returncode in (DONE, OUT_OF_REACH, CORRUPT), seen
            assert done.returncode == DONE or done.stderr.strip(), seen
            between = staged(lake)
            assert len(set(between)) == len(between), seen
            assert between == rows or words != TOGETHER, seen
            assert_balanced(lake)
        again = lake.call(*words)
        assert again.returncode == DONE, f"{seen}\n{again.stderr}"
        if words == TOGETHER:
            check_everything(lake, recording)
        else:
            assert staged(lake) == []
        assert_balanced(lake, "--deep")
        assert not list(lake.folder.rglob("wip/*"))
        shutil.rmtree(folder)
        if operation is None:
            break
        at += STRIDE
    assert done.returncode == DONE, done.stderr
    print(f"{kind}, stride {STRIDE}: failed {sum(failed.values())} operations: {failed}")
    assert failed, "the fault was never met"
