"""Readers that are not ours open every kind of file, and never see a row twice."""

import contextlib
import sqlite3
import subprocess
import threading

import duckdb
import pandas
import pyarrow.parquet
import pytest
from change_events import Recording, Table
from lake_under_test import Lake, wait_until

BRONZE = "cdc/**/*.parquet"
STAGE = "stage_events/**/*.parquet"
CURRENT = "current/**/*.parquet"


@pytest.fixture
def kept(tmp_path, users):
    """A lake in which every kind of file lies: parts of a run, compacted runs, stage, current, old versions."""
    lake = Lake(tmp_path / "lake").with_types_of(users)
    recording = Recording()
    for number in range(1, 7):
        recording.event("c", users, {"id": number, "name": f"user {number}"})
    assert lake.run_recording(recording, 0, 3).returncode == 0
    path = recording.write(tmp_path / "users.jsonl")
    for words in (["bronze", "write", "--once", "--input", path], ["silver", "stage", "--once"]):
        assert lake.call(*words).returncode == 0
    assert lake.call("silver", "merge", "--once").returncode == 0
    names = {file.name for file in lake.bronze.rglob("*.parquet")}
    assert names == {"events_00001.parquet", "events_compacted.parquet"}
    return lake


def test_a_program_that_opens_the_store_takes_nothing_from_a_run_at_work(lake, users, recording):
    """An SQLite of another age, which takes a lock that nobody holds for leave to remove the log."""
    for number in range(30):
        recording.event("c", users, {"id": number, "name": "a"})
    assert lake.with_types_of(users).run_recording(recording, 0, 10).returncode == 0
    words = ("--once", "--batch-size", 5, "--flush-seconds", 1, "--input", "-")
    service = lake.start("bronze", "write", *words, stdin=subprocess.PIPE)
    for first in (10, 20):
        path = recording.write(lake.folder.parent / "part.jsonl", first, first + 10)
        service.stdin.write(path.read_text())
        service.stdin.flush()
        wait_until(lambda end=first + 10: lake.query_store("SELECT next_offset FROM bronze_position") == [(end,)])
        with contextlib.closing(sqlite3.connect(lake.store)) as store:
            store.execute("SELECT count(*) FROM file").fetchall()
    _, err = service.communicate(timeout=30)
    assert service.returncode == 0, err
    assert len(lake.raw(["offset"])) == 30
    assert lake.query_store("SELECT next_offset FROM bronze_position") == [(30,)]
    assert lake.call("audit", "--deep").returncode == 0


def in_duckdb(root, glob, columns, rest=""):
    source = f"read_parquet('{root}/{glob}', hive_partitioning = false)"
    return duckdb.connect().execute(f"SELECT {columns} FROM {source} {rest}").fetchall()


def test_duckdb_reads_every_layer_by_its_glob(kept):
    offsets = [(0,), (1,), (2,), (3,), (4,), (5,)]
    assert in_duckdb(kept.bronze, BRONZE, '"offset"', "ORDER BY 1") == offsets
    assert in_duckdb(kept.silver, STAGE, "_offset", "ORDER BY 1") == offsets
    assert in_duckdb(kept.silver, CURRENT, "id, name", "ORDER BY 1")[5] == (6, "user 6")
    assert len(in_duckdb(kept.silver, CURRENT, "CAST(COLUMNS(*) AS VARCHAR)")) == 6
    told = in_duckdb(kept.bronze, BRONZE, "decode(value)", 'ORDER BY "offset" LIMIT 1')
    assert '"name":"user 1"' in told[0][0]
    assert in_duckdb(kept.bronze, BRONZE, "count(headers), count(timestamp), count(ingest_ts)") == [(6, 6, 6)]


def test_pyarrow_and_pandas_open_every_file(kept):
    files = [path for root in (kept.bronze, kept.silver) for path in sorted(root.rglob("*.parquet"))]
    kinds = {path.relative_to(kept.folder).parts[1] for path in files}
    assert {"cdc", "stage_events", "current_data", "current"} <= kinds
    for path in files:
        table = pyarrow.parquet.ParquetFile(path).read()
        table.validate(full=True)
        assert len(pandas.read_parquet(path, partitioning=None)) == table.num_rows


