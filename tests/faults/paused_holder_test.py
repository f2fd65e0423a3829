"""A holder that was paused for longer than anybody waits: stopped at each failpoint, its role taken over by
another process, then continued. It finds itself fenced and changes nothing that readers see.
"""

import contextlib
import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from kills_test import failpoints_of_a_run
from second_half import (  # noqa: F401
    assert_balanced,
    both_halves,
    check_everything,
    lakes_with_the_first_half,
)

SHIM = os.environ.get("CDCLAKE_SURROUNDINGS_SHIM", "")
OUT_OF_REACH, FENCED = 4, 5
TEN_MINUTES_US = 600_000_000
# A process that is stopped here holds the store's write lock.
UNDER_THE_LOCK = {"commit.after_rename", "commit.after_exchange", "commit.before_published"}


def start_until_it_stops(lake, path, point):
    process = lake.start("run", "--once", "--input", path, environment={"CDCLAKE_FAILPOINT": f"{point}:stop"})
    stat = Path(f"/proc/{process.pid}/stat")
    end = time.monotonic() + 60
    while stat.read_text().rpartition(")")[2].split()[0] != "T":
        assert process.poll() is None and time.monotonic() < end, "the failpoint was never reached"
        time.sleep(0.01)
    return process


def let_ten_minutes_pass(lake):
    """All that tells ten minutes from a moment are the heartbeats that are missing."""
    with contextlib.closing(sqlite3.connect(lake.store)) as store, store:
        store.execute("UPDATE lease SET heartbeat_us = heartbeat_us - ?", [TEN_MINUTES_US])


def go_on(process):
    process.send_signal(signal.SIGCONT)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


def what_readers_see(lake):
    paths = [path for root in (lake.bronze, lake.silver) for path in sorted(root.rglob("*"))]
    seen = [path for path in paths if ".cdclake" not in path.parts]
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns, path.stat().st_size) for path in seen}


@pytest.mark.parametrize("point", sorted(set(failpoints_of_a_run()) - UNDER_THE_LOCK))
def test_a_holder_that_wakes_up_is_fenced_and_changes_nothing(next_lake, recording, tmp_path, point):
    lake, path = next_lake(), recording.write(tmp_path / "whole.jsonl")
    first = start_until_it_stops(lake, path, point)
    refused = lake.run_once(path)
    assert refused.returncode == FENCED and f":{first.pid}" in refused.stderr, refused.stderr
    let_ten_minutes_pass(lake)
    second = lake.run_once(path)
    assert second.returncode == 0, second.stderr
    check_everything(lake, recording)
    before = what_readers_see(lake)
    code, err = go_on(first)
    assert code == FENCED, err
    assert what_readers_see(lake) == before
    assert_balanced(lake, "--deep")
    assert lake.run_once(path).returncode == 0
    check_everything(lake, recording)


@pytest.mark.parametrize("point", sorted(UNDER_THE_LOCK))
def test_nobody_takes_over_from_a_holder_in_the_middle_of_publishing(next_lake, recording, tmp_path, point):
    lake, path = next_lake(), recording.write(tmp_path / "whole.jsonl")
    first = start_until_it_stops(lake, path, point)
    second = lake.run_once(path, environment={"LD_PRELOAD": SHIM, "CLOCK_STEPS": "1:600"})
    assert second.returncode == OUT_OF_REACH and "locked" in second.stderr, second.stderr
    assert go_on(first)[0] == 0
    check_everything(lake, recording)
