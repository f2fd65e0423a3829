"""A lake that holds the first half of a recording, and what it must hold after the second, whatever happened.

The second half changes rows of the first, in both tables, moves a key, and adds a day; the run over it
compacts, replaces files, and sweeps what it has replaced.
"""

import itertools
import json
import subprocess

import pytest
from change_events import DAY_MS, Recording, Table, spell
from lake_under_test import Lake

USERS = Table("users", {"id": "integer", "name": "text"})
ORDERS = Table("orders", {"id": "integer", "note": "text"})
HALF = 4
EXPECTED = {
    "public.users": [(1, "one"), (3, "changed"), (4, "four"), (7, "moved")],
    "public.orders": [(10, "changed"), (11, "of another day")],
}


@pytest.fixture(name="recording")
def both_halves():
    """What follows the first half changes rows of it, in both tables, and adds a day."""
    recording = Recording()
    for number, name in enumerate(("one", "two", "three"), 1):
        recording.event("c", USERS, {"id": number, "name": name})
    recording.event("c", ORDERS, {"id": 10, "note": "first"})
    recording.event("u", USERS, {"id": 3, "name": "changed"})
    recording.event("c", USERS, {"id": 4, "name": "four"})
    to_new, to_old = ([f"__debezium.{word}key", spell({"id": key})] for word, key in (("new", 7), ("old", 2)))
    recording.event("d", USERS, {"id": 2}, at=(90, 1), headers=to_new)
    recording.tombstone(USERS, {"id": 2}, headers=to_new)
    recording.event("c", USERS, {"id": 7, "name": "moved"}, at=(90, 1), headers=to_old)
    recording.event("u", ORDERS, {"id": 10, "note": "changed"})
    recording.event("c", ORDERS, {"id": 11, "note": "of another day"}, ts_ms=1_767_225_600_000 + DAY_MS)
    return recording


@pytest.fixture(name="next_lake")
def lakes_with_the_first_half(tmp_path, recording):
    """Makes lakes that hold the first half; their next run compacts, replaces, and sweeps what it has replaced."""
    settings, tables = {"CDCLAKE_GRACE_HOURS": "0"}, (USERS, ORDERS)
    first = Lake(tmp_path / "first", **settings).with_types_of(*tables)
    assert first.run_recording(recording, 0, HALF).returncode == 0
    folders = (tmp_path / f"lake{number}" for number in itertools.count(1))

    def copy():
        folder = next(folders)
        subprocess.run(["cp", "-a", first.folder, folder], check=True)
        return Lake(folder, **settings).with_types_of(*tables)

    return copy


def assert_balanced(lake, *words, seen=""):
    """Also between the death and the next start: what a dead process leaves is unfinished, and no damage."""
    audit = lake.call("audit", "--json", *words)
    assert audit.returncode == 0, f"{seen}\n{audit.stdout}{audit.stderr}"
    return json.loads(audit.stdout)["findings"]


def check_everything(lake, recording):
    assert check_rows(lake, recording) == []
    assert not list(lake.folder.rglob("wip/*"))


def check_rows(lake, recording):
    """Every record once, the tables right, the audit content; returns what it has to say all the same."""
    places = [(row["topic"], row["partition"], row["offset"]) for row in lake.raw(["topic", "partition", "offset"])]
    assert places == sorted((record["topic"], record["partition"], record["offset"]) for record in recording.records)
    assert sum(len(lake.staged(table, ["_offset"])) for table in EXPECTED) == len(places)
    for table, rows in EXPECTED.items():
        columns = {"public.users": USERS, "public.orders": ORDERS}[table].columns
        assert [tuple(row.values()) for row in lake.current(table, list(columns))] == rows
        assert lake.table_status(table)["exact"]
    assert "RUNNING" not in {run["status"] for run in lake.status()["runs"]}
    return assert_balanced(lake, "--deep")
