"""Opens files of ours with pyarrow, pandas and DuckDB and compares every value.

usage: foreign_readers.py bronze|types|edges FILE
"""

import datetime
import decimal
import sys
import uuid

import duckdb
import pyarrow.parquet

UUID = uuid.UUID(bytes=b"0123456789abcdef")
UTC = datetime.timezone.utc


def equal(what, got, expected):
    if got != expected:
        sys.exit(f"{what}:\n  got      {got!r}\n  expected {expected!r}")


def refuses(what, read):
    try:
        got = read()
    except (OverflowError, ValueError):
        return
    sys.exit(f"{what}: read as {got!r}, and should be refused")


def at(milliseconds):
    return datetime.datetime.fromtimestamp(milliseconds / 1000, UTC)


def bronze(path):
    file = pyarrow.parquet.ParquetFile(path, page_checksum_verification=True)
    equal("footer", file.metadata.metadata[b"cdclake.run"], b"abc")
    rows = file.read().to_pylist()
    equal("offsets", [row["offset"] for row in rows], [10, 11, 12, 13])
    equal("topics", {row["topic"] for row in rows}, {"shop.public.users"})
    equal("timestamps", [row["timestamp"] for row in rows],
          [at(1764000000123), at(1764000000000), None, at(1764000000000)])  # fmt: skip
    equal("types", {row["timestamp_type"] for row in rows}, {0})
    equal("keys", [row["key"] for row in rows], [b"k", b'{"id":1}', None, b""])
    equal("values", [row["value"] for row in rows], [b'{"a":1}', None, b"\xff\xfe", b""])
    equal("headers", [row["headers"] for row in rows],
          [[], [{"key": b"a", "value": b"1"}, {"key": b"a", "value": None}], [], []])  # fmt: skip
    equal("ingest_ts", {row["ingest_ts"] for row in rows}, {at(1764000000500)})
    file.read().to_pandas()

    query = """SELECT topic, partition, "offset", epoch_ms("timestamp"), timestamp_type,
               decode(value), headers[2].key, epoch_us(ingest_ts)
               FROM read_parquet(?, hive_partitioning=false) ORDER BY "offset" LIMIT 2"""
    equal("DuckDB", duckdb.execute(query, [path]).fetchall(), [
        ("shop.public.users", 0, 10, 1764000000123, 0, '{"a":1}', None, 1764000000500000),
        ("shop.public.users", 0, 11, 1764000000000, 0, None, b"a", 1764000000500000),
    ])  # fmt: skip


def types(path):
    instant = datetime.datetime(2025, 11, 24, 16, 0, 0, 123456)
    expected = [
        True, -32768, 2147483647, -9223372036854775808, 1.5, 0.1,
        decimal.Decimal("-12345678.90"), decimal.Decimal(10**38 - 1), "1e-130000", "größer",
        b"bytes", UUID, datetime.date(2024, 10, 4), datetime.time(23, 59, 59, 999999),
        instant, instant.replace(tzinfo=UTC), [1, None, 3], [UUID.bytes],
    ]  # fmt: skip
    nulls = [None] * len(expected)
    table = pyarrow.parquet.read_table(path)
    equal("pyarrow", [list(row.values()) for row in table.to_pylist()], [expected, nulls])
    table.to_pandas()

    columns = [f"c{i}" for i in range(len(expected))]
    columns[15] = "timezone('UTC', c15)"
    expected[15] = instant
    rows = duckdb.execute(f"SELECT {', '.join(columns)} FROM read_parquet(?)", [path]).fetchall()
    equal("DuckDB", [list(row) for row in rows], [expected, nulls])


def edges(path):
    """What docs/formats/types.md says of readers; where one learns more, the page is to follow."""
    table = pyarrow.parquet.read_table(path)
    number = decimal.Decimal(10**76 - 1)
    equal("pyarrow's number", table["c0"][0].as_py(), number)
    equal("pandas' number", table.select(["c0"]).to_pandas()["c0"][0], number)
    for name, stored in [("c1", 86400000000), ("c4", -86400000000000000), ("c5", 253433923200000001)]:
        equal(f"pyarrow's {name}", table[name].cast("int64")[0].as_py(), stored)
    for name, stored in [("c2", -1000000), ("c3", 2933263)]:
        equal(f"pyarrow's {name}", table[name].cast("int32")[0].as_py(), stored)
    equal("pyarrow's end of a day as Python's", table["c1"][0].as_py(), datetime.time(0))
    for name in ["c2", "c3", "c4", "c5"]:
        refuses(f"pyarrow's {name} as Python's", table[name][0].as_py)
    for name in ["c1", "c2", "c3"]:
        refuses(f"pandas' {name}", table.select([name]).to_pandas)
    table.select(["c4", "c5"]).to_pandas()

    query = """SELECT c0, typeof(c0), c1::VARCHAR, c2::VARCHAR, c3::VARCHAR, c4::VARCHAR,
               timezone('UTC', c5)::VARCHAR FROM read_parquet(?)"""
    equal("DuckDB", duckdb.execute(query, [path]).fetchall()[0], (
        1e76, "DOUBLE", "24:00:00", "0769-02-04 (BC)", "10001-01-01", "0769-02-04 (BC) 00:00:00",
        "10001-01-01 00:00:00.000001"))  # fmt: skip


if __name__ == "__main__":
    {"bronze": bronze, "types": types, "edges": edges}[sys.argv[1]](sys.argv[2])
