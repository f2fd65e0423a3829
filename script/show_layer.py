#!/usr/bin/env python3
"""Shows one layer of a lake in a few lines: files, rows, and its last row as an example.

usage: show_layer.py TITLE GLOB
"""

import sys

import duckdb

WIDTH = 96


def short(value):
    if value is None:
        return "NULL"
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def main():
    title, files = sys.argv[1:]
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    source = f"read_parquet({files!r}, hive_partitioning = false, filename = true)"
    count, rows = connection.execute(f"SELECT count(DISTINCT filename), count(*) FROM {source}").fetchone()
    print(f"  {title}: {rows} rows in {count} {'file' if count == 1 else 'files'}; the last one:")
    result = connection.execute(f"SELECT * EXCLUDE (filename) FROM {source}")
    names = [column[0] for column in result.description]
    for name, value in zip(names, result.fetchall()[-1]):
        print(f"    {name:<16} {short(value)}")


if __name__ == "__main__":
    main()
