"""A store that was lost, that is older than its lake, or damaged: refused, and made again from the files alone."""

import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import sqlite3
import time

import duckdb
import pytest
from change_events import Recording, Table
from lake_under_test import Lake, wait_until
from second_half import HALF, assert_balanced, both_halves, check_everything, lakes_with_the_first_half  # noqa: F401

DONE, USAGE, INCOMPLETE, CONFLICT, CORRUPT = 0, 2, 3, 5, 6
WAY_OUT = "rebuild --metadata"

# What the store says of Bronze: it comes back as it was, but for the numbers of the store's own.
BRONZE = (
    "SELECT t.name, t.incarnation, p.number, s.first_offset, s.next_offset, s.record_count, s.checksum, s.place, "
    "f.file_id, f.kind, f.path, f.bytes, f.row_count, f.content, f.state, f.role, r.run_id, b.topic_name "
    "FROM segment s JOIN file f USING (file_key) JOIN bronze_file b USING (file_key) JOIN run r USING (run_key) "
    "JOIN topic_partition p USING (partition_key) JOIN topic t USING (topic_key) ORDER BY 1, 2, 3, 4",
    "SELECT t.name, t.incarnation, p.number, b.next_offset FROM bronze_position b "
    "JOIN topic_partition p USING (partition_key) JOIN topic t USING (topic_key) ORDER BY 1, 2, 3",
    "SELECT run_id, status, ingestion_date, details FROM run WHERE job = 'bronze_write' "
    "AND run_key IN (SELECT run_key FROM file) ORDER BY 1",
    "SELECT root, lake_id FROM lake_root ORDER BY 1",
    "SELECT source, database_name, schema_name, table_name, path_segment, name, value FROM lake_table "
    "JOIN table_setting USING (table_key) ORDER BY 1, 2, 3, 4, 6",
    "SELECT path, bytes, content FROM file WHERE kind = 'schema' ORDER BY 1",
)


def bronze_of(lake):
    return [lake.query_store(sql) for sql in BRONZE]


def tables_of(lake):
    """Every row of stage and current as DuckDB reads it, by what a rebuild must bring back."""
    found = {}
    for layer, ours in (("stage_events", "_op, _topic, _partition, _offset, _unchanged"),
                        ("current", "_topic, _partition, _offset")):
        for folder in sorted((lake.silver / layer).glob("table=*")):
            source = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = false, union_by_name = true)"
            rows = duckdb.connect().execute(f"SELECT COLUMNS('^[^_]'), {ours} FROM {source}").fetchall()
            found[layer, folder.name] = sorted(map(repr, rows))
    return found


def files_of(lake, root):
    return sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file() and ".cdclake" not in path.parts)


def remove_store(lake):
    for suffix in ("", "-wal", "-shm"):
        lake.store.with_name(lake.store.name + suffix).unlink(missing_ok=True)


def rebuild(lake, code=DONE, **options):
    done = lake.call("rebuild", "--metadata", **options)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def scenario_words(corpus, name):
    variant = corpus / name / "plain"
    return (variant / "events.jsonl.zst", "--catalog", corpus / name / "catalog.json",
            "--connector-config", variant / "connector.json")


@pytest.mark.parametrize("name", ["a_seed", "c_pkmove", "d_toast", "l_partitioned_moves"])
def test_a_lost_store_comes_back_from_the_files(lake, corpus, name):
    words = scenario_words(corpus, name)
    code = lake.run_once(*words).returncode
    before, tables = bronze_of(lake), tables_of(lake)
    assert tables
    remove_store(lake)
    refused = lake.run_once(*words)
    assert refused.returncode == USAGE
    assert WAY_OUT in refused.stderr
    rebuild(lake)
    assert bronze_of(lake) == before
    assert_balanced(lake, "--deep")
    assert tables_of(lake) == {}
    again = lake.run_once(*words)
    assert again.returncode == code, again.stderr
    assert tables_of(lake) == tables
    assert bronze_of(lake) == before, "nothing landed twice"
    assert_balanced(lake, "--deep")


def test_further_input_goes_on_from_the_position(next_lake, recording):
    lake = next_lake()
    remove_store(lake)
    rebuild(lake)
    done = lake.run_recording(recording)
    assert done.returncode == DONE, done.stderr
    check_everything(lake, recording)


@pytest.mark.parametrize("how", ["vacuum", "copy"])
def test_a_store_that_is_older_than_its_lake_is_refused(next_lake, recording, how):
    lake = next_lake()
    copy = lake.store.with_name("copy.sqlite")
    with contextlib.closing(sqlite3.connect(lake.store)) as connection:
        if how == "vacuum":
            connection.execute(f"VACUUM INTO '{copy}'")
        else:
            shutil.copy(lake.store, copy)
    assert lake.run_recording(recording).returncode == DONE
    before = files_of(lake, lake.bronze), files_of(lake, lake.silver)
    remove_store(lake)
    copy.rename(lake.store)
    for words in (["run", "--once", "--input", recording.write(lake.folder / "all.jsonl")], ["silver", "stage", "--once"],
                  ["silver", "merge", "--once"], ["bronze", "compact", "--once"]):
        refused = lake.call(*words)
        assert refused.returncode == CORRUPT, refused.stderr
        assert WAY_OUT in refused.stderr
    assert before == (files_of(lake, lake.bronze), files_of(lake, lake.silver))
    (lake.folder / "all.jsonl").unlink()
    rebuild(lake)
    assert lake.run_recording(recording).returncode == DONE
    check_everything(lake, recording)


