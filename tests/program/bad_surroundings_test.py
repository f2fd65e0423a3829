"""Bad surroundings: a message that says what to do, the documented exit code, nothing half-written, then exact."""

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import threading
import time

import pyarrow.parquet
import pytest
from change_events import Recording, Table
from lake_under_test import PROGRAM, Lake, wait_until

PRIVATE = {".cdclake", "logs", "metadata"}
BLOBS = Table("blobs", {"id": "integer", "body": "text"})


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 16 MB; `grow` makes it large enough."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("may not mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def grow(folder):
    subprocess.run(["mount", "-o", "remount,size=512m", folder], check=True)


def large_recording(megabytes):
    """Text that does not compress much, a few kilobytes a record."""
    numbers, recording = random.Random(1), Recording()
    for number in range(megabytes * 100):
        body = numbers.randbytes(5_000).hex()
        recording.event("c", BLOBS, {"id": number, "body": body})
    return recording


def visible_files_are_whole(lake):
    for root in (lake.bronze / "cdc", lake.silver / "stage_events", lake.silver / "current"):
        for path in root.rglob("*.parquet"):
            pyarrow.parquet.read_table(path)


def all_is_there(lake, recording, table="public.blobs"):
    count = len(recording.records)
    offsets = [row["offset"] for row in lake.raw(["topic", "partition", "offset"])]
    assert offsets == list(range(count))
    assert [row["id"] for row in lake.current(table, ["id"])] == list(range(count))
    assert lake.table_status(table)["exact"]


@pytest.mark.parametrize("full_root", ["bronze", "silver"])
def test_a_full_disk_is_said_and_a_rerun_is_exact(tmp_path, small_disk, full_root):
    variable = {"bronze": "BRONZE_BASE_PATH", "silver": "SILVER_BASE_PATH"}[full_root]
    lake = Lake(tmp_path / "lake", **{variable: str(small_disk / full_root)}).with_types_of(BLOBS)
    setattr(lake, full_root, small_disk / full_root)
    recording = large_recording(30)
    done = lake.run_recording(recording)
    assert done.returncode == 4, done.stderr
    assert "o space left on device" in done.stderr
    visible_files_are_whole(lake)
    grow(small_disk)
    assert lake.run_recording(recording).returncode == 0
    all_is_there(lake, recording)


def test_a_full_disk_under_the_logs_stops_nothing(tmp_path, small_disk):
    with contextlib.suppress(OSError), open(small_disk / "filler", "wb") as filler:
        while True:
            filler.write(bytes(1 << 20))
    lake = Lake(tmp_path / "lake", LOG_BASE_PATH=str(small_disk / "logs"))
    done = lake.run_example()
    assert done.returncode == 0, done.stderr
    assert lake.differences() == []


def test_a_full_disk_under_everything_loses_nothing(small_disk):
    lake = Lake(small_disk / "lake").with_types_of(BLOBS)
    recording = large_recording(12)
    path = recording.write(small_disk.parent / "blobs.jsonl")
    done = lake.run_once(path)
    assert done.returncode == 4, done.stderr
    visible_files_are_whole(lake)
    grow(small_disk)
    assert lake.run_once(path).returncode == 0
    all_is_there(lake, recording)


def test_a_service_goes_on_when_there_is_space_again(tmp_path, small_disk):
    lake = Lake(tmp_path / "lake", BRONZE_BASE_PATH=str(small_disk / "bronze")).with_types_of(BLOBS)
    lake.bronze = small_disk / "bronze"
    recording = large_recording(40)
    service = lake.start("run", "--input", recording.write(tmp_path / "blobs.jsonl"))
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(service.stderr), daemon=True)
    reader.start()
    try:
        wait_until(lambda: any("o space left" in line for line in lines))
        assert service.poll() is None
        grow(small_disk)
        wait_until(lambda: len(lake.raw(["offset"])) == len(recording.records))
    finally:
        service.terminate()
    assert service.wait(timeout=30) == 0
    reader.join(timeout=10)
    assert lake.call("run", "--once", "--input", tmp_path / "blobs.jsonl").returncode == 0
    all_is_there(lake, recording)


def test_a_pipe_that_lost_records_is_asked_for_again(tmp_path, small_disk):
    lake = Lake(tmp_path / "lake", BRONZE_BASE_PATH=str(small_disk / "bronze")).with_types_of(BLOBS)
    lake.bronze = small_disk / "bronze"
    recording = large_recording(40)
    path = recording.write(tmp_path / "blobs.jsonl")
    with open(path) as pipe:
        done = lake.call("run", "--input", "-", stdin=pipe)
    assert done.returncode == 4, done.stderr
    assert "o space left" in done.stderr and "pipe it again from the beginning" in done.stderr
    grow(small_disk)
    with open(path) as pipe:
        assert lake.call("run", "--once", "--input", "-", stdin=pipe).returncode == 0
    all_is_there(lake, recording)


