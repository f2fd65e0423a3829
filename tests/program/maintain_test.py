"""`cdclake maintain`: files are kept in shape, and nothing that counts is lost, doubled, or in a reader's way."""

import contextlib
import hashlib
import itertools
import json
import shutil
import signal
import sqlite3

import duckdb
import pytest
from change_events import Recording, Table
from foreign_readers_test import GlobReader, STAGE
from lake_under_test import Lake, wait_until
from second_half import assert_balanced

USERS = Table("users", {"id": "integer", "name": "text"})
ORDERS = Table("orders", {"id": "integer", "note": "text"})
DONE, DAMAGED = 0, 6
LONG_AGO = 400 * 86_400 * 1_000_000


def changes(count, first=0):
    recording = Recording()
    for number in range(count):
        recording.event("c", USERS, {"id": first + number, "name": f"user {number}"})
        if number % 5 == 0:
            recording.event("c", ORDERS, {"id": first + number, "note": f"order {number}"})
    return recording


def lake_of_small_files(folder, recording, steps=6, **settings):
    """A lake that has taken a recording bit by bit: a stage file of each table with each bit."""
    lake = Lake(folder, CDCLAKE_GRACE_HOURS="0", **settings).with_types_of(USERS, ORDERS)
    length = len(recording.records)
    for number in range(1, steps + 1):
        done = lake.run_recording(recording, 0, length * number // steps)
        assert done.returncode == DONE, done.stderr
    return lake


def stage_files(lake):
    return sorted((lake.silver / "stage_events").rglob("*.parquet"))


def staged_rows(lake):
    rows = [row for table in ("public.users", "public.orders") for row in lake.staged(table)]
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)


