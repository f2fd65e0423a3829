#!/usr/bin/env python3
"""Shows one layer of a lake in a few lines: files, rows, and one row as an example.

usage: show_layer.py TITLE GLOB [CONDITION]      an example: the last row that meets the condition
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


def spelled(name, kind):
    if kind == "BLOB":
        return f'"{name}"'
    if name == "headers":
        return "array_to_string(list_transform(headers, lambda h: h.key || '=' || coalesce(decode(h.value), 'NULL')), ' ')"
    return f'CAST("{name}" AS VARCHAR)'


def main():
    title, files, *condition = sys.argv[1:]
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    source = f"read_parquet({files!r}, hive_partitioning = false, filename = true)"
    count, rows = connection.execute(f"SELECT count(DISTINCT filename), count(*) FROM {source}").fetchone()
    print(f"  {title}: {rows} rows in {count} {'file' if count == 1 else 'files'}{'; a row:' if condition else ''}")
    if not condition:
        return
    columns = connection.execute(f"DESCRIBE SELECT * EXCLUDE (filename) FROM {source}").fetchall()
    cells = ", ".join(spelled(name, kind) for name, kind, *_ in columns)
    last = connection.execute(f"SELECT {cells} FROM {source} WHERE {condition[0]}").fetchall()[-1]
    for (name, *_), value in zip(columns, last):
        print(f"    {name:<16} {short(value)}")


if __name__ == "__main__":
    main()
