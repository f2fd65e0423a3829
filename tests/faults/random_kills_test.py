"""Death at random moments: one lake, a run over a recording in small batches, killed and started again until
one comes through. After each death the lake must balance, and at the end the table must be right.

KILLS says how many deaths (20 by default; a thousand and more by hand), SEED repeats a series.
"""

import itertools
import os
import random
import shutil
import signal
import subprocess
import time

import pytest
from change_events import Recording, Table
from lake_under_test import Lake
from second_half import assert_balanced

KILLS = int(os.environ.get("KILLS", "20"))
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
USERS = Table("users", {"id": "integer", "name": "text"})
CHANGES = 600


@pytest.fixture(name="work")
def work_with_its_outcome():
    """A recording of two partitions with inserts, updates and deletes, and the table that it must give."""
    draw, recording, rows = random.Random(7), Recording(), {}
    for number in range(CHANGES):
        key = draw.randrange(100)
        row = {"id": key, "name": f"name {number}"}
        if key not in rows:
            op = "c"
        else:
            op = draw.choice("uuud")
        recording.event(op, USERS, row, partition=key % 2)
        if op == "d":
            del rows[key]
        else:
            rows[key] = row["name"]
    return recording, sorted(rows.items())


def wait_or_kill(process, seconds):
    """Whether it was killed before it came to its end."""
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    return process.returncode == -signal.SIGKILL


def test_nothing_is_lost_or_doubled_whenever_it_dies(tmp_path, work):
    recording, expected = work
    path, draw = recording.write(tmp_path / "whole.jsonl"), random.Random(SEED)
    settings = {"BATCH_SIZE": "25", "CDCLAKE_GRACE_HOURS": "0"}
    killed = finished = 0
    for number in itertools.count():
        if killed >= KILLS:
            break
        lake = Lake(tmp_path / f"lake{number}", **settings).with_types_of(USERS)
        begin = time.monotonic()
        first = lake.run_once(path)
        assert first.returncode == 0, first.stderr
        whole_run = time.monotonic() - begin
        shutil.rmtree(lake.folder)
        while True:
            process = lake.start("run", "--once", "--input", path)
            was_killed = wait_or_kill(process, draw.uniform(0.01, whole_run * 0.9))
            seen = f"SEED={SEED}, after {killed} deaths"
            if lake.store.exists() and lake.silver.joinpath(".cdclake/lake.json").exists():
                assert_bound_lake_balances(lake, seen)
            if not was_killed:
                break
            killed += 1
        assert process.returncode == 0, seen
        assert_balanced(lake, "--deep")
        rows = [(row["id"], row["name"]) for row in lake.current("public.users", ["id", "name"])]
        assert rows == expected, seen
        assert len(lake.raw(["offset"])) == len(recording.records), seen
        finished += 1
        shutil.rmtree(lake.folder)
    print(f"SEED={SEED}: {killed} deaths, {finished} lakes whole")


def assert_bound_lake_balances(lake, seen):
    """A lake that died before its first commit is no lake of the store yet: a start makes it one."""
    bound = lake.query_store("SELECT count(*) FROM sqlite_master WHERE name = 'lake_root'")[0][0]
    if bound and len(lake.query_store("SELECT root FROM lake_root")) == 2:
        audit = lake.call("audit", "--json")
        assert audit.returncode == 0, f"{seen}\n{audit.stdout}{audit.stderr}"
