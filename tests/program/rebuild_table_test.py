"""A table's stage and current, made again from Bronze: the same rows, in new files, in one step."""

import itertools
import random
import signal
import threading
import time

import duckdb
import pytest
from change_events import Recording, Table
from lake_under_test import Lake, wait_until
from rebuild_test import CONFLICT, DONE, INCOMPLETE, USAGE, files_of, scenario_words, tables_of
from second_half import EXPECTED, assert_balanced, both_halves, check_everything, lakes_with_the_first_half  # noqa: F401


def rebuild(lake, table, *words, code=DONE, **options):
    done = lake.call("rebuild", "--table", table, *words, **options)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def parquet_of(lake, table):
    folders = [lake.silver / layer / f"table={table}" for layer in ("stage_events", "current_data")]
    return {path.name for folder in folders for path in folder.rglob("*.parquet")}


@pytest.mark.parametrize("name", ["a_seed", "c_pkmove", "d_toast", "l_partitioned_moves"])
def test_a_table_made_again_has_the_same_rows(lake, corpus, name):
    recording, *types = scenario_words(corpus, name)
    code = lake.run_once(recording, *types).returncode
    before = tables_of(lake)
    for status in lake.status()["tables"]:
        if status["version"] is None:
            continue
        files = parquet_of(lake, status["table"])
        exact = rebuild(lake, status["table"], *types, code=DONE if status["exact"] else INCOMPLETE)
        assert status["table"] in exact.stdout
        assert tables_of(lake) == before
        again = lake.table_status(status["table"])
        assert again["version"] == status["version"] + 1 or again["version"] > status["version"]
        assert [flaw["cause"] for flaw in again["flaws"]] == [flaw["cause"] for flaw in status["flaws"]]
        live = {path.name for path in (lake.silver / "stage_events" / f"table={status['table']}").rglob("*.parquet")}
        assert not live & files, "new files"
    assert_balanced(lake, "--deep")
    assert lake.run_once(recording, *types).returncode == code
    assert tables_of(lake) == before


def test_further_changes_go_on_from_where_the_rebuild_ended(next_lake, recording):
    lake = next_lake()
    for table in EXPECTED:
        rebuild(lake, table)
    assert lake.run_recording(recording).returncode == DONE
    check_everything(lake, recording)


@pytest.mark.parametrize("name", [
    "rebuild.tables_made", "rebuild.tables_adopted", "silver_stage.sealed", "commit.after_record", "commit.after_rename",
    "commit.after_aside", "commit.after_exchange", "commit.before_published", "commit.after_published",
])
def test_a_killed_rebuild_changes_all_or_nothing(next_lake, recording, name):
    for passing in itertools.count(1):
        lake = next_lake()
        words = ("rebuild", "--table", "public.users")
        killed = lake.call(*words, environment={"CDCLAKE_FAILPOINT": f"{name}:{passing}"})
        if killed.returncode == DONE:
            break
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert_balanced(lake)
        rebuild(lake, "public.users")
        assert assert_balanced(lake, "--deep") == []
        assert lake.run_recording(recording).returncode == DONE
        check_everything(lake, recording)
    assert passing > 1, "the failpoint was never reached"


def test_a_rebuild_that_dies_at_any_moment_changes_all_or_nothing(next_lake, recording):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    choice = random.Random(seed)
    begin = time.monotonic()
    rebuild(next_lake(), "public.users")
    seconds = time.monotonic() - begin
    for _ in range(12):
        lake = next_lake()
        process = lake.start("rebuild", "--table", "public.users")
        time.sleep(choice.random() * seconds)
        process.kill()
        process.communicate()
        assert_balanced(lake)
        rebuild(lake, "public.users")
        assert lake.run_recording(recording).returncode == DONE
        check_everything(lake, recording)


def test_readers_see_the_version_before_until_the_new_one_is_whole(lake, corpus):
    """Whoever globs the layers meanwhile finds all rows once, or a file that a swap has taken away."""
    recording, *types = scenario_words(corpus, "l_partitioned_moves")
    assert lake.run_once(recording, *types).returncode == DONE
    table = next(entry["table"] for entry in lake.status()["tables"] if entry["version"])
    places = {layer: f"SELECT count(*), count(DISTINCT (_topic, _partition, _offset)) FROM "
                     f"read_parquet('{lake.silver}/{layer}/**/*.parquet', hive_partitioning = false)"
              for layer in ("stage_events", "current")}
    wanted = {layer: duckdb.connect().execute(sql).fetchone() for layer, sql in places.items()}
    stop, seen, wrong = threading.Event(), [], []

    def read():
        connection = duckdb.connect()
        while not stop.is_set():
            for layer, sql in places.items():
                try:
                    found = connection.execute(sql).fetchone()
                except duckdb.IOException:
                    continue
                (seen if found == wanted[layer] else wrong).append((layer, found))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(3):
            rebuild(lake, table, *types)
    finally:
        stop.set()
        reader.join()
    assert not wrong
    assert len(seen) > 10


