"""Prints how many events a recorded topic has, if Bronze has each of them once; else ends with 1.

usage: count_events.py BRONZE FILE...
"""

import sys

import duckdb


def main():
    bronze, *inputs = sys.argv[1:]
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    wanted = connection.execute("""
        SELECT count(*) FROM read_json(?, format = 'newline_delimited', columns = {topic: 'VARCHAR'})""",
                                [inputs]).fetchone()[0]
    found = connection.execute("""
        SELECT count(*), count(DISTINCT (topic, partition, "offset"))
        FROM read_parquet(?, hive_partitioning = false)""", [f"{bronze}/**/*.parquet"]).fetchone()
    if found != (wanted, wanted):
        sys.exit(f"{wanted} events, {found[0]} records in Bronze, {found[1]} of them distinct")
    print(wanted)


if __name__ == "__main__":
    main()
