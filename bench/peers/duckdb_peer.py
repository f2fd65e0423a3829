"""The same recorded topic by DuckDB, as a good engineer would do the bare job with it: lines of
kcat -> Bronze Parquet -> typed changes by table and date -> current rows.

usage: duckdb_peer.py --input FILE... --out FOLDER [--threads N] [--headers]

Values are exact, deletes apply, unchanged TOAST values are taken from the row before. It keeps no
positions, runs, quarantine or marks, goes on from nothing, and knows no key moves.
"""

import argparse
import json
import time
from pathlib import Path

import duckdb

PLACEHOLDER = "__debezium_unavailable_value"


def plain(column):
    return column


def tenth(power, digits, scale):
    return f"CAST('{10.0 ** -power:.{scale}f}' AS DECIMAL({digits},{scale}))"


def decimal(digits, scale):
    """Debezium's precise decimals: a two's complement number in base64."""
    unit = tenth(scale, scale, scale)
    return lambda column: f"CAST(unscaled({column}) * {unit} AS DECIMAL({digits},{scale}))"


def any_scale(column):
    units = ", ".join(tenth(n, 19, 18) for n in range(19))
    return f"CAST(unscaled({column}.value) * ([{units}])[{column}.scale + 1] AS DECIMAL(38,18))"


TEXT, FLAG, DOUBLE, FLOAT = [(kind, plain) for kind in ("VARCHAR", "BOOLEAN", "DOUBLE", "FLOAT")]
BIGINT, INTEGER, SMALLINT = [(kind, plain) for kind in ("BIGINT", "INTEGER", "SMALLINT")]
UUID, TEXTS = ("UUID", plain), (["VARCHAR"], plain)
TIMESTAMPTZ = ("VARCHAR", lambda column: f"CAST({column} AS TIMESTAMPTZ)")
TIMESTAMP = ("BIGINT", lambda column: f"make_timestamp({column})")
DATE = ("INTEGER", lambda column: f"CAST(DATE '1970-01-01' + {column} AS DATE)")
NUMERIC = ({"scale": "INTEGER", "value": "VARCHAR"}, any_scale)


def numeric(digits, scale):
    return "VARCHAR", decimal(digits, scale)


# A table's key, and what each column is in JSON and becomes.
TABLES = {
    "customers": (["id"], {
        "id": BIGINT, "email": TEXT, "name": TEXT, "status": TEXT, "balance": numeric(12, 2),
        "credit": numeric(10, 2), "tags": TEXTS, "attrs": TEXT, "is_active": FLAG, "score": DOUBLE,
        "created_at": TIMESTAMPTZ, "updated_at": TIMESTAMPTZ}),
    "orders": (["id"], {
        "id": BIGINT, "customer_id": BIGINT, "status": TEXT, "amount": numeric(12, 2), "currency": TEXT,
        "items": INTEGER, "discount": numeric(5, 2), "note": TEXT, "placed_at": TIMESTAMPTZ,
        "updated_at": TIMESTAMP, "day": DATE, "meta": TEXT}),
    "order_items": (["order_id", "line"], {
        "order_id": BIGINT, "line": INTEGER, "sku": TEXT, "qty": INTEGER, "price": numeric(10, 2),
        "tax": numeric(8, 4), "weight": FLOAT, "warehouse": SMALLINT, "fragile": FLAG,
        "picked_at": TIMESTAMP, "comment": TEXT, "updated_at": TIMESTAMPTZ}),
    "events": (["id"], {
        "id": UUID, "seq": BIGINT, "kind": TEXT, "user_id": BIGINT, "ip": TEXT, "payload": TEXT,
        "ok": FLAG, "took_us": BIGINT, "cost": NUMERIC, "at": TIMESTAMPTZ, "host": TEXT,
        "flags": INTEGER}),
}
# The one column that is stored out of line: an update that leaves it alone does not send it.
UNSENT = {"orders": "note"}


def connect(threads):
    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}; SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("""CREATE MACRO signed(bytes) AS
        CAST(CAST(bytes AS BIT) AS BIGINT)
        - CASE WHEN bytes >= '\\x80'::BLOB AND octet_length(bytes) < 8
               THEN 1::BIGINT << (8 * octet_length(bytes)) ELSE 0 END""")
    connection.execute("CREATE MACRO unscaled(text) AS CAST(signed(from_base64(text)) AS DECIMAL(19,0))")
    return connection