def test_a_store_that_is_not_older_is_taken(next_lake, recording):
    """Work that gave the lake no file leaves a copy as good as the store."""
    lake = next_lake()
    copy = lake.store.with_name("copy.sqlite")
    with contextlib.closing(sqlite3.connect(lake.store)) as connection:
        connection.execute(f"VACUUM INTO '{copy}'")
    assert lake.run_recording(recording, 0, HALF).returncode == DONE
    remove_store(lake)
    copy.rename(lake.store)
    assert lake.run_recording(recording).returncode == DONE
    check_everything(lake, recording)


def test_a_store_from_before_the_rebuild_is_refused(next_lake, recording):
    lake = next_lake()
    rebuild(lake)
    assert lake.run_recording(recording, 0, HALF).returncode == DONE
    kept = next(lake.store.parent.glob("*.before-rebuild.*Z"))
    remove_store(lake)
    kept.rename(lake.store)
    refused = lake.run_recording(recording)
    assert refused.returncode == CORRUPT
    assert WAY_OUT in refused.stderr


def test_a_damaged_store_is_refused_and_made_again(next_lake, recording):
    lake = next_lake()
    with contextlib.closing(sqlite3.connect(lake.store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(lake.store, "r+b") as file:
        file.seek(4096)
        file.write(bytes(lake.store.stat().st_size - 4096))
    refused = lake.run_recording(recording)
    assert refused.returncode == CORRUPT, refused.stderr
    assert WAY_OUT in refused.stderr
    kept = rebuild(lake).stdout.split("is kept: ")[1].split("\n")[0]
    assert os.path.getsize(kept) > 4096
    assert lake.run_recording(recording).returncode == DONE
    check_everything(lake, recording)


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("name", ["rebuild.store_filled", "rebuild.store_in_place", "rebuild.folder_moved"])
def test_a_killed_rebuild_is_begun_again(next_lake, recording, name, lost):
    for passing in itertools.count(1):
        lake = next_lake()
        if lost:
            remove_store(lake)
        killed = lake.call("rebuild", "--metadata", environment={"CDCLAKE_FAILPOINT": f"{name}:{passing}"})
        if killed.returncode == DONE:
            break
        assert killed.returncode == -signal.SIGKILL
        between = lake.run_recording(recording)
        if between.returncode != DONE:
            assert between.returncode == USAGE, between.stderr
            assert WAY_OUT in between.stderr
            rebuild(lake)
            assert lake.run_recording(recording).returncode == DONE
        check_everything(lake, recording)
        if not lost:
            assert list(lake.store.parent.glob("*.before-rebuild.*")) or between.returncode == DONE
    assert passing > 1, "the failpoint was never reached"


def test_a_rebuild_that_dies_at_any_moment_is_begun_again(next_lake, recording):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    choice = random.Random(seed)
    lake = next_lake()
    begin = time.monotonic()
    rebuild(lake)
    seconds = time.monotonic() - begin
    for _ in range(12):
        lake = next_lake()
        process = lake.start("rebuild", "--metadata")
        time.sleep(choice.random() * seconds)
        process.kill()
        process.communicate()
        if lake.run_recording(recording).returncode != DONE:
            rebuild(lake)
            assert lake.run_recording(recording).returncode == DONE
        check_everything(lake, recording)


@pytest.mark.parametrize("grace", ["0", "24"])
def test_compacted_rolled_and_killed_runs_come_back(tmp_path, recording_of_many, users, grace):
    """Old sides within and after the grace period; parts of a run that is not compacted, and of one that died."""
    lake = Lake(tmp_path / "lake", CDCLAKE_GRACE_HOURS=grace, BATCH_SIZE="3").with_types_of(users)
    path = recording_of_many.write(tmp_path / "all.jsonl", 0, 10)
    assert lake.run_once(path).returncode == DONE
    path = recording_of_many.write(tmp_path / "all.jsonl", 0, 20)
    assert lake.call("bronze", "write", "--once", "--input", path).returncode == DONE
    path = recording_of_many.write(tmp_path / "all.jsonl")
    killed = lake.call("bronze", "write", "--once", "--input", path,
                       environment={"CDCLAKE_FAILPOINT": "bronze.published:2"})
    assert killed.returncode == -signal.SIGKILL
    before = bronze_of(lake)
    assert {row[1] for row in before[2]} == {"SUCCESS", "RUNNING"}
    assert {row[9] for row in before[0]} == {"bronze_part", "bronze_compacted"}
    remove_store(lake)
    rebuild(lake)
    assert [rows for rows in bronze_of(lake)[:2]] == before[:2]
    assert {row[:3] for row in bronze_of(lake)[2]} == {row[:3] for row in before[2]}
    assert_balanced(lake, "--deep")
    assert lake.run_once(path).returncode == DONE
    assert {run["status"] for run in lake.status()["runs"] if run["job"] == "bronze_write"} == {"SUCCESS", "ABORTED"}
    assert [row["id"] for row in lake.current("public.users", ["id"])] == list(range(1, 31))
    assert_balanced(lake, "--deep")
    sides = [path for root in (lake.bronze, lake.silver) for path in (root / ".cdclake/aside").iterdir()]
    assert bool(sides) == (grace == "24") or lake.run_once(path).returncode == DONE


@pytest.fixture(name="recording_of_many")
def thirty_users(recording_of_nothing, users):
    for number in range(1, 31):
        recording_of_nothing.event("c", users, {"id": number, "name": f"user {number}"})
    return recording_of_nothing


@pytest.fixture(name="recording_of_nothing")
def empty_recording():
    return Recording()


def test_while_a_job_works_nothing_is_rebuilt(next_lake, recording):
    lake = next_lake()
    worker = lake.start("silver", "merge")
    wait_until(lambda: lake.call("status", "--alive", "silver_merge").returncode == DONE)
    refused = lake.call("rebuild", "--metadata")
    assert refused.returncode == CONFLICT
    assert "silver_merge" in refused.stderr
    remove_store(lake)
    assert lake.call("rebuild", "--metadata").returncode == CONFLICT, "the lock counts, also without a store"
    worker.kill()
    worker.wait()
    rebuild(lake)
    assert lake.run_recording(recording).returncode == DONE
    check_everything(lake, recording)


def test_offsets_that_no_file_holds_become_a_gap_and_are_named(lake, recording_of_many, users, tmp_path):
    lake.with_types_of(users)
    lake.environment["BATCH_SIZE"] = "10"
    path = recording_of_many.write(tmp_path / "all.jsonl")
    assert lake.call("bronze", "write", "--once", "--input", path).returncode == DONE
    next(lake.bronze.rglob("events_00002.parquet")).unlink()
    done = rebuild(lake, code=INCOMPLETE)
    assert "[10, 20)" in done.stdout
    assert_balanced(lake, "--deep")
    for job in ("stage", "merge"):
        assert lake.call("silver", job, "--once").returncode == INCOMPLETE
    assert {flaw["cause"] for flaw in lake.table_status("public.users")["flaws"]} == {"GAP"}


def damage(path):
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)


def double(path):
    shutil.copy(path, path.with_name("events_00077.parquet"))


@pytest.mark.parametrize("harm", [damage, double])
def test_a_file_that_is_not_what_it_says_is_refused_by_name(next_lake, harm):
    lake = next_lake()
    path = next(lake.bronze.rglob("events_compacted.parquet"))
    harm(path)
    before = lake.store.read_bytes()
    refused = rebuild(lake, code=CORRUPT)
    assert str(path) in refused.stderr
    assert lake.store.read_bytes() == before
    assert (lake.silver / "current").exists()


def test_without_a_lake_there_is_nothing_to_rebuild_and_nothing_is_made(lake):
    refused = lake.call("rebuild", "--metadata")
    assert refused.returncode == USAGE
    assert not lake.bronze.exists()
    assert not lake.store.exists()


def test_the_store_of_another_lake_is_not_replaced(next_lake, tmp_path):
    lake, other = next_lake(), Lake(tmp_path / "other")
    assert other.run_example().returncode == DONE
    lake.environment["METADATA_DB"] = str(other.store)
    assert "another lake" in rebuild(lake, code=USAGE).stderr
    assert_balanced(other)
    foreign = tmp_path / "foreign.sqlite"
    with contextlib.closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    lake.environment["METADATA_DB"] = str(foreign)
    assert "another program" in rebuild(lake, code=USAGE).stderr
    assert (lake.silver / "current").exists()


def test_the_whole_folder_of_the_store_may_be_gone(next_lake, recording):
    lake = next_lake()
    shutil.rmtree(lake.store.parent)
    rebuild(lake)
    assert lake.run_recording(recording).returncode == DONE
    check_everything(lake, recording)


def test_values_are_not_read_by_other_settings_after_a_rebuild(tmp_path, recording_of_nothing):
    """The connector's settings that typed a table's rows from outside bind the rows that are made again, too."""
    table = Table("prices", {"id": "integer", "price": "numeric(10,2)"})
    lake = Lake(tmp_path / "lake").with_types_of(table)
    recording_of_nothing.event("c", table, {"id": 1, "price": "AMs="})
    assert lake.run_recording(recording_of_nothing).returncode == DONE
    remove_store(lake)
    rebuild(lake)
    other = tmp_path / "other.json"
    connector = "io.debezium.connector.postgresql.PostgresConnector"
    other.write_text(json.dumps({"connector.class": connector, "decimal.handling.mode": "string"}))
    waits = lake.call("silver", "stage", "--once", "--connector-config", other)
    assert waits.returncode == INCOMPLETE
    assert "decimal.handling.mode" in waits.stderr
    assert lake.run_recording(recording_of_nothing).returncode == DONE
    assert [str(row["price"]) for row in lake.current("public.prices")] == ["2.03"]
