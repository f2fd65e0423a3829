#!/usr/bin/env python3
"""Shows one layer of a lake in a few lines: files, rows, and one row as an example.

usage: show_layer.py TITLE GLOB CONDITION      the last row that meets the condition
"""

import sys

import duckdb

WIDTH = 96


def short(value):
    if value is None:
        return "NULL"
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    if isinstance(value, bytes) and not text.isprintable():
        text = "0x" + value.hex()
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def main():
    title, files, condition = sys.argv[1:]
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    source = f"read_parquet({files!r}, hive_partitioning = false, filename = true)"
    count, rows = connection.execute(f"SELECT count(DISTINCT filename), count(*) FROM {source}").fetchone()
    print(f"  {title}: {rows} rows in {count} {'file' if count == 1 else 'files'}; one of them:")
    columns = connection.execute(f"DESCRIBE SELECT * EXCLUDE (filename) FROM {source}").fetchall()
    spelled = ", ".join(f'"{n}"' if k == "BLOB" else f'CAST("{n}" AS VARCHAR)' for n, k, *_ in columns)
    last = connection.execute(f"SELECT {spelled} FROM {source} WHERE {condition}").fetchall()[-1]
    for (name, *_), value in zip(columns, last):
        print(f"    {name:<16} {short(value)}")


if __name__ == "__main__":
    main()
