"""Compares the current tables of a workload with what it must come to. Exit code 0 if they are the same.

usage: check.py FOLDER NAME SCALE
"""

import sys

import duckdb


def expected(name, scale):
    """Rows, the sums of `id` and of `number`, and the bytes of `body`."""

    def count(whole):
        return max(1, round(whole * scale))

    def below(end):
        return end * (end - 1) // 2

    if name == "transaction":
        rows = count(10_000_000)
        return rows, below(rows), below(rows), 3 * rows
    if name == "hot_key":
        return 1, 1, count(10_000_000) - 1, len("again")
    if name == "tables":
        return 20 * count(5_000), below(20) * count(5_000), below(20) * count(5_000), 60 * count(5_000)
    if name == "messages":
        return 12, below(12), below(12), 12 * count(50_000_000)
    rows = count(20_000)
    return rows, below(rows), below(2 * rows) - below(rows), 100_000 * rows


def main():
    folder, name, scale = sys.argv[1], sys.argv[2], float(sys.argv[3])
    found = duckdb.sql(f"""SELECT count(*), sum(id), sum(number), sum(strlen(body))
                           FROM read_parquet('{folder}/table=*/*.parquet', hive_partitioning = false)""").fetchall()[0]
    if tuple(map(int, found)) != expected(name, scale):
        sys.exit(f"{name}: the tables come to {found}, not to {expected(name, scale)}")


if __name__ == "__main__":
    main()
