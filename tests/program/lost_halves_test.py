"""A key move whose other half was lost before it reached us."""

import sqlite3
import subprocess
import time

from change_events import Table, spell

USERS = Table("users", {"id": "bigint", "name": "text"})


def half_a_move(recording):
    """User 2 stays; user 1 becomes user 7, in another partition whose records never come."""
    recording.event("c", USERS, {"id": 1, "name": "a"})
    recording.event("c", USERS, {"id": 2, "name": "b"})
    newkey = ["__debezium.newkey", spell({"id": 7})]
    recording.event("d", USERS, {"id": 1}, headers=newkey)
    recording.tombstone(USERS, {"id": 1}, headers=newkey)
    recording.event("u", USERS, {"id": 2, "name": "c"})
    return recording


def tell_end(lake, next_offset, seen):
    """What `bronze write` records when it asks Kafka; recorded topics have no end to ask for."""
    with sqlite3.connect(lake.store) as store:
        store.execute(
            "INSERT OR REPLACE INTO source_end SELECT partition_key, ?, ? FROM topic_partition",
            (next_offset, int(seen * 1e6)),
        )


def lost_halves(lake):
    flaws = lake.table_status("public.users")["flaws"]
    return [(flaw["topic"], flaw["partition"], flaw["offset"]) for flaw in flaws if flaw["cause"] == "LOST_HALF"]


def names(lake):
    return [(row["id"], row["name"]) for row in lake.current("public.users")]


def test_half_a_move_waits_until_a_later_end_is_staged(lake, recording):
    lake.with_types_of(USERS)
    assert lake.run_recording(half_a_move(recording)).returncode == 3
    assert names(lake) == [(1, "a"), (2, "b")], "nothing at or after the half"
    now = time.time()
    tell_end(lake, 5, now)
    assert lake.call("silver", "merge", "--once").returncode == 3, "seen too soon after the half"
    tell_end(lake, 6, now + 120)
    assert lake.call("silver", "merge", "--once").returncode == 3, "not all of it is staged"
    tell_end(lake, 5, now + 120)
    merge = lake.call("silver", "merge", "--once")
    assert merge.returncode == 3
    place = "public.users is INEXACT from shop.public.users/0 offset 2: LOST_HALF"
    assert place in merge.stderr
    assert place in lake.call("status").stdout
    assert names(lake) == [(2, "c")]
    assert lake.call("silver", "merge", "--once").returncode == 3, "for good"


def test_the_input_is_complete_when_somebody_says_so(lake, recording):
    lake.with_types_of(USERS)
    assert lake.run_recording(half_a_move(recording)).returncode == 3
    assert lake.call("silver", "merge", "--once", "--input-complete").returncode == 3
    assert lost_halves(lake) == [("shop.public.users", 0, 2)]
    assert names(lake) == [(2, "c")]


def test_the_input_is_not_complete_while_something_is_not_staged(lake, recording):
    lake.with_types_of(USERS)
    assert lake.run_recording(half_a_move(recording)).returncode == 3
    recording.event("c", USERS, {"id": 3, "name": "d"}, partition=1)
    more = recording.write(lake.folder.parent / "more.jsonl")
    assert lake.call("bronze", "write", "--once", "--input", more).returncode == 0
    merge = lake.call("silver", "merge", "--once", "--input-complete")
    assert merge.returncode == 3
    assert "the input is not complete: of shop.public.users/1 Bronze holds more than is staged" in merge.stderr
    assert names(lake) == [(1, "a"), (2, "b")]
    assert lake.call("silver", "stage", "--once").returncode == 3
    assert lake.call("silver", "merge", "--once", "--input-complete").returncode == 3
    assert lost_halves(lake) == [("shop.public.users", 0, 2)]
    assert names(lake) == [(2, "c"), (3, "d")]


def test_input_that_goes_on_is_never_complete(lake):
    for words in (("run", "--input", "-"), ("silver", "merge")):
        refused = lake.call(*words, "--input-complete", stdin=subprocess.DEVNULL)
        assert refused.returncode == 2
        assert "--input-complete needs --once" in refused.stderr