@pytest.mark.parametrize("name", ["rebuild.tables_made", "rebuild.tables_adopted", "commit.after_exchange"])
def test_after_a_killed_rebuild_the_jobs_go_on_as_well(next_lake, recording, name):
    lake = next_lake()
    killed = lake.call("rebuild", "--table", "public.users", environment={"CDCLAKE_FAILPOINT": name})
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert lake.run_recording(recording).returncode == DONE
    rows = {table: [tuple(row.values()) for row in lake.current(table, ["id", {"public.users": "name"}.get(table, "note")])]
            for table in EXPECTED}
    assert rows == EXPECTED
    assert_balanced(lake, "--deep")


def test_mended_types_bring_quarantined_records_back(tmp_path, events):
    narrow = Table("users", {"id": "integer"})
    wide = Table("users", {"id": "integer", "name": "text"})
    lake = Lake(tmp_path / "lake").with_types_of(narrow)
    events.event("c", narrow, {"id": 1})
    events.event("c", wide, {"id": 2, "name": "two"})
    assert lake.run_recording(events).returncode == INCOMPLETE
    assert [line["reason"] for line in lake.quarantined()] == ["UNKNOWN_COLUMN"]
    lake.with_types_of(wide)
    rebuild(lake, "public.users", code=INCOMPLETE)
    assert [line["reason"] for line in lake.quarantined()] == ["MISSING_COLUMN"], "the other one is the older shape now"
    assert [tuple(row.values()) for row in lake.current("public.users", ["id", "name"])] == [(2, "two")]
    assert_balanced(lake, "--deep")


@pytest.fixture(name="events")
def no_events():
    return Recording()


def test_tables_that_share_a_topic_are_made_again_together(tmp_path, events):
    one, two = Table("one", {"id": "integer"}), Table("two", {"id": "integer"})
    lake = Lake(tmp_path / "lake").with_types_of(one, two)
    for number in (1, 2, 3):
        events.event("c", one, {"id": number}, topic="all")
        events.event("c", two, {"id": number}, topic="all")
    events.event("d", two, {"id": 2}, topic="all")
    events.tombstone(two, {"id": 2}, topic="all")
    events.add("all", "{}", "no JSON")
    assert lake.run_recording(events).returncode == INCOMPLETE
    before = tables_of(lake)
    done = rebuild(lake, "public.one", code=INCOMPLETE)
    assert "public.two" in done.stdout
    assert tables_of(lake) == before
    assert len(lake.quarantined()) == 2, "lines that name no table stay beside the new ones"
    assert_balanced(lake, "--deep")


def test_types_that_are_not_given_are_those_beside_bronze(next_lake, recording):
    lake = next_lake()
    before, catalog = tables_of(lake), lake.environment.pop("CDCLAKE_CATALOG")
    for table in EXPECTED:
        rebuild(lake, table)
    assert tables_of(lake) == before
    lake.environment["CDCLAKE_CATALOG"] = catalog
    assert lake.run_recording(recording).returncode == DONE
    check_everything(lake, recording)


def test_an_unknown_table_and_missing_types_change_nothing(next_lake):
    lake = next_lake()
    before = files_of(lake, lake.silver)
    assert "status" in rebuild(lake, "public.nobody", code=USAGE).stderr
    lake.with_types_of(Table("others", {"id": "integer"}))
    refused = rebuild(lake, "public.users", code=CONFLICT)
    assert "give the catalog" in refused.stderr
    assert files_of(lake, lake.silver) == before
    assert lake.call("rebuild").returncode == USAGE
    assert lake.call("rebuild", "--metadata", "--table", "public.users").returncode == USAGE


def test_a_job_that_works_on_the_tables_is_not_disturbed(next_lake):
    lake = next_lake()
    worker = lake.start("silver", "stage", stdout=None, stderr=None)
    wait_until(lambda: lake.call("status", "--alive", "silver_stage").returncode == DONE)
    assert "silver_stage" in rebuild(lake, "public.users", code=CONFLICT).stderr
    worker.kill()
    worker.wait()
    rebuild(lake, "public.users")
