"""Names that somebody else chose: tables, columns and topics may be called anything, and stay inside and apart."""

import json

import pytest
from change_events import Recording, Table, spell

UNICODE_63 = "ж" * 31 + "x"  # PostgreSQL cuts names at 63 bytes.
NAMES = [
    "../../x", "..", ".", "con", "a/b", "/etc/passwd", '"; drop table users; --', "a.b", "a%2Eb", UNICODE_63, "tab\there",
    "line\nend", "Twin", "twin", "caf\u00e9", "cafe\u0301", "table=x", "_x", ".hidden", "*.parquet", " ", "x.parquet",
    "\U0001f40d", "-rf", "~",
]  # fmt: skip
COLUMNS = [
    "_offset", "_op", "__deleted", "schema", "payload", "select", "_cdc_offset", "_partition", "table", "event_date", "op",
    "before", "Quote\"d", "with space", "a.b", "ID", "_commit_ts", "_unchanged", "naïve",
]  # fmt: skip


def tables_in(lake):
    return {entry["table"]: entry for entry in lake.status()["tables"]}


def everything_below(folder):
    return {path for path in folder.rglob("*")}


def test_tables_of_any_name_stay_inside_and_apart(lake, tmp_path):
    recording, tables = Recording(), [Table(name, {"id": "integer", "note": "text"}) for name in NAMES]
    for number, table in enumerate(tables):
        recording.event("c", table, {"id": number, "note": table.name}, topic=f"shop.hostile{number}")
    run = lake.with_types_of(*tables).run_recording(recording)
    assert run.returncode == 0, run.stderr
    found = tables_in(lake)
    assert len(found) == len(NAMES)
    assert all(entry["exact"] and entry["rows"] == 1 for entry in found.values())
    notes = {row["note"] for row in rows_of_all(lake)}
    assert notes == set(NAMES)
    assert {path.parent for path in everything_below(tmp_path)} <= {tmp_path, lake.folder, *everything_below(lake.folder)}
    assert len([path for path in (lake.silver / "current").iterdir()]) == len(NAMES)
    assert "\t" not in run.stderr and "\x1b" not in run.stderr
    assert lake.call("audit", "--deep").returncode == 0


def rows_of_all(lake):
    names = [path.name.removeprefix("table=") for path in (lake.silver / "current").iterdir()]
    return [row for name in names for row in lake.current(name)]


@pytest.mark.parametrize("name", ["zero\0zero", "\0", "\ud800"], ids=["NUL inside", "NUL", "half a surrogate"])
def test_a_name_that_postgres_cannot_have_harms_nobody_else(lake, users, recording, name):
    recording.event("c", users, {"id": 1, "name": "a"})
    forged = Table(name, users.columns)
    envelope = recording.envelope("c", forged, {"id": 2, "name": "b"})
    recording.add("shop.forged", spell({"id": 2}), json.dumps(envelope))
    run = lake.with_types_of(users).run_recording(recording)
    assert run.returncode == 3, run.stderr
    assert lake.table_status("public.users")["exact"]
    assert [row["id"] for row in lake.current("public.users")] == [1]
    assert lake.call("audit", "--deep").returncode == 0


@pytest.mark.parametrize("topic", ["../../x", "..", "a/b", "/etc/x", "x\ty", "shop.public.users/../../y"])
def test_topics_of_any_name_stay_inside(lake, recording, users, topic, tmp_path):
    recording.event("c", users, {"id": 1, "name": "a"}, topic=topic)
    run = lake.with_types_of(users).run_recording(recording)
    assert run.returncode in (0, 2), run.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"lake", "lake.catalog.json", "lake.0-None.jsonl"}
    assert run.returncode == 2 or [row["topic"] for row in lake.raw()] == [topic]
    assert run.returncode == 2 or lake.call("audit", "--deep").returncode == 0


def test_columns_of_any_name_keep_their_values(lake, recording):
    columns = {"id": "integer", **{name: "text" for name in COLUMNS}}
    table = Table("t", columns)
    recording.event("c", table, {"id": 1, **{name: f"first {name}" for name in columns if name != "id"}})
    last = {"id": 1, **{name: f"last {name}" for name in columns if name != "id"}}
    recording.event("u", table, last)
    run = lake.with_types_of(table).run_recording(recording)
    assert run.returncode == 0, run.stderr
    (row,) = lake.current("public.t")
    assert {name: row[name] for name in columns} == last
    assert [{name: row[name] for name in columns} for row in lake.staged("public.t")][-1] == last
    assert lake.table_status("public.t")["exact"]
