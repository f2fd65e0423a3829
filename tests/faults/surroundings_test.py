"""A slow disk, a clock that jumps, a store where none may lie."""

import os
import random
import signal
import sqlite3
import subprocess
import time

import pytest
from lake_under_test import Lake, wait_until
from second_half import (  # noqa: F401
    ORDERS,
    USERS,
    both_halves,
    check_everything,
    lakes_with_the_first_half,
)

SHIM = os.environ.get("CDCLAKE_SURROUNDINGS_SHIM", "")
DAY, YEAR = 86_400, 31_622_400
NFS, SMB2 = 0x6969, 0xFE534D42


def surrounded_by(**settings):
    return {"LD_PRELOAD": SHIM, **{name: str(value) for name, value in settings.items()}}


def test_a_slow_disk_makes_it_slow_and_nothing_else(next_lake, recording):
    lake = next_lake()
    begin = time.monotonic()
    run = lake.run_recording(recording, environment=surrounded_by(SYNC_DELAY_MS=50))
    assert run.returncode == 0, run.stderr
    assert time.monotonic() - begin > 1, "no sync was slow"
    check_everything(lake, recording)


def test_stages_that_wait_for_each_others_syncs_all_come_to_their_end(next_lake, recording, tmp_path):
    lake, path = next_lake(), recording.write(tmp_path / "whole.jsonl")
    service = lake.start("run", "--input", path, environment=surrounded_by(SYNC_DELAY_MS=250))
    wait_until(lambda: "moved" in {row["name"] for row in lake.current("public.users", ["name"])}, seconds=110)
    service.send_signal(signal.SIGTERM)
    _, err = service.communicate(timeout=60)
    assert service.returncode == 0, err
    assert lake.run_once(path).returncode == 0
    check_everything(lake, recording)


@pytest.mark.parametrize("steps", [f"1:{YEAR}", f"40:{-DAY}", f"20:{YEAR},60:{-DAY}", "30:3600,31:0,90:-1"])
def test_a_clock_that_jumps_changes_no_order(next_lake, recording, steps):
    lake = next_lake()
    run = lake.run_recording(recording, environment=surrounded_by(CLOCK_STEPS=steps))
    assert run.returncode == 0, run.stderr
    check_everything(lake, recording)
    years = {started // (YEAR * 1_000_000) for (started,) in lake.query_store("SELECT started_us FROM run")}
    assert len(years) > 1 or str(YEAR) not in steps, "no clock jumped"


def test_a_run_from_the_future_hinders_none_of_the_present(next_lake, recording, tmp_path):
    lake, path = next_lake(), recording.write(tmp_path / "whole.jsonl")
    killed = surrounded_by(CLOCK_STEPS=f"1:{YEAR}") | {"CDCLAKE_FAILPOINT": "commit.after_rename"}
    assert lake.run_once(path, environment=killed).returncode == -signal.SIGKILL
    assert lake.run_once(path).returncode == 0
    check_everything(lake, recording)


def test_a_stop_signal_at_any_moment_of_a_flush_ends_with_0_and_loses_nothing(next_lake, recording, tmp_path):
    path, draw = recording.write(tmp_path / "whole.jsonl"), random.Random(12)
    for _ in range(8):
        lake = next_lake()
        service = lake.start("run", "--input", path, environment=surrounded_by(SYNC_DELAY_MS=20))
        time.sleep(draw.uniform(0.2, 2))
        begin = time.monotonic()
        service.send_signal(signal.SIGTERM)
        _, err = service.communicate(timeout=60)
        assert service.returncode == 0, err
        assert time.monotonic() - begin < 30
        assert lake.run_once(path).returncode == 0
        check_everything(lake, recording)


@pytest.mark.parametrize("file_system", [NFS, SMB2])
def test_a_store_on_a_network_disk_is_refused(next_lake, recording, file_system):
    run = next_lake().run_recording(recording, environment=surrounded_by(FILE_SYSTEM=file_system))
    assert run.returncode == 2
    assert "must be on a local disk" in run.stderr and "METADATA_DB" in run.stderr


@pytest.fixture
def overlay(tmp_path):
    """A folder of layers, as containers have it."""
    parts = {name: tmp_path / name for name in ("lower", "upper", "work", "merged")}
    for path in parts.values():
        path.mkdir()
    options = f"lowerdir={parts['lower']},upperdir={parts['upper']},workdir={parts['work']}"
    mount = ["mount", "-t", "overlay", "overlay", "-o", options, parts["merged"]]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("may not mount layers")
    yield parts["merged"]
    subprocess.run(["umount", "-l", parts["merged"]], check=True)


def test_a_lake_in_the_layers_of_a_container_holds(overlay, recording, tmp_path):
    lake = Lake(overlay / "lake", CDCLAKE_GRACE_HOURS="0").with_types_of(USERS, ORDERS)
    path = recording.write(tmp_path / "whole.jsonl")
    killed = lake.run_once(path, environment={"CDCLAKE_FAILPOINT": "commit.after_record:2"})
    assert killed.returncode == -signal.SIGKILL
    assert lake.run_once(path).returncode == 0
    check_everything(lake, recording)
    assert sqlite3.connect(lake.store).execute("PRAGMA integrity_check").fetchone() == ("ok",)