def bronze(inputs, out, headers):
    files = ", ".join(f"'{path}'" for path in inputs)
    columns = {"topic": "VARCHAR", "partition": "INTEGER", "offset": "BIGINT", "ts": "BIGINT",
               "key": "VARCHAR", "payload": "VARCHAR"}
    if headers:
        columns["headers"] = "VARCHAR[]"
    return f"""COPY (SELECT * FROM read_json([{files}], format = 'newline_delimited',
                     maximum_object_size = 67108864, columns = {columns}))
               TO '{out}/bronze.parquet' (FORMAT parquet, COMPRESSION snappy)"""


def silver(table, out):
    _, columns = TABLES[table]
    row = {name: kind for name, (kind, _) in columns.items()}
    source = {"ts_ms": "BIGINT", "lsn": "BIGINT", "txId": "BIGINT", "sequence": "VARCHAR", "snapshot": "VARCHAR"}
    envelope = json.dumps({"before": row, "after": row, "source": source, "op": "VARCHAR"})
    typed = ", ".join(form(f'r."{name}"') + f' AS "{name}"' for name, (_, form) in columns.items())
    return f"""COPY (
        WITH parsed AS (SELECT partition, "offset", from_json(payload, '{envelope}') AS e
                        FROM '{out}/bronze.parquet'
                        WHERE topic LIKE '%.public.{table}' AND payload IS NOT NULL),
             chosen AS (SELECT partition, "offset", e.op, e.source,
                               CASE WHEN e.op = 'd' THEN e.before ELSE e.after END AS r FROM parsed)
        SELECT {typed}, partition AS _partition, "offset" AS _offset, op AS _op, source.ts_ms AS _ts_ms,
               source.lsn AS _lsn, source.txId AS _tx_id, source.sequence AS _sequence,
               source.snapshot AS _snapshot,
               strftime(make_timestamp(source.ts_ms * 1000), '%Y-%m-%d') AS event_date
        FROM chosen)
      TO '{out}/silver/table={table}' (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (event_date))"""


def current(table, out):
    keys, columns = TABLES[table]
    key = ", ".join(f'"{name}"' for name in keys)
    stage = f"read_parquet('{out}/silver/table={table}/**/*.parquet', hive_partitioning = false)"
    newest = f"SELECT * FROM {stage} QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY _offset DESC) = 1"
    rows = f"SELECT * FROM ({newest}) WHERE _op <> 'd'"
    if table in UNSENT:
        unsent = UNSENT[table]
        rows = f"""
            WITH newest AS MATERIALIZED ({rows}),
                 sent AS (SELECT {key}, arg_max_null({unsent}, _offset) AS last_{unsent} FROM {stage}
                          WHERE {unsent} IS DISTINCT FROM '{PLACEHOLDER}' AND _op <> 'd'
                            AND {key} IN (SELECT {key} FROM newest WHERE {unsent} = '{PLACEHOLDER}')
                          GROUP BY {key})
            SELECT newest.* REPLACE (CASE WHEN {unsent} = '{PLACEHOLDER}' THEN last_{unsent} ELSE {unsent} END
                                     AS {unsent})
            FROM newest LEFT JOIN sent USING ({key})"""
    return f"""COPY ({rows}) TO '{out}/current/table=public.{table}/rows.parquet'
               (FORMAT parquet, COMPRESSION snappy)"""


def run_step(connection, name, statement):
    wall, cpu = time.monotonic(), time.process_time()
    connection.execute(statement)
    return {"step": name, "wall_s": time.monotonic() - wall, "cpu_s": time.process_time() - cpu}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--input", nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--headers", action="store_true", help="keep the headers of records in Bronze")
    arguments = parser.parse_args()
    out = arguments.out
    (out / "silver").mkdir(parents=True)
    statements = [("bronze", bronze(arguments.input, out, arguments.headers))]
    statements += [(f"silver {table}", silver(table, out)) for table in TABLES]

    connection = connect(arguments.threads)
    steps = [run_step(connection, *statement) for statement in statements]
    for table in TABLES:
        if any((out / f"silver/table={table}").rglob("*.parquet")):
            (out / f"current/table=public.{table}").mkdir(parents=True)
            steps.append(run_step(connection, f"current {table}", current(table, out)))
    print(json.dumps({"program": f"DuckDB {duckdb.__version__}", "steps": steps}))


if __name__ == "__main__":
    main()