def everything_in(lake):
    """Every file below the lake and its store by content; the store's own side files apart."""
    files = {}
    for root in (lake.bronze, lake.silver, lake.store.parent):
        for path in sorted(root.rglob("*")):
            if path.is_file() and not path.name.endswith(("-shm", "-wal")):
                files[path] = (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
    return files


def maintain(lake, *words, **options):
    done = lake.call("maintain", "--once", *words, **options)
    assert done.returncode == DONE, done.stderr
    return done


def age(lake, *tables):
    """Lets the runs and commits of a lake have happened long ago."""
    columns = {"run": "ended_us", "stage_batch": "committed_us"}
    with contextlib.closing(sqlite3.connect(lake.store)) as connection:
        for table in tables:
            connection.execute(f"UPDATE {table} SET {columns[table]} = {columns[table]} - {LONG_AGO}")
        connection.commit()


def test_small_stage_files_of_a_day_become_one_with_the_same_rows(tmp_path):
    lake = lake_of_small_files(tmp_path / "lake", changes(30))
    rows, current = staged_rows(lake), lake.current("public.users")
    assert len(stage_files(lake)) == 12
    done = maintain(lake)
    assert "public.users, 2026-01-01: 6 stage files into one" in done.stderr
    assert len(stage_files(lake)) == 2
    assert staged_rows(lake) == rows
    assert lake.current("public.users") == current
    assert assert_balanced(lake, "--deep") == []
    offsets = [row["_offset"] for row in lake.staged("public.users", ["_offset"])]
    assert offsets == sorted(offsets)


def test_a_second_time_there_is_nothing_to_do(tmp_path):
    lake = lake_of_small_files(tmp_path / "lake", changes(10))
    maintain(lake)
    before = stage_files(lake)
    maintain(lake)
    assert stage_files(lake) == before
    assert lake.call("maintain", "--dry-run").stdout == "nothing to do\n"
    assert not list((lake.silver / ".cdclake/aside").iterdir())


def test_what_follows_an_upkeep_is_merged_as_ever(tmp_path):
    recording = changes(20)
    plain, kept = (Lake(tmp_path / name).with_types_of(USERS, ORDERS) for name in ("plain", "kept"))
    for last in range(4, len(recording.records) + 1, 5):
        for lake in (plain, kept):
            assert lake.run_recording(recording, 0, last).returncode == DONE
        maintain(kept)
    for table in ("public.users", "public.orders"):
        assert kept.current(table) == plain.current(table)
    assert staged_rows(kept) == staged_rows(plain)


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(tmp_path):
    lake = lake_of_small_files(tmp_path / "lake", changes(10))
    before = everything_in(lake)
    done = lake.call("maintain", "--dry-run", "--bronze-retention-days", "1")
    assert done.returncode == DONE
    assert "8 small stage files, to be put together" in done.stdout
    assert everything_in(lake) == before
    assert "upkeep" not in {role["role"] for role in lake.status()["roles"] if role["alive"]}
    age(lake, "run")
    done = lake.call("maintain", "--dry-run", "--bronze-retention-days", "1", "--stage-retention-days", "1")
    assert "expire" not in done.stdout, "so few records stay, however old"


@pytest.fixture(scope="module")
def small_files(tmp_path_factory):
    return lake_of_small_files(tmp_path_factory.mktemp("small") / "lake", changes(10), steps=3)


def copy_of(lake, folder):
    shutil.copytree(lake.folder, folder)
    return Lake(folder, CDCLAKE_GRACE_HOURS="0").with_types_of(USERS, ORDERS)


UPKEEP_FAILPOINTS = [
    "upkeep.rewrite_proved", "commit.before_seal", "commit.after_seal", "commit.before_record", "commit.after_record",
    "commit.after_aside", "commit.after_exchange", "commit.before_published", "commit.after_published",
]  # fmt: skip


@pytest.mark.parametrize("name", UPKEEP_FAILPOINTS)
def test_a_killed_upkeep_loses_and_doubles_nothing(small_files, tmp_path, name):
    rows = staged_rows(small_files)
    for passing in itertools.count(1):
        lake = copy_of(small_files, tmp_path / f"lake{passing}")
        killed = lake.call("maintain", "--once", environment={"CDCLAKE_FAILPOINT": f"{name}:{passing}"})
        if killed.returncode == DONE:
            break
        assert killed.returncode == -signal.SIGKILL, (passing, killed.stderr)
        assert staged_rows(lake) == rows
        assert_balanced(lake)
        maintain(lake)
        assert staged_rows(lake) == rows
        assert len(stage_files(lake)) == 2
        assert assert_balanced(lake, "--deep") == []
        assert not list(lake.folder.rglob("wip/*"))
    assert passing > 1, "the failpoint was never reached"


def test_a_reader_in_a_loop_sees_every_row_once_while_files_are_put_together(tmp_path):
    recording = changes(400)
    lake = Lake(tmp_path / "lake").with_types_of(USERS, ORDERS)
    for last in range(40, len(recording.records), 40):
        assert lake.run_recording(recording, 0, last).returncode == DONE
    last_offset = max(row["_offset"] for row in lake.staged("public.users", ["_offset"]))
    reader = GlobReader(
        lake.silver / "stage_events/table=public.users", "**/*.parquet",
        "count(*), count(DISTINCT _offset), max(_offset) + 1",
    )  # fmt: skip
    with reader:
        maintain(lake)
        seen = len(reader.answers)
        wait_until(lambda: len(reader.answers) > seen + 3)
    assert len(list((lake.silver / "stage_events/table=public.users").rglob("*.parquet"))) == 1
    assert [error for error in reader.errors if "No such file or directory" not in error] == []
    for count, distinct, expected in reader.answers:
        assert count == distinct == expected == last_offset + 1


def test_a_file_that_was_put_together_stays_for_the_grace_period(tmp_path):
    lake = lake_of_small_files(tmp_path / "lake", changes(10), steps=3)
    names = {path.name for path in stage_files(lake)}
    maintain(lake, "--grace-hours", "24")
    kept = {path.name for path in (lake.silver / ".cdclake/aside").rglob("*.parquet")}
    assert names <= kept
    maintain(lake)
    assert not list((lake.silver / ".cdclake/aside").iterdir())


def test_a_damaged_file_stays_and_is_named_and_the_rest_is_kept_in_shape(tmp_path):
    lake = lake_of_small_files(tmp_path / "lake", changes(10), steps=3)
    damaged = next(path for path in stage_files(lake) if "public.users" in str(path))
    damaged.write_bytes(bytes(damaged.stat().st_size))
    done = lake.call("maintain", "--once")
    assert str(damaged) in done.stderr
    assert damaged.exists()
    orders = [path for path in stage_files(lake) if "public.orders" in str(path)]
    assert len(orders) == 1


@pytest.fixture(scope="module")
def long_history(tmp_path_factory):
    """Enough records that old ones may go: the stage may read the last thousand again."""
    return lake_of_small_files(tmp_path_factory.mktemp("long") / "lake", changes(3000), steps=3)


def test_bronze_expires_by_age_and_the_audit_still_balances(long_history, tmp_path):
    lake = copy_of(long_history, tmp_path / "lake")
    before = len(lake.raw(["offset"]))
    maintain(lake, "--bronze-retention-days", "365")
    assert len(lake.raw(["offset"])) == before, "young"
    age(lake, "run")
    done = maintain(lake, "--bronze-retention-days", "365")
    assert "expired" in done.stderr
    left = lake.raw(["topic", "offset"])
    users = [row["offset"] for row in left if row["topic"].endswith("users")]
    assert 1000 <= len(users) < 3000
    assert users == list(range(3000 - len(users), 3000)), "the newest stay"
    report = json.loads(lake.call("audit", "--deep", "--json").stdout)
    assert report["findings"] == []
    assert report["bronze"]["rows"] + report["expired"]["rows"] == before
    assert "taken out by age" in lake.call("audit").stdout
    assert not [path for path in (lake.bronze / "cdc").rglob("run_id=*") if not list(path.iterdir())]
    # What comes after, and what comes again, is taken as ever.
    assert lake.run_recording(changes(3000)).returncode == DONE
    assert len(lake.raw(["offset"])) == len(left)


def test_a_table_whose_records_have_expired_is_not_made_again_in_part(long_history, tmp_path):
    lake = copy_of(long_history, tmp_path / "lake")
    age(lake, "run")
    maintain(lake, "--bronze-retention-days", "365")
    current = lake.current("public.users")
    refused = lake.call("rebuild", "--table", "public.users")
    assert refused.returncode == 5
    assert "whose records have expired" in refused.stderr
    assert lake.current("public.users") == current
    assert_balanced(lake)


def test_a_table_is_made_again_whose_files_were_put_together(tmp_path):
    lake = lake_of_small_files(tmp_path / "lake", changes(10), steps=3)
    maintain(lake)
    rows, current = staged_rows(lake), lake.current("public.users", ["id", "name"])
    done = lake.call("rebuild", "--table", "public.users")
    assert done.returncode == DONE, done.stderr
    assert staged_rows(lake) == rows
    assert lake.current("public.users", ["id", "name"]) == current
    maintain(lake)
    assert staged_rows(lake) == rows
    assert assert_balanced(lake, "--deep") == []


def test_the_stage_expires_by_age_and_the_audit_still_balances(long_history, tmp_path):
    lake = copy_of(long_history, tmp_path / "lake")
    rows = len(staged_rows(lake))
    current = lake.current("public.users")
    age(lake, "stage_batch")
    maintain(lake, "--stage-retention-days", "365")
    assert stage_files(lake) == []
    assert not list((lake.silver / "stage_events/table=public.users").iterdir())
    assert lake.current("public.users") == current
    report = json.loads(lake.call("audit", "--deep", "--json").stdout)
    assert (report["findings"], report["expired"]["rows"], report["staged_rows"]) == ([], rows, rows)
    # The next change goes into a folder that is made anew.
    recording = changes(3000)
    recording.event("u", USERS, {"id": 1, "name": "changed"})
    assert lake.run_recording(recording).returncode == DONE
    assert len(staged_rows(lake)) == 1
    assert {"id": 1, "name": "changed"} in lake.current("public.users", ["id", "name"])
    assert_balanced(lake)


def test_nothing_expires_that_is_not_merged(tmp_path):
    lake = Lake(tmp_path / "lake", CDCLAKE_GRACE_HOURS="0").with_types_of(USERS, ORDERS)
    path = changes(20).write(tmp_path / "users.jsonl")
    for words in (["bronze", "write", "--once", "--input", path], ["silver", "stage", "--once"]):
        assert lake.call(*words).returncode == DONE
    age(lake, "run", "stage_batch")
    rows = staged_rows(lake)
    maintain(lake, "--bronze-retention-days", "1", "--stage-retention-days", "1")
    assert staged_rows(lake) == rows
    assert len(lake.raw(["offset"])) == 24


@pytest.fixture(scope="module")
def kept_in_shape(tmp_path_factory):
    """A lake in which stage files were put together and Bronze has expired."""
    lake = lake_of_small_files(tmp_path_factory.mktemp("kept") / "lake", changes(3000), steps=3)
    age(lake, "run")
    maintain(lake, "--bronze-retention-days", "365")
    assert lake.query_store("SELECT count(*) FROM file WHERE expired_us IS NOT NULL") != [(0,)]
    return lake


@pytest.mark.parametrize("table", ["file", "stage_file", "stage_file_part", "stage_file_range"])
def test_any_row_of_what_was_put_together_or_expired_is_missed(kept_in_shape, tmp_path, table):
    with contextlib.closing(sqlite3.connect(kept_in_shape.store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()
        columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
    if table == "file":
        rows = [row for row in rows if row[columns.index("expired_us")] or row[columns.index("state")] == "published"]
    assert rows
    condition = " AND ".join(f'"{name}" IS ?' for name in columns)
    for number, row in enumerate(rows):
        store = tmp_path / f"without-{number}.sqlite"
        shutil.copy(kept_in_shape.store, store)
        with contextlib.closing(sqlite3.connect(store)) as connection:
            assert connection.execute(f"DELETE FROM {table} WHERE {condition}", row).rowcount == 1
            connection.commit()
        assert kept_in_shape.call("audit", "--metadata-db", store).returncode == DAMAGED, row


def test_run_keeps_files_in_shape_beside_its_stages(tmp_path):
    """A service that takes many small bits ends with few files, and says so."""
    lake = lake_of_small_files(tmp_path / "lake", changes(40), steps=12)
    assert len([path for path in stage_files(lake) if "users" in str(path)]) < 8
    assert "upkeep" in {run["job"] for run in lake.status()["runs"]}
    assert_balanced(lake)


def test_upkeep_has_a_role_of_its_own(tmp_path):
    lake = lake_of_small_files(tmp_path / "lake", changes(5), steps=1)
    service = lake.start("maintain")
    wait_until(lambda: lake.call("status", "--alive", "upkeep").returncode == DONE)
    second = lake.call("maintain", "--once")
    assert second.returncode == 5
    assert "role=upkeep" in second.stderr
    assert lake.call("silver", "merge", "--once").returncode == DONE
    service.send_signal(signal.SIGTERM)
    assert service.wait(timeout=30) == DONE


def test_duckdb_reads_what_was_put_together(tmp_path):
    lake = lake_of_small_files(tmp_path / "lake", changes(10), steps=3)
    maintain(lake)
    source = f"read_parquet('{lake.silver}/{STAGE}', hive_partitioning = false, union_by_name = true)"
    assert duckdb.connect().execute(f"SELECT count(*) FROM {source}").fetchone() == (12,)
