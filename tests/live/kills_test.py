"""Death at random moments, with a real broker: a pipeline at work on a stream of changes is killed and started
again. After each death the lake balances, and at the end the tables equal the source.

KILLS says how many deaths (12 by default; a thousand by hand), SEED repeats a series.
"""

import os
import random
import subprocess
import time

from end_to_end_test import catalog_of
from lake_reader import GlobWatch, assert_bronze_is_complete, assert_current_equals
from live_stack import program

KILLS = int(os.environ.get("KILLS", "12"))
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
SECONDS_ALIVE_MAX = 2.5
CHANGES_A_SECOND = 400


def assert_balances(lake, seen):
    audit = subprocess.run([program(), "audit"], env=lake.environment, text=True, capture_output=True, check=False)
    assert audit.returncode == 0, f"{seen}\n{audit.stdout}{audit.stderr}"


def test_nothing_is_lost_or_doubled_whenever_a_running_pipeline_dies(stream, lake_of):
    draw, deaths = random.Random(SEED), 0
    stream.load(600, seed=1)  # These rows come from the snapshot.
    stream.connect()
    settings = {"FLUSH_SECONDS": "1", "CDCLAKE_RUN_SECONDS": "2", "CDCLAKE_GRACE_HOURS": "0"}
    lake = lake_of(stream, **settings, **catalog_of(stream))
    lake.once()
    load = stream.loading(int(KILLS * SECONDS_ALIVE_MAX * CHANGES_A_SECOND), seed=SEED % 1000, rate=CHANGES_A_SECOND)
    with GlobWatch(lake, pause_seconds=0.5) as watch:
        while deaths < KILLS:
            running = lake.start()
            time.sleep(draw.uniform(0.05, SECONDS_ALIVE_MAX))
            assert running.is_alive(), running.messages()
            running.kill()
            deaths += 1
            assert_balances(lake, f"SEED={SEED}, after {deaths} deaths")
        load.join()
        stream.fence()
        lake.once()
    watch.assert_no_faults()
    print(f"SEED={SEED}: {deaths} deaths")
    assert_balances(lake, f"SEED={SEED}")
    assert_bronze_is_complete(lake, stream.offsets())
    assert_current_equals(lake, stream.dump())
