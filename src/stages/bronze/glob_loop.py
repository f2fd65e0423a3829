"""Asks for all of Bronze by glob, again and again, until a file appears.

A reader that is caught by a folder's swap may miss a file; none may see a record twice, and what was
seen once never goes away.

usage: glob_loop.py BRONZE_ROOT STOP_FILE
"""

import glob
import os
import sys

import duckdb
import pandas

QUERY = """SELECT topic, partition, count(*), count(DISTINCT "offset"), min("offset"), max("offset")
           FROM read_parquet(?, hive_partitioning=false) GROUP BY 1, 2"""


def ask_duckdb(root):
    return duckdb.execute(QUERY, [f"{root}/cdc/**/*.parquet"]).fetchall()


def ask_pandas(root):
    paths = glob.glob(f"{root}/cdc/**/*.parquet", recursive=True)
    frames = [pandas.read_parquet(path, columns=["topic", "partition", "offset"], partitioning=None) for path in paths]
    groups = pandas.concat(frames).groupby(["topic", "partition"])["offset"]
    return groups.agg(["count", "nunique", "min", "max"]).reset_index().to_numpy().tolist()


def main(root, stop_file):
    asked, caught, seen = 0, 0, 0
    while True:
        is_last = os.path.exists(stop_file)
        for ask in (ask_duckdb, ask_pandas):
            asked += 1
            try:
                rows = ask(root)
            except (FileNotFoundError, duckdb.IOException):
                caught += 1
                continue
            for *_, count, distinct, first, last in rows:
                if count != distinct or count != last - first + 1:
                    sys.exit(f"{ask.__name__}: {count} rows, {distinct} offsets, {first} to {last}")
                if count < seen:
                    sys.exit(f"{ask.__name__}: {count} rows, {seen} were there before")
                seen = count
        if is_last:
            break
    print(f"asked {asked} times, caught by {caught} swaps, saw {seen} records")
    if caught * 2 > asked:
        sys.exit("most questions were caught by a swap")


if __name__ == "__main__":
    main(*sys.argv[1:])
