"""A lake in a folder of its own, worked on by the program and read by readers that are not ours."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("CDCLAKE_PROGRAM", str(ROOT / "build/dev/bin/cdclake"))
EXAMPLE = ROOT / "examples/recorded/users_and_orders.jsonl"
sys.path.insert(0, str(ROOT / "script"))

import compare_with_dump  # noqa: E402


class Lake:
    started = []  # By every lake; what still runs at the end of its test is killed.

    def __init__(self, folder, **settings):
        self.folder = folder
        self.bronze, self.silver, self.logs = folder / "bronze", folder / "silver", folder / "logs"
        self.store = folder / "metadata/pipeline_meta.sqlite"
        self.environment = {
            "PATH": os.environ["PATH"],
            "BRONZE_BASE_PATH": str(self.bronze),
            "SILVER_BASE_PATH": str(self.silver),
            "METADATA_DB": str(self.store),
            "LOG_BASE_PATH": str(self.logs),
            **settings,
        }

    def with_types_of(self, *tables):
        """Gives the tables' types, as `cdclake catalog export` would."""
        path = self.folder.parent / f"{self.folder.name}.catalog.json"
        path.write_text(json.dumps([table.catalog() for table in tables]))
        self.environment["CDCLAKE_CATALOG"] = str(path)
        return self

    def start(self, *words, environment=None, **options):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        environment = {**self.environment, **(environment or {})}
        process = subprocess.Popen([PROGRAM, *map(str, words)], env=environment, **pipes)
        self.started.append(process)
        return process

    def call(self, *words, **options):
        """Runs a command to its end; `returncode`, `stdout`, `stderr` tell of it."""
        process = self.start(*words, **options)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def run_once(self, *recordings, **options):
        return self.call("run", "--once", "--input", *recordings, **options)

    def run_example(self, **options):
        """One run over the recording that the repository shows to newcomers."""
        return self.run_once(EXAMPLE, **options)

    def run_recording(self, recording, first=0, last=None, **options):
        """One run over a stretch of a recording."""
        path = self.folder.parent / f"{self.folder.name}.{first}-{last}.jsonl"
        return self.run_once(recording.write(path, first, last), **options)

    def status(self):
        return json.loads(self.call("status", "--json").stdout)

    def table_status(self, table):
        return next(entry for entry in self.status()["tables"] if entry["table"] == table)

    def current(self, table, columns=None):
        """The rows of a current table, as dicts, in the order of the files."""
        return rows_below(self.silver / "current" / f"table={table}", columns)

    def staged(self, table, columns=None):
        return rows_below(self.silver / "stage_events" / f"table={table}", columns)

    def raw(self, columns=None):
        """Every record in Bronze, by topic, partition and offset."""
        rows = rows_below(self.bronze / "cdc", columns)
        return sorted(rows, key=lambda row: (row.get("topic"), row.get("partition"), row.get("offset")))

    def quarantined(self):
        """The lines of every quarantine file, by offset."""
        files = (self.silver / "stage_events_quarantine").glob("table=*/*.jsonl")
        lines = [json.loads(line) for path in files for line in path.read_text().splitlines()]
        return sorted(lines, key=lambda line: (line["topic"], line["partition"], line["offset"]))

    def differences(self):
        """What is not equal to the source's dump of the example, a line each."""
        lines = []
        for dump in sorted(EXAMPLE.parent.glob("*.csv")):
            columns, *expected = compare_with_dump.parse_dump(dump.read_text())
            found = compare_with_dump.read_current(self.silver / "current" / f"table={dump.stem}", columns)
            lines += compare_with_dump.differences(expected, found)
        return lines

    def query_store(self, sql):
        # Closed at once: as long as it is open, nobody ends the store's log, and tests see less than users.
        with contextlib.closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()


def rows_below(folder, columns=None):
    rows = []
    for path in sorted(folder.rglob("*.parquet")):
        rows += pyarrow.parquet.ParquetFile(path).read(columns).to_pylist()
    return rows


def wait_until(is_true, seconds=90):
    end = time.monotonic() + seconds
    while True:
        # A folder may be swapped while it is read, a store be in the making.
        with contextlib.suppress(OSError, sqlite3.OperationalError):
            if is_true():
                return
        assert time.monotonic() < end, "took too long"
        time.sleep(0.1)
