#!/usr/bin/env python3
"""Prints a recorded topic that is hard on memory: Debezium's events as JSON without schema blocks.

usage: bench/memory/workloads.py NAME [--scale FACTOR] [--seed N] [--catalog | --records]

Nothing is held: what is printed may be larger than memory. --catalog prints the tables' types instead.
"""

import argparse
import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "program"))

from change_events import BEGIN_MS, UNCHANGED, Recording, Table  # noqa: E402

EVENTS = Table("events", {"id": "bigint", "number": "bigint", "body": "text"})
# Text that no event holds by itself, and what is printed in its place.
BLANKS = {"810000001": "%(id)d", "810000002": "%(number)d", "810003007": "%(lsn)d", "810003000": "%(commit)d",
          "810003": "%(tx)d", "BODY": "%(body)s", '"offset":0': '"offset":%(offset)d'}


def line_of(op, table, body="BODY"):
    """A change of the table as a format string."""
    row = {"id": 810000001, "number": 810000002, "body": body}
    record = Recording().event(op, table, row, at=(810003, 7), ts_ms=BEGIN_MS)
    line = json.dumps(record, separators=(",", ":")).replace("%", "%%")
    for text, blank in BLANKS.items():
        line = line.replace(text, blank)
    return line + "\n"


def values(at, offset=None, tx=None, **row):
    tx = at if tx is None else tx
    return {"offset": at if offset is None else offset, "lsn": 100 * at + 7, "commit": 100 * tx, "tx": tx} | row


def transaction(count, chance):
    """Ten million rows of one transaction."""
    line = line_of("c", EVENTS)
    for at in range(count(10_000_000)):
        yield line % values(at, tx=1, id=at, number=at, body="row")


def hot_key(count, chance):
    """Ten million updates of one row."""
    yield line_of("c", EVENTS) % values(0, id=1, number=0, body="first")
    line = line_of("u", EVENTS)
    for at in range(1, count(10_000_000)):
        yield line % values(at, id=1, number=at, body="again")


def tables(count, chance):
    """Twenty rows each in five thousand topics, five at a time."""
    lines = [line_of("c", table) for table in tables_of(count)]
    for first in range(0, 20, 5):
        for line in lines:
            for row in range(first, first + 5):
                yield line % values(row, id=row, number=row, body="row")


def tables_of(count):
    return [Table(f"events_{number}", EVENTS.columns) for number in range(count(5_000))]


def messages(count, chance):
    """Twelve messages of fifty megabytes, of twelve rows."""
    line = line_of("c", EVENTS)
    for at in range(12):
        yield line % values(at, id=at, number=at, body=text(chance, count(50_000_000)))


def wide_rows(count, chance):
    """Twenty thousand rows of a hundred kilobytes, then as many updates, half of them without the large value."""
    rows = count(20_000)
    created, updated, lean = line_of("c", EVENTS), line_of("u", EVENTS), line_of("u", EVENTS, UNCHANGED)
    for at in range(rows):
        yield created % values(at, id=at, number=at, body=text(chance, 100_000))
    for at in range(rows, 2 * rows):
        if at % 2:
            yield lean % values(at, id=at - rows, number=at)
        else:
            yield updated % values(at, id=at - rows, number=at, body=text(chance, 100_000))


def records_of(name, count):
    """How many lines the topic of a workload has."""
    return {"tables": 20 * count(5_000), "transaction": count(10_000_000), "hot_key": count(10_000_000),
            "messages": 12, "wide_rows": 2 * count(20_000)}[name]


def text(chance, size):
    """Letters that compress about two to one, as text does."""
    return chance.randbytes(size // 2 + 1).hex()[:size]


WORKLOADS = {function.__name__: function for function in (tables, transaction, hot_key, messages, wide_rows)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=WORKLOADS)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--catalog", action="store_true")
    parser.add_argument("--records", action="store_true")
    options = parser.parse_args()

    def count(whole):
        return max(1, round(whole * options.scale))

    if options.catalog:
        of_workload = tables_of(count) if options.name == "tables" else [EVENTS]
        print(json.dumps([table.catalog() for table in of_workload]))
        return
    if options.records:
        print(records_of(options.name, count))
        return
    for line in WORKLOADS[options.name](count, random.Random(options.seed)):
        sys.stdout.write(line)


if __name__ == "__main__":
    main()
