"""Two hundred thousand changes while cdclake works, is stopped, is killed, and starts again."""

import time

from end_to_end_test import catalog_of
from lake_process import Running
from lake_reader import GlobWatch, assert_bronze_is_complete, assert_current_equals

CHANGES = 200_000
CHANGES_A_SECOND = 3_000
SECONDS_OF_A_RUN = 14


def test_current_equals_the_source_after_200_000_changes(stream, lake_of):
    stream.load(5000, seed=1)  # These rows come from the snapshot.
    settings = {"FLUSH_SECONDS": "1", "CDCLAKE_RUN_SECONDS": "5"}
    stream.connect()
    lake = lake_of(stream, **settings, **catalog_of(stream))
    with GlobWatch(lake, pause_seconds=1) as watch:
        load = stream.loading(CHANGES, seed=2, rate=CHANGES_A_SECOND)
        for end in (Running.end, Running.kill, Running.end):
            running = lake.start()
            time.sleep(SECONDS_OF_A_RUN)
            assert load.is_going_on(), "the changes were over too soon to test anything"
            end(running)
        running = lake.start()
        load.join()
        stream.fence()
        running.end()
        lake.once()
    watch.assert_no_faults()
    offsets, dump = stream.offsets(), stream.dump()
    records = sum(end - first for first, end in offsets.values())
    print_cost("in small steps", lake, records)
    assert_bronze_is_complete(lake, offsets)
    assert_current_equals(lake, dump)

    at_once = lake_of(stream, **catalog_of(stream))
    at_once.once()
    print_cost("all at once", at_once, records)
    assert_bronze_is_complete(at_once, offsets)
    assert_current_equals(at_once, dump)


def print_cost(name, lake, records):
    cpu = sum(running.cpu_seconds for running in lake.started)
    seconds = sum(running.seconds for running in lake.started)
    peak = max(running.peak_megabytes for running in lake.started)
    print(
        f"{records} records {name}: {cpu:.1f} s of CPU in {seconds:.0f} s,"
        f" {1e6 * cpu / records:.1f} a million records, at most {peak:.0f} MB"
    )
