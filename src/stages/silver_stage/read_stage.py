#!/usr/bin/env python3
"""Reads what the stage wrote of the recording a_seed with readers that are not ours.

usage: read_stage.py SILVER_ROOT
"""

import decimal
import glob
import json
import sys

import duckdb
import pandas
import pyarrow.parquet

COMMIT_US = 1795416067456504
root = sys.argv[1]
events = f"{root}/stage_events/**/*.parquet"


def check(what, got, expected):
    """Ends with the difference where there is one."""
    if got != expected:
        sys.exit(f"{what}: got {got!r}, expected {expected!r}")


def with_duckdb():
    db = duckdb.connect()
    orders = f"read_parquet('{root}/stage_events/table=public.orders/**/*.parquet', hive_partitioning=false)"
    everything = f"read_parquet('{events}', hive_partitioning=false, union_by_name=true)"
    check(
        "rows and places in DuckDB",
        db.execute(
            f"SELECT count(*), count(DISTINCT (_topic, _incarnation, _partition, _offset)) FROM {everything}"
        ).fetchone(),
        (29, 29),
    )
    check(
        "an order in DuckDB",
        db.execute(
            f"SELECT amount, typeof(amount), status, _op, epoch_us(_commit_ts), _unchanged, _moved_from FROM {orders} WHERE id = 9"
        ).fetchone(),
        (
            decimal.Decimal("-12.30"),
            "DECIMAL(10,2)",
            "paid",
            "c",
            COMMIT_US,
            None,
            None,
        ),
    )
    check(
        "a delete and its tombstone in DuckDB",
        db.execute(
            f"SELECT _op, id, amount, status FROM {orders} WHERE id = 8 AND _op IN ('d', 'tombstone') ORDER BY _offset"
        ).fetchall(),
        [("d", 8, None, None), ("tombstone", 8, None, None)],
    )


def with_pandas():
    frames = [pandas.read_parquet(path) for path in glob.glob(events, recursive=True)]
    check("rows in pandas", sum(len(frame) for frame in frames), 29)
    users = next(frame for frame in frames if "email" in frame)
    name = users[users["_op"].eq("c") & users["id"].eq(6)]["name"].iloc[0]
    check("a name in pandas", name, "Zoë Ünïcødé 😀")


def with_pyarrow():
    rows = 0
    for path in glob.glob(events, recursive=True):
        footer = pyarrow.parquet.ParquetFile(path).metadata
        rows += footer.num_rows
        check("what the file is", footer.metadata[b"cdclake.kind"], b"stage")
    check("rows in pyarrow", rows, 29)


def quarantine():
    pattern = f"{root}/stage_events_quarantine/**/*.jsonl"
    lines = []
    for path in glob.glob(pattern, recursive=True):
        with open(path, encoding="utf-8") as file:
            lines += [json.loads(line) for line in file]
    check("reasons", sorted(line["reason"] for line in lines), ["JSON_PARSE", "NOT_UTF8"])
    check(
        "reasons in DuckDB",
        duckdb.execute(f"SELECT count(*), min(\"offset\") FROM read_json('{pattern}')").fetchone(),
        (2, 0),
    )


with_duckdb()
with_pandas()
with_pyarrow()
quarantine()
print("read")
