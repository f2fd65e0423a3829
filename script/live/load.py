#!/usr/bin/env python3
"""Makes seeded changes in public.users and public.orders from two sessions at once.

The same seed on the same rows ends in the same rows. Afterwards the tables are compared with what
the changes should have left, and the records that must be in Kafka are counted.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time

from source_database import SourceDatabase
from workload import RECORDS_OF, Session


class PsqlSession(threading.Thread):
    """Feeds one psql with the transactions of one session, at most `rate` changes a second."""

    def __init__(self, database, session, rate):
        super().__init__(daemon=True)
        self.session = session
        self.rate = rate
        self.changes = 0
        self.errors = tempfile.TemporaryFile("w+")
        self.psql = subprocess.Popen(
            database.psql("-o", "/dev/null"), env=database.environment(), text=True,
            stdin=subprocess.PIPE, stderr=self.errors, encoding="utf-8",
        )

    def run(self):
        began = time.monotonic()
        try:
            for text, changes in self.session.transactions():
                self.psql.stdin.write(text)
                self.changes += changes
                if self.rate:
                    self.psql.stdin.flush()
                    time.sleep(max(0, began + self.changes / self.rate - time.monotonic()))
            self.psql.stdin.close()
        except BrokenPipeError:
            pass  # psql has ended early; check() tells why.

    def check(self):
        if self.psql.wait() != 0:
            self.errors.seek(0)
            raise RuntimeError(f"psql stopped: {self.errors.read().strip()[:2000]}")


def keys_of(database, table, column):
    return [int(line) for line in database.run(f"SELECT {column} FROM {table} ORDER BY 1;")]


def start_sessions(database, arguments):
    users = keys_of(database, "public.users", "user_id")
    orders = keys_of(database, "public.orders", "order_id")
    half = arguments.changes // 2
    rate = arguments.rate / 2 if arguments.rate else None
    sessions = [
        PsqlSession(database, Session(arguments.seed, parity, changes, users, orders), rate)
        for parity, changes in enumerate([arguments.changes - half, half])
    ]
    for session in sessions:
        session.start()
    return sessions


def watch(sessions, changes):
    """Shows progress on a terminal until both sessions have ended."""
    while any(session.is_alive() for session in sessions):
        sessions[0].join(0.5) if sessions[0].is_alive() else sessions[1].join(0.5)
        if sys.stderr.isatty():
            done = sum(session.changes for session in sessions)
            print(f"\rstack: {done:,} of {changes:,} changes sent", end="", file=sys.stderr)
    for session in sessions:
        session.check()
    if sys.stderr.isatty():
        print(file=sys.stderr)


def report_of(database, sessions):
    """Counts per table; fails where the table does not hold the keys it should."""
    tables = {}
    for parts in zip(*(session.session.tables for session in sessions)):
        name, column = parts[0].name, parts[0].key_column
        expected = sorted(key for part in parts for key in part.keys.keys)
        if expected != keys_of(database, name, column):
            raise RuntimeError(f"{name} does not hold the keys it should: did another session change it?")
        counts = {kind: sum(part.counts[kind] for part in parts) for kind in RECORDS_OF}
        records = sum(counts[kind] * RECORDS_OF[kind] for kind in counts)
        tables[name] = {**counts, "records": records, "rows": len(expected)}
    return tables


def print_report(report, as_json):
    if as_json:
        print(json.dumps(report, indent=1))
        return
    print(f"{report['changes']:,} changes in {report['seconds']} s, seed {report['seed']}")
    for name, counts in report["tables"].items():
        print(f"{name}: " + ", ".join(f"{count:,} {kind}" for kind, count in counts.items()))


def parse(argv):
    parser = argparse.ArgumentParser(
        prog="script/stack load",
        description="Makes seeded changes in public.users and public.orders from two sessions at"
        " once: inserts, updates that leave values out of line untouched, deletes, inserts under"
        " deleted keys, key moves (single, chained, swapped), rollbacks. `records` is how many"
        " records of a topic they become. Creates the tables where they are missing.",
    )
    parser.add_argument("--changes", type=int, default=1000, metavar="N", help="default 1000")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="default 1")
    parser.add_argument("--rate", type=float, metavar="R", help="changes a second, at most")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    return parser.parse_args(argv)


def main():
    arguments = parse(sys.argv[1:])
    database = SourceDatabase()
    began = time.monotonic()
    try:
        sessions = start_sessions(database, arguments)
        watch(sessions, arguments.changes)
        seconds = round(time.monotonic() - began, 1)
        tables = report_of(database, sessions)
    except RuntimeError as error:
        print(f"stack: {error}", file=sys.stderr)
        return 1
    report = {"seed": arguments.seed, "changes": arguments.changes, "seconds": seconds, "tables": tables}
    print_report(report, arguments.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
