"""PostgreSQL, Debezium, Kafka, cdclake: the current tables equal the source."""

import pytest

from lake_reader import GlobWatch, assert_bronze_is_complete, assert_current_equals

# Runs roll every few seconds, so that compaction works while the others do.
FAST = {"FLUSH_SECONDS": "1", "CDCLAKE_RUN_SECONDS": "3"}


def with_schemas(stream):
    stream.connect("--schemas")
    return {}


def with_catalog(stream):
    stream.connect()
    return catalog_of(stream)


def catalog_of(stream):
    """Where cdclake finds the types of messages that carry no schema."""
    source = {key: value for key, value in stream.places.items() if key.startswith("SOURCE_DB_")}
    return {**source, "CDCLAKE_CONNECTOR_CONFIG": stream.connector_address}


@pytest.mark.parametrize("shape", [with_schemas, with_catalog])
def test_current_equals_the_source_after_stops_and_starts(stream, lake_of, shape):
    stream.load(600, seed=1)  # These rows come from the snapshot.
    lake = lake_of(stream, **FAST, **shape(stream))
    with GlobWatch(lake) as watch:
        for seed in (2, 3):
            running = lake.start()
            stream.load(1500, seed=seed, rate=400)
            running.end()
        stream.load(200, seed=4)
        stream.fence()
        lake.once()
    watch.assert_no_faults()
    assert_bronze_is_complete(lake, stream.offsets())
    assert_current_equals(lake, stream.dump())
