"""What cdclake does while the broker is away."""

import re
import time

from lake_process import Lake
from lake_reader import assert_bronze_is_complete, assert_current_equals

NOBODY = "127.0.0.1:1"  # A port that no broker listens on.


def unreachable_lake(folder):
    return Lake(folder, {"KAFKA_BOOTSTRAP": NOBODY, "TOPICS": "shop.public.users"})


def test_once_ends_with_4_and_says_which_broker_is_out_of_reach(tmp_path):
    running = unreachable_lake(tmp_path).start("--once")
    assert running.wait(60) == 4
    print(f"it gave up after {running.seconds:.1f} s")
    last = running.messages().splitlines()[-1]
    assert NOBODY in last and "KAFKA_BOOTSTRAP" in last, running.messages()


def test_a_run_that_goes_on_waits_for_an_unreachable_broker_and_ends_when_asked(tmp_path):
    running = unreachable_lake(tmp_path).start()
    time.sleep(8)
    assert running.is_alive(), running.messages()
    running.end()
    assert re.search(r"WARNING.*" + re.escape(NOBODY), running.messages()), running.messages()


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
