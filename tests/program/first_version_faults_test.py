"""The faults of the first version, each seen in a run of it: a test each that shows we do not have it.

The two that a killed process showed are in kills_test.py.
"""

from decimal import Decimal

import pytest
from change_events import DAY_MS, UNCHANGED, Table
from lake_under_test import Lake

ORDERS = Table("orders", {"id": "bigint", "user_id": "bigint", "amount": "numeric(10,2)", "note": "text"})


def values(lake, *columns, table="public.users"):
    return [tuple(row[column] for column in columns) for row in lake.current(table)]


def places(lake):
    return [(row["topic"], row["partition"], row["offset"]) for row in lake.raw(["topic", "partition", "offset"])]


def places_of(recording):
    return sorted((record["topic"], record["partition"], record["offset"]) for record in recording.records)


def history_of(recording, users):
    """A few users that come, change, and go."""
    for number in range(1, 8):
        recording.event("c", users, {"id": number, "name": f"user {number}"})
    recording.event("u", users, {"id": 3, "name": "changed"})
    recording.event("d", users, {"id": 4})
    recording.tombstone(users, {"id": 4})
    return recording


def test_a_delete_applies_though_it_says_the_key_only(lake, users, recording):
    recording.event("c", users, {"id": 1, "name": "stays"})
    recording.event("c", users, {"id": 2, "name": "goes"})
    recording.event("d", users, {"id": 2}, before={"id": 2, "name": None})
    assert lake.with_types_of(users).run_recording(recording).returncode == 0
    assert values(lake, "id", "name") == [(1, "stays")]
    assert lake.quarantined() == []


def test_decimals_are_exact_numbers(lake, recording):
    spelled = {"CAI=": "20.50", "AA==": "0.00", "/////w==": "-0.01", "AlQL4/8=": "99999999.99"}
    for number, text in enumerate(spelled, 1):
        recording.event("c", ORDERS, {"id": number, "amount": text})
    assert lake.with_types_of(ORDERS).run_recording(recording).returncode == 0
    assert values(lake, "amount", table="public.orders") == [(Decimal(each),) for each in spelled.values()]


def test_late_data_of_a_day_that_is_merged_reaches_current(lake, users, recording):
    lake.with_types_of(users)
    for number, day in enumerate([1, 2, 3, 1, 2, 1, 3, 0, 1], 1):
        recording.event("c", users, {"id": number, "name": "x"}, ts_ms=1_767_225_600_000 + day * DAY_MS)
    for first, last in ((0, 3), (3, 6), (6, 9)):
        assert lake.run_recording(recording, first, last).returncode == 0
    assert values(lake, "id") == [(number,) for number in range(1, 10)]


def test_a_restart_writes_nothing_twice(lake, users, recording):
    history_of(recording, users)
    for _ in range(3):
        assert lake.with_types_of(users).run_recording(recording).returncode == 0
    assert places(lake) == places_of(recording)
    assert len(lake.staged("public.users")) == len(recording.records)
    assert lake.table_status("public.users")["version"] == 1


def test_the_placeholder_of_an_unchanged_value_never_becomes_one(lake, recording):
    recording.event("c", ORDERS, {"id": 1, "note": "long"})
    recording.event("u", ORDERS, {"id": 1, "user_id": 5, "note": UNCHANGED})
    recording.event("u", ORDERS, {"id": 2, "user_id": 6, "note": UNCHANGED})
    done = lake.with_types_of(ORDERS).run_recording(recording)
    assert done.returncode == 3
    assert values(lake, "id", "user_id", "note", table="public.orders") == [(1, 5, "long"), (2, 6, None)]
    assert UNCHANGED not in str(lake.staged("public.orders"))
    assert lake.table_status("public.orders")["flaws"][0]["cause"] == "UNRESOLVED_VALUE"


def test_the_offset_orders_and_no_lsn(lake, users, recording):
    recording.event("c", users, {"id": 1, "name": "old"}, at=(20, 1))
    recording.event("d", users, {"id": 1}, at=(30, 9))
    recording.event("c", users, {"id": 1, "name": "the row that exists"}, at=(30, 2))
    assert lake.with_types_of(users).run_recording(recording).returncode == 0
    assert values(lake, "id", "name") == [(1, "the row that exists")]


def test_a_tombstone_stops_nothing(lake, users, recording):
    recording.event("c", users, {"id": 1, "name": "a"})
    recording.tombstone(users, {"id": 1})
    recording.event("c", users, {"id": 2, "name": "b"})
    assert lake.with_types_of(users).run_recording(recording).returncode == 0
    assert values(lake, "id") == [(2,)]
    assert [row["value"] is None for row in lake.raw()] == [False, True, False]


def test_the_schema_block_is_understood_without_any_catalog(lake, corpus):
    assert lake.run_once(corpus / "a_seed/schema/events.jsonl.zst").returncode == 0
    assert lake.quarantined() == []
    assert (len(lake.current("public.users")), len(lake.current("public.orders"))) == (6, 8)


def test_a_null_is_a_value(lake, recording):
    recording.event("c", ORDERS, {"id": 1})
    recording.event("c", ORDERS, {"id": 2, "user_id": 7, "amount": "AA==", "note": ""})
    recording.event("u", ORDERS, {"id": 2, "user_id": None, "amount": None, "note": None})
    assert lake.with_types_of(ORDERS).run_recording(recording).returncode == 0
    expected = [(1, None, None, None), (2, None, None, None)]
    assert values(lake, "id", "user_id", "amount", "note", table="public.orders") == expected
    assert lake.quarantined() == []


def test_missing_folders_are_made(tmp_path, users, recording):
    (tmp_path / "not").mkdir()
    lake = Lake(tmp_path / "not/there").with_types_of(users)
    recording.event("c", users, {"id": 1, "name": "a"})
    assert lake.run_recording(recording).returncode == 0
    for folder in (lake.bronze, lake.silver, lake.logs, lake.store.parent):
        assert folder.is_dir()


def test_a_rerun_appends_nothing(lake, users, recording):
    history_of(recording, users)
    assert lake.with_types_of(users).run_recording(recording).returncode == 0

    def files():
        roots = (lake.bronze / "cdc", lake.silver)
        return sorted((str(path), path.stat().st_ino) for root in roots for path in root.rglob("*.parquet"))

    before = files()
    for words in (["silver", "stage"], ["silver", "merge"], ["bronze", "compact"]):
        assert lake.call(*words, "--once").returncode == 0
    assert files() == before
