"""Compares the current tables in a folder, row by row, with the source's own dump of them, or with
the current tables in another folder. Exit code 0 if every table is equal, 1 if one is not, or is
missing on one side, or if there is none.

usage: check_tables.py FOLDER --dump FOLDER | --other FOLDER
"""

import argparse
import sys
from pathlib import Path

import duckdb

TABLES = ("customers", "events", "order_items", "orders")


def current_rows(connection, folder, table):
    return connection.sql(f"FROM read_parquet('{folder}/table=public.{table}/*.parquet', hive_partitioning = false)")


def dumped_rows(connection, folder, table):
    """PostgreSQL's CSV: every value quoted, NULL an unquoted empty field."""
    return connection.sql(f"""FROM read_csv('{folder}/public.{table}.csv.zst', all_varchar = true, header = true,
                              nullstr = '', allow_quoted_nulls = false)""")


def common_form(rows, columns):
    """Every value as a text that is equal where the values are."""
    kinds = dict(zip(rows.columns, map(str, rows.types)))
    missing = [name for name in columns if name not in kinds]
    if missing:
        sys.exit(f"the columns {', '.join(missing)} are missing")
    return rows.project(", ".join(f'{text_of(name, kinds[name])} AS "{name}"' for name in columns))


def text_of(name, kind):
    column = f'"{name}"'
    if name == "tags":  # Its elements need no quotes in any spelling.
        return f"translate(CAST({column} AS VARCHAR), '[]{{}} ', '')"
    if name == "cost":  # A numeric without a scale.
        return f"rtrim(rtrim(CAST({column} AS VARCHAR), '0'), '.')"
    if name == "weight":  # A real: PostgreSQL and DuckDB round its shortest text differently.
        return f"CAST(CAST({column} AS FLOAT) AS VARCHAR)"
    if kind == "BOOLEAN":
        return f"CASE WHEN {column} THEN 't' WHEN NOT {column} THEN 'f' END"
    return f"CAST({column} AS VARCHAR)"


def tables_in(folder):
    return {path.name.removeprefix("table=public.") for path in folder.glob("table=public.*")}


def difference(connection, left, right):
    """How many rows only one of the two has."""
    connection.register("left_rows", left)
    connection.register("right_rows", right)
    return connection.sql("""
        SELECT (SELECT count(*) FROM (FROM left_rows EXCEPT ALL FROM right_rows)),
               (SELECT count(*) FROM (FROM right_rows EXCEPT ALL FROM left_rows)),
               (SELECT count(*) FROM left_rows)""").fetchall()[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    yardsticks = parser.add_mutually_exclusive_group(required=True)
    yardsticks.add_argument("--dump", type=Path)
    yardsticks.add_argument("--other", type=Path)
    arguments = parser.parse_args()
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    expected = set(TABLES) if arguments.dump else tables_in(arguments.other)
    missing = expected ^ tables_in(arguments.folder)
    for table in sorted(missing):
        print(f"public.{table}: only {'in the yardstick' if table in expected else 'here'}")
    is_equal = bool(expected) and not missing
    for table in sorted(expected - missing):
        if arguments.dump:
            yardstick = dumped_rows(connection, arguments.dump, table)
        else:
            yardstick = current_rows(connection, arguments.other, table)
        columns = [name for name in yardstick.columns if not name.startswith("_")]
        found = common_form(current_rows(connection, arguments.folder, table), columns)
        ours, theirs, count = difference(connection, found, common_form(yardstick, columns))
        is_equal = is_equal and ours == theirs == 0
        print(f"public.{table}: {count} rows, " + ("equal" if ours == theirs == 0 else
              f"DIFFERENT: {ours} only here, {theirs} only in the yardstick"))
    return 0 if is_equal else 1


if __name__ == "__main__":
    sys.exit(main())
