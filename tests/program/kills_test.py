"""Death at any step: killed at the n-th passing of every failpoint, for n = 1, 2, 3 … until a run comes
through, then an ordinary start. Nothing is lost, nothing is doubled, nothing is left behind.

The first version lost what a killed run had read, and a whole day of a table when it died between
"processed" and the write of its merge.
"""

import itertools
import json
import re
import signal
import subprocess

import pytest
from change_events import DAY_MS, Recording, Table, spell
from lake_under_test import ROOT, Lake

USERS = Table("users", {"id": "integer", "name": "text"})
ORDERS = Table("orders", {"id": "integer", "note": "text"})
FAILPOINT = re.compile(r'failpoint\(\s*"([^"]+)"')
HALF = 4
EXPECTED = {
    "public.users": [(1, "one"), (3, "changed"), (4, "four"), (7, "moved")],
    "public.orders": [(10, "changed"), (11, "of another day")],
}


def failpoints():
    sources = [path for path in (ROOT / "src").rglob("*.cc") if not path.name.endswith("_test.cc")]
    return sorted({name for path in sources for name in FAILPOINT.findall(path.read_text())})


@pytest.fixture
def recording():
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


@pytest.fixture
def next_lake(tmp_path, recording):
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


def assert_balanced(lake, *words):
    """Also between the death and the next start: what a dead process leaves is unfinished, and no damage."""
    audit = lake.call("audit", "--json", *words)
    assert audit.returncode == 0, audit.stdout + audit.stderr
    return audit


def check_everything(lake, recording):
    places = [(row["topic"], row["partition"], row["offset"]) for row in lake.raw(["topic", "partition", "offset"])]
    assert places == sorted((record["topic"], record["partition"], record["offset"]) for record in recording.records)
    assert sum(len(lake.staged(table, ["_offset"])) for table in EXPECTED) == len(places)
    for table, rows in EXPECTED.items():
        columns = {"public.users": USERS, "public.orders": ORDERS}[table].columns
        assert [tuple(row.values()) for row in lake.current(table, list(columns))] == rows
        assert lake.table_status(table)["exact"]
    assert json.loads(assert_balanced(lake, "--deep").stdout)["findings"] == []
    assert "RUNNING" not in {run["status"] for run in lake.status()["runs"]}
    assert not list(lake.folder.rglob("wip/*"))


def test_documents_every_failpoint():
    text = (ROOT / "docs/architecture.md").read_text()
    for name in failpoints():
        assert f"`{name}`" in text


@pytest.mark.parametrize("name", failpoints())
def test_a_killed_run_loses_and_doubles_nothing(next_lake, recording, name):
    for passing in itertools.count(1):
        lake = next_lake()
        killed = lake.run_recording(recording, environment={"CDCLAKE_FAILPOINT": f"{name}:{passing}"})
        if killed.returncode == 0:
            break
        assert killed.returncode == -signal.SIGKILL, (passing, killed.stderr)
        assert_balanced(lake)
        again = lake.run_recording(recording)
        assert again.returncode == 0, (passing, again.stderr)
        check_everything(lake, recording)
    assert passing > 1, "the failpoint was never reached"


# A merge sweeps nothing in a lake that is not a day old: commit/crash_test.cc kills it there.
MERGE_FAILPOINTS = [name for name in failpoints() if name.startswith("commit.") and name != "commit.after_sweep"]


@pytest.mark.parametrize("name", MERGE_FAILPOINTS)
def test_a_killed_merge_loses_and_doubles_nothing(next_lake, recording, name, tmp_path):
    path = recording.write(tmp_path / "whole.jsonl")
    for passing in itertools.count(1):
        lake = next_lake()
        for words in (["bronze", "write", "--once", "--input", path], ["silver", "stage", "--once"]):
            assert lake.call(*words).returncode == 0
        killed = lake.call("silver", "merge", "--once", environment={"CDCLAKE_FAILPOINT": f"{name}:{passing}"})
        if killed.returncode == 0:
            break
        assert killed.returncode == -signal.SIGKILL, (passing, killed.stderr)
        assert_balanced(lake)
        again = lake.call("silver", "merge", "--once")
        assert again.returncode == 0, (passing, again.stderr)
        check_everything(lake, recording)
    assert passing > 1, "the failpoint was never reached"