def test_pandas_reads_a_whole_layer(kept):
    current = pandas.read_parquet(kept.silver / "current/table=public.users", partitioning=None)
    assert current["id"].tolist() == [1, 2, 3, 4, 5, 6]
    stage = pandas.read_parquet(kept.silver / "stage_events", partitioning=None)
    assert sorted(stage["_offset"]) == [0, 1, 2, 3, 4, 5]


def test_path_prints_files_that_anybody_can_read(kept):
    files = kept.call("path", "--table", "public.users").stdout.split()
    names = ", ".join(f"'{name}'" for name in files)
    rows = duckdb.connect().execute(f"SELECT id FROM read_parquet([{names}]) ORDER BY 1").fetchall()
    assert rows == [(number,) for number in range(1, 7)]


def test_the_first_version_s_tables_answer_as_before(kept):
    checkpoints = kept.query_store("SELECT topic, partition, last_committed_offset FROM cdc_checkpoints")
    assert checkpoints == [("shop.public.users", 0, 5)]
    assert kept.query_store("SELECT DISTINCT status FROM pipeline_runs") == [("SUCCESS",)]
    merged = kept.query_store("SELECT table_name, event_date, rows_in, bad_rows FROM silver_partitions_processed")
    assert merged == [("users", "2026-01-01", 6, 0)]
    assert kept.query_store("SELECT count(*) FROM silver_runs WHERE status = 'SUCCESS'")[0][0] >= 4


def test_the_store_can_be_read_while_the_lake_is_worked_on(kept):
    with sqlite3.connect(f"file:{kept.store}?mode=ro", uri=True) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT count(*) FROM run").fetchone()
        assert kept.call("bronze", "compact", "--once").returncode == 0
        assert reader.execute("SELECT count(*) FROM run").fetchone() == before


class GlobReader:
    """Asks the same question in a loop, as an impatient user would, and keeps the answers that came."""

    def __init__(self, root, glob, columns):
        self.answers, self.errors, self._stop = [], [], threading.Event()
        self._ask = lambda: in_duckdb(root, glob, columns)
        self._thread = threading.Thread(target=self._loop)

    def _loop(self):
        while not self._stop.is_set():
            try:
                self.answers += self._ask()
            except duckdb.Error as error:
                self.errors.append(str(error))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


def test_a_row_is_never_seen_twice_while_runs_are_compacted_and_tables_replaced(tmp_path, users):
    lake = Lake(tmp_path / "lake", BATCH_SIZE="10").with_types_of(users)
    recording = Recording()
    for number in range(400):
        recording.event("u" if number >= 50 else "c", users, {"id": number % 50, "name": f"{number}"})
    assert lake.run_recording(recording, 0, 50).returncode == 0
    path = recording.write(tmp_path / "users.jsonl")

    bronze = GlobReader(lake.bronze, BRONZE, 'count(*), count(DISTINCT "offset"), max("offset") + 1')
    stage = GlobReader(lake.silver, STAGE, "count(*), count(DISTINCT _offset), max(_offset) + 1")
    current = GlobReader(lake.silver, CURRENT, "count(*), count(DISTINCT id), 50")
    with bronze, stage, current:
        for last in range(100, 401, 50):
            done = lake.run_recording(recording, 0, last)
            assert done.returncode == 0, done.stderr
    for reader in (bronze, stage, current):
        assert len(reader.answers) > 5
        # A reader that is caught by a swap may miss a file, and must see nothing else amiss.
        assert [error for error in reader.errors if "No such file or directory" not in error] == []
        for count, distinct, expected in reader.answers:
            assert count == distinct == expected
    assert lake.run_once(path).returncode == 0
    assert in_duckdb(lake.bronze, BRONZE, 'count(*), count(DISTINCT "offset")') == [(400, 400)]


def test_columns_with_the_names_of_folders_and_of_ours_are_the_users_own(lake):
    table = Table("odd", {"id": "integer", "table": "text", "event_date": "text", "_offset": "text"})
    recording = Recording()
    recording.event("c", table, {"id": 1, "table": "a", "event_date": "b", "_offset": "c"})
    assert lake.with_types_of(table).run_recording(recording).returncode == 0
    rows = in_duckdb(lake.silver, CURRENT, 'id, "table", event_date, _offset, _cdc_offset')
    assert rows == [(1, "a", "b", "c", 0)]
    assert in_duckdb(lake.silver, STAGE, '"table", event_date, _offset, _cdc_op') == [("a", "b", "c", "c")]
