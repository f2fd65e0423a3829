#!/usr/bin/env python3
"""Makes seeds of the envelope fuzzer from the recordings: one record of every kind and variant.

usage: make_seeds.py (from the repository's root, with a Python that has pyarrow)
"""

import json
from pathlib import Path

import pyarrow

CORPUS = Path("tests/corpus")
SEEDS = Path(__file__).parent / "seeds"
VARIANTS = ["a_seed/plain", "a_seed/schema", "c_pkmove/plain", "c_pkmove/schema", "d_toast/plain",
            "d_toast/schema", "d_toast/hex", "k_replay/txn"]  # fmt: skip
TABLES = {"users", "orders", "comp", "toast", "transaction"}  # Others teach nothing more.
SEED_BYTES_MAX = 8000
# One of every type that the recordings lack, with the tables of envelope_fuzz.cc.
EVERY_TYPE = {
    "i": 7, "s": -1, "f": "NaN", "d": 1e300, "o": True, "n": "BAE=", "dt": 19782,
    "tm": 45296789000, "ts": 1709168523123, "tz": "2024-02-29T01:02:03.123456Z",
    "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "na": ["BAE=", None],
}  # fmt: skip


def records(variant):
    path = CORPUS / variant / "events.jsonl.zst"
    with pyarrow.CompressedInputStream(str(path), "zstd") as file:
        for line in file.read().split(b"\n"):
            if line:
                yield json.loads(line)


def moved_key(record):
    headers = record.get("headers") or []
    pairs = dict(zip(headers[::2], headers[1::2], strict=True))
    return pairs.get("__debezium.newkey") or pairs.get("__debezium.oldkey") or ""


def kind_of(record):
    value = json.loads(record["payload"])
    value = value.get("payload", value)
    return value.get("op") or value.get("status") or "other"


def every_type():
    source = {"name": "s", "db": "d", "schema": "public", "table": "all", "ts_ms": "1", "lsn": "2"}
    event = {"after": EVERY_TYPE, "source": source, "op": "u"}
    return "\n".join(['{"i":7}', "", json.dumps(event)])


def main():
    SEEDS.mkdir(exist_ok=True)
    (SEEDS / "made-all-u").write_text(every_type())
    for variant in VARIANTS:
        seen = set()
        for record in records(variant):
            if not record.get("payload"):
                continue
            table = record["topic"].rsplit(".", 1)[-1]
            if table not in TABLES:
                continue
            moved = moved_key(record)
            name = f"{variant.replace('/', '-')}-{table}-{kind_of(record)}{'-moved' if moved else ''}"
            seed = "\n".join([record.get("key") or "", moved, record["payload"]])
            if name not in seen and len(seed.encode()) <= SEED_BYTES_MAX:
                seen.add(name)
                (SEEDS / name).write_text(seed)


if __name__ == "__main__":
    main()
