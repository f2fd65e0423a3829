"""What becomes of a lake when Kafka loses records, or a topic begins another life."""

import json
import os
import subprocess
import time
from pathlib import Path

import duckdb
import pytest

from lake_process import Running
from lake_reader import assert_current_equals, read
from live_stack import ROOT, program

INCOMPLETE = 3


def call(lake, *arguments):
    """Runs a command of cdclake to its end."""
    return subprocess.run(
        [program(), *arguments], env=lake.environment, text=True, capture_output=True, timeout=300
    )


def status_of(lake):
    return json.loads(call(lake, "status", "--json").stdout)


def assert_balanced(lake, gap_offsets=0):
    report = json.loads(call(lake, "audit", "--deep", "--json").stdout)
    assert report["balances"] and report["findings"] == [], report
    assert report["gap_offsets"] == gap_offsets


def once(lake, expected):
    running = Running(lake, ["run", "--once"])
    assert running.wait(300) == expected, running.messages()
    return running.messages()


@pytest.fixture
def users(stream):
    return f"{stream.name}.public.users"


def test_lost_records_stop_a_partition_until_the_loss_is_accepted(stack, stream, lake_of, users):
    stream.load(400, seed=1)
    stream.connect("--schemas")
    stream.fence()
    lake = lake_of(stream)
    lake.once()
    before = {place: end for place, (_, end) in stream.offsets().items()}
    # No key moves: half of one that is lost would hold the table back for a minute.
    new_users = "INSERT INTO users (user_id, email) SELECT 1000000 + n, 'new' FROM generate_series(1, 40) n"
    stack("psql", "-qc", new_users, database=stream.name)
    stream.fence()
    ends = {place: end for place, (_, end) in stream.offsets().items()}
    partition = max((number for topic, number in ends if topic == users),
                    key=lambda number: ends[users, number] - before[users, number])
    first, next_offset = before[users, partition], ends[users, partition] - 1
    assert next_offset > first, "there is nothing to lose"
    stack("topic", "trim", users, str(partition), str(next_offset))

    said = once(lake, INCOMPLETE)
    assert f"[{first}, {next_offset})" in said and "CDCLAKE_ON_DATA_LOSS=continue" in said
    status = status_of(lake)
    assert not status["complete"] and status["gaps"] == []
    for it in status["partitions"]:
        if (it["topic"], it["partition"]) == (users, partition):
            assert (it["bronze_next"], it["stopped"]["reason"]) == (first, "retention_loss")
            assert (it["stopped"]["first"], it["stopped"]["next"]) == (first, next_offset)
        else:  # The others went on.
            assert it["stopped"] is None
            assert it["bronze_next"] == ends[it["topic"], it["partition"]]
    assert_balanced(lake)
    assert call(lake, "bronze", "write", "--once").returncode == INCOMPLETE

    lake.environment["CDCLAKE_ON_DATA_LOSS"] = "continue"
    once(lake, INCOMPLETE)  # The table is inexact.
    status = status_of(lake)
    assert [it["stopped"] for it in status["partitions"]] == [None] * len(status["partitions"])
    (gap,) = status["gaps"]
    assert (gap["first"], gap["next"], gap["reason"]) == (first, next_offset, "retention_loss")
    for table in status["tables"]:
        assert table["behind"] == 0, "stage and merge pass the gap"
        assert table["exact"] == (table["table"] != "public.users")
        assert {flaw["cause"] for flaw in table["flaws"]} <= {"GAP"}
    for it in status["partitions"]:
        end = ends[it["topic"], it["partition"]]
        assert (it["bronze_next"], it["stage_next"]) == (end, end)
    assert_balanced(lake, gap_offsets=next_offset - first)


def test_a_topic_made_again_is_read_from_its_beginning_and_stops_its_table(stack, stream, lake_of, users):
    stream.load(300, seed=1)
    stream.connect("--schemas")
    stream.fence()
    lake = lake_of(stream, FLUSH_SECONDS="1")
    lake.once()
    bronze = f"FROM {read(lake.bronze / 'cdc/**/*.parquet')} WHERE topic = '{users}'"
    old = duckdb.sql(f"SELECT count(*) {bronze}").fetchall()[0][0]
    running = lake.start()
    time.sleep(2)
    stack("topic", "delete", users)
    stack("topic", "create", users, "--partitions", "4")
    stream.load(1500, seed=2)
    stream.fence()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        offsets = {place[1]: end for place, (_, end) in stream.offsets().items() if place[0] == users}
        lives = {}
        for it in status_of(lake)["partitions"]:
            if it["topic"] == users:
                lives.setdefault(it["incarnation"], {})[it["partition"]] = it["bronze_next"]
        if any(life == offsets for life in lives.values()):
            break
        time.sleep(1)
    running.end()
    assert len(lives) == 2 and any(life == offsets for life in lives.values()), (lives, offsets)
    assert "deleted and made again" in running.messages()
    once(lake, INCOMPLETE)
    assert duckdb.sql(f"SELECT count(*) {bronze}").fetchall()[0][0] == old + sum(offsets.values())
    (table,) = [it for it in status_of(lake)["tables"] if it["table"] == "public.users"]
    assert table["state"] == "stopped" and "TOPIC_MADE_AGAIN" in table["reason"]
    assert_balanced(lake)


def flip_a_byte(file, batch):
    """Of the last record of the n-th batch in a log segment."""
    data = bytearray(file.read_bytes())
    begin = 0
    for _ in range(batch):
        begin += 12 + int.from_bytes(data[begin + 8:begin + 12], "big")
    end = begin + 12 + int.from_bytes(data[begin + 8:begin + 12], "big")
    assert end <= len(data)
    data[end - 1] ^= 1
    with file.open("r+b") as log:
        log.seek(end - 1)
        log.write(data[end - 1:end])
    return int.from_bytes(data[begin:begin + 8], "big")


def test_a_damaged_batch_is_named_and_never_passed_over(stack, stream, lake_of, users):
    stream.load(400, seed=1)
    stream.connect("--schemas", partitions=1)
    stream.fence()
    stream.load(50, seed=2)
    stream.fence()
    state = os.environ.get("STACK_STATE", str(ROOT / "build/stack"))
    (segment,) = Path(state, "kafka/data", f"{users}-0").glob("*.log")
    damaged = flip_a_byte(segment, 1)
    lake = lake_of(stream)
    said = once(lake, INCOMPLETE)
    assert f"partition={users} [0] offset=" in said and "CRC" in said
    status = status_of(lake)
    (stopped,) = [it for it in status["partitions"] if it["topic"] == users]
    assert stopped["stopped"]["reason"] == "damaged"
    assert stopped["bronze_next"] <= damaged
    (other,) = [it for it in status["partitions"] if it["topic"] != users]
    assert other["bronze_next"] == stream.offsets()[other["topic"], 0][1]
    assert_balanced(lake)

    flip_a_byte(segment, 1)  # A sound copy is there again.
    lake.once()
    assert_current_equals(lake, stream.dump())
    assert_balanced(lake)
