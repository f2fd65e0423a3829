"""Reads a lake without any code of cdclake: DuckDB over the Parquet files."""

import sys
import threading
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "script"))
import compare_with_dump  # noqa: E402

KEYS = {"public.users": "user_id", "public.orders": "order_id"}


def read(files):
    return f"read_parquet('{files}', hive_partitioning = false)"


def assert_bronze_is_complete(lake, offsets):
    """Every offset that Kafka has is in Bronze once, and no other."""
    rows = duckdb.sql(
        'SELECT topic, partition, count(*), count(DISTINCT "offset"), min("offset"), max("offset") + 1'
        f" FROM {read(lake.bronze / 'cdc/**/*.parquet')} GROUP BY 1, 2"
    ).fetchall()
    found = {(topic, partition): tuple(counts) for topic, partition, *counts in rows}
    expected = {
        place: (end - first, end - first, first, end)
        for place, (first, end) in offsets.items() if end > first
    }
    assert found == expected, "(count, distinct, first, next) of Bronze differ from Kafka's offsets"


def assert_current_equals(lake, dump):
    """Both current tables hold the rows of the source's dump, and no other."""
    for file in sorted(dump.glob("*.csv")):
        assert compare_with_dump.compare_table(file, lake.silver, False), f"{file.stem} is not equal"


class GlobWatch(threading.Thread):
    """Queries the globs that people use, in a loop, and remembers a row that it saw twice.

    A query may fail because a folder is swapped under it; it may never show a row twice, nor fewer
    raw records than before.
    """

    def __init__(self, lake, pause_seconds=0.1):
        super().__init__(daemon=True)
        self.pause_seconds = pause_seconds
        records = ("_topic, _partition", "_offset")
        self.queries = [(lake.bronze / "cdc", 'topic, partition', '"offset"')]
        for table, key in KEYS.items():
            self.queries.append((lake.silver / "stage_events" / f"table={table}", *records))
            self.queries.append((lake.silver / "current" / f"table={table}", "'current'", key))
        self.queries.append((lake.silver / "current", *records))
        self.most_rows = {}
        self.looks = self.caught = 0
        self.faults = []
        self.finished = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.finished.set()
        self.join()
        print(f"{self.looks} looks at the globs, {self.caught} of them caught by a swap")

    def run(self):
        connection = duckdb.connect()
        connection.execute("SET threads = 1")
        while not self.finished.wait(self.pause_seconds) and len(self.faults) < 10:
            for folder, groups, unique in self.queries:
                try:
                    self._look(connection, folder, groups, unique)
                except duckdb.IOException as error:
                    self._judge(error)
                except duckdb.Error as error:
                    self.faults.append(f"{folder}: {error}")

    def _look(self, connection, folder, groups, unique):
        rows = connection.execute(
            f"SELECT {groups}, count(*), count(DISTINCT {unique})"
            f" FROM {read(folder / '**/*.parquet')} GROUP BY ALL"
        ).fetchall()
        self.looks += 1
        for *group, count, distinct in rows:
            if count != distinct:
                self.faults.append(f"{folder} {group}: {count} rows, {distinct} of them distinct")
            place = (folder, *group)
            if folder.name == "cdc" and count < self.most_rows.get(place, 0):
                self.faults.append(f"{folder} {group}: {count} rows after {self.most_rows[place]}")
            self.most_rows[place] = count

    def _judge(self, error):
        text = str(error)
        if "No files found" in text:
            return  # Nothing has been written yet.
        if "No such file" in text or "Cannot open file" in text:
            self.caught += 1
            return
        self.faults.append(text)

    def assert_no_faults(self):
        assert self.looks > 0, "the watch never saw a file"
        assert not self.faults, "\n".join(self.faults)
