"""Debezium's change events as a recorded topic, as JSON without schema blocks, and the catalog that types them."""

import base64
import json

UNCHANGED = "__debezium_unavailable_value"
DAY_MS = 86_400_000
BEGIN_MS = 1_767_225_600_000  # 2026-01-01


class Table:
    """A table of the source: columns by name with PostgreSQL's types, and its key."""

    def __init__(self, name, columns, key=("id",), schema="public"):
        self.name, self.columns, self.key, self.schema = name, dict(columns), list(key), schema

    def catalog(self):
        columns = [
            {"name": name, "type": kind, "notnull": name in self.key, "generated": ""}
            for name, kind in self.columns.items()
        ]
        names = {"schema": self.schema, "table": self.name, "replica_identity": "d"}
        return {**names, "primary_key": self.key, "columns": columns}


class Recording:
    """Records in the order in which they are added; offsets count up in each partition.

    `at` of an event is (transaction, place in it): equal for a replay of the event, and for the
    halves of a key move. Without it, each event is a transaction of its own, and so is a snapshot.
    """

    def __init__(self, server="shop"):
        self.server, self.records = server, []
        self._next_offset, self._transaction, self._in_snapshot = {}, 0, False

    def add(self, topic, key, payload, *, partition=0, headers=(), offset=None, ts=BEGIN_MS):
        """A record of any bytes; text where they are text, base64 where not."""
        place = (topic, partition)
        offset = self._next_offset.get(place, 0) if offset is None else offset
        self._next_offset[place] = offset + 1
        record = {"topic": topic, "partition": partition, "offset": offset, "tstype": "create", "ts": ts}
        if headers:
            record["headers"] = list(headers)
        for name, value in (("key", key), ("payload", payload)):
            if isinstance(value, bytes):
                record[name + "_base64"] = base64.b64encode(value).decode()
            else:
                record[name] = value
        self.records.append(record)
        return record

    def topic(self, table):
        return f"{self.server}.{table.schema}.{table.name}"

    def event(self, op, table, row, *, at=None, ts_ms=None, topic=None, partition=0, headers=(), before=None):
        """A change; `row` holds the row after it, or the key of a deleted one."""
        value = self.envelope(op, table, row, at=at, ts_ms=ts_ms, before=before)
        key = spell({name: row[name] for name in table.key}) if table.key and op != "t" else None
        return self.add(topic or self.topic(table), key, spell(value), partition=partition, headers=headers)

    def tombstone(self, table, row, *, topic=None, partition=0, headers=()):
        key = spell({name: row[name] for name in table.key})
        return self.add(topic or self.topic(table), key, None, partition=partition, headers=headers)

    def envelope(self, op, table, row, *, at=None, ts_ms=None, before=None):
        if at is None:
            # All rows of one snapshot show the source as it was at one moment.
            if op != "r" or not self._in_snapshot:
                self._transaction += 1
            at = (self._transaction, 1)
        self._in_snapshot = op == "r"
        self._transaction = max(self._transaction, at[0])
        lsn = at[0] * 1000 + at[1]
        ts_ms = BEGIN_MS + at[0] * 1000 if ts_ms is None else ts_ms
        after = {name: row.get(name) for name in table.columns} if op in "cur" else None
        if op == "d" and before is None:
            before = {name: row.get(name) if name in table.key else None for name in table.columns}
        commit = None if op == "r" else str(at[0] * 1000)
        source = {
            "version": "3.7.0.Final", "connector": "postgresql", "name": self.server, "ts_ms": ts_ms,
            "snapshot": "true" if op == "r" else None, "db": "shop", "sequence": spell([commit, str(lsn)]),
            "ts_us": ts_ms * 1000, "ts_ns": ts_ms * 1_000_000, "schema": table.schema, "table": table.name,
            "txId": at[0], "lsn": lsn, "xmin": None,
        }  # fmt: skip
        return {"before": before, "after": after, "source": source, "transaction": None, "op": op, "ts_ms": ts_ms}

    def write(self, path, first=0, last=None):
        """Writes the records from `first` up to, not including, `last`."""
        path.write_text("".join(spell(record) + "\n" for record in self.records[first:last]))
        return path


def spell(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
