"""What cdclake does while the broker is away."""

import re
import time

import pytest

from lake_process import Lake
from lake_reader import assert_bronze_is_complete, assert_current_equals

NOBODY = "127.0.0.1:1"  # A port that no broker listens on.


@pytest.fixture(scope="module")
def without_a_broker(tmp_path_factory):
    """Two processes that find no broker: one that goes on, and one that works once."""
    started = []
    for arguments in ([], ["--once"]):
        lake = Lake(
            tmp_path_factory.mktemp("lake"), {"KAFKA_BOOTSTRAP": NOBODY, "TOPICS": "shop.public.users"}
        )
        started.append(lake.start(*arguments))
    yield started
    for running in started:
        running.kill()


def test_once_ends_with_4_and_says_which_broker_is_out_of_reach(without_a_broker):
    _, running = without_a_broker
    assert running.wait(60) == 4
    print(f"it gave up after {running.seconds:.1f} s")
    last = running.messages().splitlines()[-1]
    assert NOBODY in last and "KAFKA_BOOTSTRAP" in last, running.messages()


def test_a_run_that_goes_on_tries_again_and_ends_when_asked(without_a_broker):
    running, _ = without_a_broker
    deadline = time.monotonic() + 60
    while "trying again" not in running.messages() and time.monotonic() < deadline:
        time.sleep(0.1)
    running.end()  # It had read nothing, so it leaves nothing undone.
    assert re.search(f"WARNING.*{re.escape(NOBODY)}.*trying again", running.messages())


def test_a_run_outlives_a_crash_of_the_broker(stack, stream, lake_of):
    stream.connect("--schemas")
    lake = lake_of(stream, FLUSH_SECONDS="1")
    running = lake.start()
    stream.load(800, seed=1, rate=400)
    stack("down", "--kill", "kafka")
    time.sleep(3)
    stack("up")
    stream.load(800, seed=2, rate=400)
    stream.fence()
    time.sleep(2)
    running.end()
    lake.once()
    offsets = stream.offsets()
    assert_bronze_is_complete(lake, offsets)
    assert_current_equals(lake, stream.dump())
    assert stream.told() == {place: end for place, (first, end) in offsets.items() if end > first}
