#!/usr/bin/env python3
"""Compares current tables of a lake, row by row, with the source's own dump of them.

A dump is `<schema>.<table>.csv` as PostgreSQL's COPY writes it (header, every value
quoted, NULL an unquoted empty field, timestamps in UTC). Ends with a verdict: exit
code 0 if every table is equal, else 1 with what differs.

usage: compare_with_dump.py --silver FOLDER --dump FOLDER [--print]
"""

import argparse
import sys
from pathlib import Path

import duckdb

DIFFERENCES_SHOWN = 10
NULL_SHOWN = "NULL"


def parse_dump(text):
    """Rows of PostgreSQL's CSV: text a value, None for NULL (an unquoted empty field)."""
    rows, row, index = [], [], 0
    while index < len(text):
        if text[index] == '"':
            value, index = read_quoted(text, index + 1)
        else:
            end = min(e for e in (text.find(",", index), text.find("\n", index), len(text)) if e >= 0)
            value, index = text[index:end] or None, end
        row.append(value)
        if index >= len(text) or text[index] == "\n":
            rows.append(row)
            row = []
        elif index + 1 == len(text) or text[index + 1] == "\n":
            row.append(None)  # The line ends with a comma: its last field is NULL.
            rows.append(row)
            row = []
            index += 1
        index += 1
    return rows


def read_quoted(text, index):
    parts = []
    while True:
        end = text.index('"', index)
        parts.append(text[index:end])
        if text[end + 1 : end + 2] != '"':
            return "".join(parts), end + 1
        parts.append('"')
        index = end + 2


def read_current(folder, columns):
    """The named columns of a current table as PostgreSQL would spell them."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    source = f"read_parquet('{folder}/*.parquet', hive_partitioning = false)"
    types = {name: kind for name, kind, *_ in connection.execute(f"DESCRIBE FROM {source}").fetchall()}
    missing = [name for name in columns if name not in types]
    if missing:
        raise LookupError(f"the current table lacks the columns {', '.join(missing)}")
    spelled = ", ".join(spell(name, types[name]) for name in columns)
    return [list(row) for row in connection.execute(f"SELECT {spelled} FROM {source}").fetchall()]


def spell(name, kind):
    quoted = '"' + name.replace('"', '""') + '"'
    if kind == "BOOLEAN":
        return f"CASE WHEN {quoted} THEN 't' WHEN NOT {quoted} THEN 'f' END"
    if kind == "BLOB":
        return f"'\\x' || lower(hex({quoted}))"
    return f"CAST({quoted} AS VARCHAR)"


def differences(expected, found):
    """What must change in `found`, a line each."""
    wanted, lines = {}, []
    for row in expected:
        wanted[tuple(row)] = wanted.get(tuple(row), 0) + 1
    for row in found:
        if wanted.get(tuple(row), 0) > 0:
            wanted[tuple(row)] -= 1
        else:
            lines.append("only in the lake:   " + ", ".join(shown(value) for value in row))
    for row, count in wanted.items():
        lines.extend(["only in the source: " + ", ".join(shown(value) for value in row)] * count)
    return lines


def shown(value):
    return NULL_SHOWN if value is None else value


def print_table(columns, rows):
    widths = [max(len(shown(v)) for v in column) for column in zip(columns, *rows)]
    for row in [columns, *rows]:
        print("  " + "  ".join(shown(v).ljust(w) for v, w in zip(row, widths)).rstrip())


def compare_table(dump, silver, is_printed):
    """True if the table is equal to its dump."""
    name = dump.stem
    columns, *expected = parse_dump(dump.read_text())
    try:
        found = read_current(silver / "current" / f"table={name}", columns)
    except (duckdb.IOException, LookupError) as error:
        print(f"{name}: {error}")
        return False
    if is_printed:
        print(f"\n{name}: {len(found)} rows in the lake")
        print_table(columns, found)
    lines = differences(expected, found)
    for line in lines[:DIFFERENCES_SHOWN]:
        print(f"{name}: {line}")
    if len(lines) > DIFFERENCES_SHOWN:
        print(f"{name}: and {len(lines) - DIFFERENCES_SHOWN} more")
    print(f"{name}: {'equal to' if not lines else 'differs from'} the source ({len(expected)} rows)")
    return not lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--silver", type=Path, required=True, help="SILVER_BASE_PATH of the lake")
    parser.add_argument("--dump", type=Path, required=True, help="folder of <schema>.<table>.csv")
    parser.add_argument("--print", action="store_true", help="print the tables first")
    arguments = parser.parse_args()
    dumps = sorted(arguments.dump.glob("*.csv"))
    if not dumps:
        sys.exit(f"no dump in {arguments.dump}")
    results = [compare_table(dump, arguments.silver, arguments.print) for dump in dumps]
    print("\nequal" if all(results) else "\nNOT EQUAL")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