def as_an_ordinary_user(lake, *words):
    """Root too obeys permissions once it has given up the right to pass over them."""
    words = [PROGRAM, *map(str, words)]
    if os.geteuid() == 0:
        words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", *words]
    return subprocess.run(words, env=lake.environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("part", ["metadata", "metadata/pipeline_meta.sqlite"])
def test_status_tells_a_store_that_may_not_be_read_from_none(lake, part):
    assert lake.run_example().returncode == 0
    path = lake.folder / part
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        done = as_an_ordinary_user(lake, "status")
    finally:
        path.chmod(mode)
    assert done.returncode == 4, done.stderr
    assert "permission denied for user id" in done.stderr
    assert str(lake.store) in done.stderr
    assert lake.call("status").returncode == 0


@pytest.mark.parametrize("part", ["bronze", "silver", "metadata"])
def test_no_permission_is_said_and_a_rerun_is_exact(lake, users, recording, part, tmp_path):
    recording.event("c", users, {"id": 0, "name": "a"})
    recording.event("c", users, {"id": 1, "name": "b"})
    assert lake.with_types_of(users).run_recording(recording, 0, 1).returncode == 0
    path = recording.write(tmp_path / "users.jsonl")
    folders = [lake.folder / part, *(each for each in (lake.folder / part).rglob("*") if each.is_dir())]
    files = [each for each in (lake.folder / part).iterdir() if each.is_file()]
    modes = {each: each.stat().st_mode for each in folders + files}
    for each in modes:
        each.chmod(0o500 if each.is_dir() else 0o400)
    try:
        done = as_an_ordinary_user(lake, "run", "--once", "--input", path)
    finally:
        for each, mode in modes.items():
            each.chmod(mode)
    assert done.returncode in (2, 4), (done.returncode, done.stderr)
    assert str(lake.folder / part) in done.stderr, done.stderr
    assert "ermission denied" in done.stderr or "readonly" in done.stderr, done.stderr
    visible_files_are_whole(lake)
    assert lake.run_once(path).returncode == 0
    all_is_there(lake, recording, "public.users")


def test_a_store_locked_by_another_program_is_waited_for_then_said(lake, users, recording, tmp_path):
    recording.event("c", users, {"id": 0, "name": "a"})
    recording.event("c", users, {"id": 1, "name": "b"})
    assert lake.with_types_of(users).run_recording(recording, 0, 1).returncode == 0
    path = recording.write(tmp_path / "users.jsonl")
    intruder = sqlite3.connect(lake.store, isolation_level=None)
    intruder.execute("BEGIN IMMEDIATE")
    done = lake.run_once(path)
    assert done.returncode == 4, (done.returncode, done.stderr)
    assert "locked" in done.stderr and str(lake.store) in done.stderr, done.stderr
    waiting = lake.start("run", "--once", "--input", path)
    time.sleep(1)
    intruder.execute("ROLLBACK")
    intruder.close()
    _, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, err
    all_is_there(lake, recording, "public.users")


def refused(lake, path, *words):
    """Refused as a matter of configuration, by words that help; nothing that anybody reads has changed."""

    def state():
        files = [each for each in sorted(lake.folder.rglob("*")) if each.is_file()]
        return {each: each.stat().st_mtime_ns for each in files if not PRIVATE & set(each.parts)}

    before = state()
    done = lake.run_once(path)
    assert done.returncode == 2, (done.returncode, done.stderr)
    for word in words:
        assert word in done.stderr, done.stderr
    assert state() == before


@pytest.fixture
def input_file(recording, users, tmp_path):
    recording.event("c", users, {"id": 1, "name": "a"})
    return recording.write(tmp_path / "users.jsonl")


def test_a_newer_store_is_refused(lake, input_file):
    assert lake.run_once(input_file).returncode == 3
    with contextlib.closing(sqlite3.connect(lake.store)) as store:
        store.execute("PRAGMA user_version = 99")
    refused(lake, input_file, "version", "99", str(lake.store))


def test_a_store_of_the_first_version_is_refused(lake, input_file):
    lake.store.parent.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(lake.store)) as store:
        store.execute("CREATE TABLE pipeline_runs(run_id, start_time, end_time, status, details)")
        store.execute("CREATE TABLE cdc_checkpoints(topic, partition, last_committed_offset, updated_at)")
        store.commit()
    refused(lake, input_file, "first version", "METADATA_DB")


@pytest.mark.parametrize(
    "folder, variable",
    [
        ("bronze/cdc/source=shop/table=users/ingestion_date=2026-01-01/run_id=0a", "BRONZE_BASE_PATH"),
        ("silver/current/table=users", "SILVER_BASE_PATH"),
    ],
)
def test_files_of_the_first_version_are_never_mixed_with_ours(lake, input_file, folder, variable):
    (lake.folder / folder).mkdir(parents=True)
    (lake.folder / folder / "events_00001.parquet").write_bytes(b"PAR1")
    refused(lake, input_file, "first version", variable)


def test_a_store_of_another_program_is_refused(lake, input_file):
    lake.store.parent.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(lake.store)) as store:
        store.execute("CREATE TABLE notes(text)")
        store.commit()
    refused(lake, input_file, "another program", "METADATA_DB")


def test_a_lake_without_its_store_is_refused(lake, input_file, users):
    assert lake.with_types_of(users).run_once(input_file).returncode == 0
    shutil.rmtree(lake.store.parent)
    refused(lake, input_file, "METADATA_DB")


def test_a_store_without_its_lake_is_refused(lake, input_file, users):
    assert lake.with_types_of(users).run_once(input_file).returncode == 0
    shutil.rmtree(lake.silver)
    refused(lake, input_file, "SILVER_BASE_PATH")


def test_a_store_that_is_no_database_is_said(lake, input_file):
    lake.store.parent.mkdir(parents=True)
    lake.store.write_bytes(b"not a database, " * 1000)
    done = lake.run_once(input_file)
    assert done.returncode in (2, 6), (done.returncode, done.stderr)
    assert str(lake.store) in done.stderr
    assert lake.store.read_bytes() == b"not a database, " * 1000
