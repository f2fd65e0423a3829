"""What a bad record gets: its bytes in Bronze, a reason in the quarantine, and everything else goes on."""

import gzip
import json

import pytest
import zstandard
from change_events import Recording, Table, spell

TOPIC = "shop.public.users"


def envelope_without(*names):
    def spoil(envelope):
        for name in names:
            del envelope[name]
        return spell(envelope)

    return spoil


def envelope_with(**members):
    return lambda envelope: spell({**envelope, **members})


def source_with(**members):
    return lambda envelope: spell({**envelope, "source": {**envelope["source"], **members}})


def row_with(**cells):
    return lambda envelope: spell({**envelope, "after": {**envelope["after"], **cells}})


def text_of(replacement):
    return lambda envelope: replacement


BAD = {
    "not_json": ("JSON_PARSE", text_of("hello")),
    "not_json_but_empty": ("JSON_PARSE", text_of("")),
    "a_byte_order_mark": ("JSON_PARSE", lambda envelope: "\ufeff" + spell(envelope)),
    "cut_off": ("JSON_PARSE", lambda envelope: spell(envelope)[:-40]),
    "two_documents": ("JSON_PARSE", lambda envelope: spell(envelope) * 2),
    "not_utf8": ("NOT_UTF8", lambda envelope: spell(envelope).encode().replace(b"bad", b"b\xe4d")),
    "no_op": ("MISSING_OP", envelope_without("op")),
    "no_source": ("MISSING_SOURCE", envelope_without("source")),
    "unknown_op": ("UNKNOWN_OP", envelope_with(op="x")),
    "op_a_number": ("MISSING_OP", envelope_with(op=1)),
    "no_after": ("AFTER_NULL_FOR_CU", envelope_with(after=None)),
    "after_a_text": ("AFTER_NULL_FOR_CU", envelope_with(after="row")),
    "source_a_list": ("MISSING_SOURCE", envelope_with(source=[])),
    "no_source_table": ("MISSING_SOURCE_TABLE", source_with(table=None)),
    "no_commit_time": ("MISSING_TS_MS", source_with(ts_ms=None, ts_us=None, ts_ns=None)),
    "lsn_a_text": ("SOURCE_VALUE", source_with(lsn="abc")),
    "lsn_past_63_bits": ("SOURCE_VALUE", source_with(lsn=2**64)),
    "a_text_for_a_number": ("VALUE_TYPE", row_with(id="one")),
    "a_number_past_its_type": ("VALUE_NOT_REPRESENTABLE", row_with(id=2**40)),
    "a_list_for_a_text": ("VALUE_TYPE", row_with(name=["a"])),
    "an_unknown_column": ("UNKNOWN_COLUMN", row_with(surprise=1)),
    "a_missing_column": ("MISSING_COLUMN", envelope_with(after={"id": 2})),
    "another_key_than_its_row": ("KEY_MISMATCH", row_with(id=77)),
    "nested_past_64": ("TOO_DEEP", lambda envelope: '{"a":' * 70 + spell(envelope) + "}" * 70),
    "nested_100000_deep": ("JSON_PARSE", text_of("[" * 100_000)),
    "a_column_twice": ("DUPLICATE_FIELD", lambda e: spell(e).replace('"name":"bad"', '"name":"bad","name":"b"')),
    "truncate": ("TRUNCATE_UNSUPPORTED", envelope_with(op="t", after=None)),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_record(lake, users, recording, name):
    reason, spoil = BAD[name]
    recording.event("c", users, {"id": 1, "name": "before"})
    payload = spoil(recording.envelope("c", users, {"id": 2, "name": "bad"}))
    recording.add(TOPIC, '{"id":2}', payload)
    recording.event("c", users, {"id": 3, "name": "after"})

    done = lake.with_types_of(users).run_recording(recording)
    assert done.returncode == 3, done.stderr
    payload = payload if isinstance(payload, bytes) else payload.encode()
    assert [row["value"] == payload for row in lake.raw()] == [False, True, False]
    (line,) = lake.quarantined()
    assert (line["topic"], line["partition"], line["offset"]) == (TOPIC, 0, 1)
    assert line["reason"] == line["error"] == reason
    assert [row["id"] for row in lake.current("public.users")] == [1, 3]
    status = lake.table_status("public.users")
    assert not status["exact"]
    assert {(flaw["cause"], flaw["offset"]) for flaw in status["flaws"]} == {("QUARANTINED", 1)}
    assert lake.call("status", "--check").returncode == 3


def test_a_bad_record_stays_a_flaw_until_mended(lake, users, recording):
    recording.event("c", users, {"id": 1, "name": "a"})
    recording.add(TOPIC, '{"id":2}', "nonsense")
    assert lake.with_types_of(users).run_recording(recording).returncode == 3
    recording.event("u", users, {"id": 1, "name": "b"})
    assert lake.run_recording(recording).returncode == 3
    assert lake.call("silver", "merge", "--once").returncode == 3
    assert len(lake.quarantined()) == 1


def test_a_value_of_50_megabytes_passes(lake, users, recording):
    recording.event("c", users, {"id": 1, "name": "x" * 50_000_000})
    recording.add(TOPIC, '{"id":2}', "y" * 50_000_000)
    recording.event("c", users, {"id": 3, "name": "small"})
    assert lake.with_types_of(users).run_recording(recording).returncode == 3
    assert [len(row["value"]) > 50_000_000 - 1 for row in lake.raw()] == [True, True, False]
    assert [(row["id"], len(row["name"])) for row in lake.current("public.users")] == [(1, 50_000_000), (3, 5)]


def test_a_table_without_types_waits_and_the_others_go_on(lake, users, recording):
    other = Table("other", {"id": "integer"})
    recording.event("c", other, {"id": 1})
    recording.event("c", users, {"id": 1, "name": "a"})
    done = lake.with_types_of(users).run_recording(recording)
    assert done.returncode == 3
    for way in ("schema block", "SOURCE_DB_", "--catalog", "registry", "contract"):
        assert way in done.stderr, done.stderr
    assert len(lake.current("public.users")) == 1
    assert lake.table_status("public.users")["exact"]
    waits = [entry["waits_for"] for entry in lake.status()["partitions"]]
    assert "public.other" in (waits[0] or "") and waits[1] is None

    assert lake.with_types_of(users, other).run_recording(recording).returncode == 0
    assert lake.current("public.other", ["id"]) == [{"id": 1}]


def test_a_forged_record_cannot_stop_a_table(lake, users, recording):
    recording.event("c", users, {"id": 1, "name": "a"})
    recording.event("c", Table("forged", {"id": "integer"}), {"id": 9}, topic=TOPIC)
    recording.event("c", users, {"id": 2, "name": "b"})
    assert lake.with_types_of(users).run_recording(recording).returncode == 3
    assert lake.quarantined()[0]["reason"] == "UNSUPPORTED_TABLE"
    assert [row["id"] for row in lake.current("public.users")] == [1, 2]


def test_a_topic_of_which_nothing_can_be_read_is_not_done(lake, recording):
    """As with another converter than JSON: there is no table yet that could be inexact."""
    for _ in range(3):
        recording.add("shop.public.avro", b"\x00\x00\x00\x00\x01", b"\x00\x00\x00\x00\x02\x06abc")
    done = lake.run_recording(recording)
    assert done.returncode == 3
    assert "shop.public.avro/0 is UNREAD: 3" in done.stderr
    assert lake.call("status", "--check").returncode == 3
    assert lake.status()["complete"] is False


HOSTILE = [
    "../x", "..", ".", "a/b", "/etc/passwd", "a\\b", "a=b", "%2E%2E", "x y", 'quote"; DROP TABLE run; --',
    "ü" * 31 + "x", "\u202e" * 21, "ÜBER", "über", "u\u0308ber", "CON", "x" * 10_000, "x" * 9_999 + "y", "\u0001", ".hidden",
]  # fmt: skip


def test_hostile_names_stay_inside_and_apart(lake, recording):
    tables = [Table(name, {"id": "integer"}) for name in HOSTILE]
    for number, table in enumerate(tables):
        recording.event("c", table, {"id": number}, topic=f"shop.t{number}")
    done = lake.with_types_of(*tables).run_recording(recording)
    assert done.returncode == 0, done.stderr[-2000:]
    folders = list((lake.silver / "current").iterdir())
    assert len(folders) == len(HOSTILE)
    rows = [row["id"] for folder in folders for row in lake.current(folder.name.removeprefix("table="))]
    assert sorted(rows) == list(range(len(HOSTILE)))
    assert {entry.name for entry in lake.folder.iterdir()} == {"bronze", "silver", "logs", "metadata"}
    assert {entry.name for entry in lake.silver.iterdir()} <= {"current", "current_data", "stage_events", ".cdclake"}
    said = done.stderr + lake.call("status").stdout
    assert "\u0001" not in said
    assert max(map(len, said.splitlines())) < 1000


def test_hostile_topics_stay_inside_and_apart(lake, recording):
    names = [*HOSTILE, "a.b/c", "a.b%2Fc", "source=x.table=y", "..", "...", "a.", ".a"]
    for name in dict.fromkeys(names):
        recording.add(name, None, "x")
    done = lake.run_recording(recording)
    assert done.returncode in (0, 3), done.stderr[-2000:]
    assert {row["topic"] for row in lake.raw(["topic", "partition", "offset"])} == set(names)
    assert {entry.name for entry in lake.folder.iterdir()} == {"bronze", "silver", "logs", "metadata"}
    assert {entry.name for entry in lake.bronze.iterdir()} <= {"cdc", ".cdclake"}


def three_users(users):
    recording = Recording()
    for number in (1, 2, 3):
        recording.event("c", users, {"id": number, "name": f"user {number}"})
    return recording


def test_other_content_of_a_range_that_was_read_is_refused(lake, users):
    assert lake.with_types_of(users).run_recording(three_users(users)).returncode == 0
    other = three_users(users)
    other.records[1]["key"] = '{"id":22}'
    done = lake.run_recording(other)
    assert done.returncode == 5
    assert "incarnation" in done.stderr and TOPIC in done.stderr
    assert len(lake.raw()) == 3
    assert lake.run_recording(three_users(users)).returncode == 0


def test_a_recording_that_begins_past_the_position_is_a_gap(lake, users):
    recording = three_users(users)
    assert lake.with_types_of(users).run_recording(recording, 0, 1).returncode == 0
    assert lake.run_recording(recording, 2, 3).returncode == 3
    (gap,) = lake.status()["gaps"]
    assert (gap["first"], gap["next"], gap["reason"]) == (1, 2, "recorded_gap")
    assert lake.table_status("public.users")["flaws"][0]["cause"] == "GAP"
    assert [row["id"] for row in lake.current("public.users")] == [1, 3]


def test_a_first_recording_that_begins_late_is_a_gap(lake, users):
    assert lake.with_types_of(users).run_recording(three_users(users), 1).returncode == 3
    (gap,) = lake.status()["gaps"]
    assert (gap["first"], gap["next"], gap["reason"]) == (0, 1, "before_first_read")


def test_a_jump_inside_a_recording_is_an_ordinary_hole(lake, users):
    recording = three_users(users)
    del recording.records[1]
    assert lake.with_types_of(users).run_recording(recording).returncode == 0
    assert lake.status()["gaps"] == []


def test_compressed_recordings_and_stdin_are_read(lake, users, tmp_path):
    lines = three_users(users).write(tmp_path / "plain.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines[0]))
    (tmp_path / "b.jsonl.zst").write_bytes(zstandard.compress(lines[1]))
    (tmp_path / "c.jsonl").write_bytes(lines[2])
    files = [tmp_path / name for name in ("a.jsonl.gz", "b.jsonl.zst")]
    lake.with_types_of(users)
    with open(tmp_path / "c.jsonl") as stdin:
        assert lake.run_once(*files, "-", stdin=stdin).returncode == 0
    assert [row["id"] for row in lake.current("public.users")] == [1, 2, 3]


def test_a_compressed_recording_that_is_cut_off_is_bad_input(lake, users, tmp_path):
    text = three_users(users).write(tmp_path / "plain.jsonl").read_bytes()
    for name, cut in (("a.gz", gzip.compress(text)[:-12]), ("b.zst", zstandard.compress(text)[:-6])):
        (tmp_path / name).write_bytes(cut)
        done = lake.with_types_of(users).run_once(tmp_path / name)
        assert done.returncode == 2 and name in done.stderr
    assert lake.run_recording(three_users(users)).returncode == 0


def test_base64_fields_hold_bytes(lake):
    records = [
        {"key_base64": "/w==", "payload_base64": "AAH/", "headers_base64": ["h", "/w==", "n", None]},
        {"key": None, "payload": None},
        {"key": "", "payload": ""},
    ]
    lines = [{"topic": "t", "partition": 3, "offset": n, **record} for n, record in enumerate(records)]
    path = lake.folder.with_suffix(".jsonl")
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert lake.call("bronze", "write", "--once", "--input", path).returncode == 0
    rows = lake.raw()
    assert [(row["key"], row["value"]) for row in rows] == [(b"\xff", b"\x00\x01\xff"), (None, None), (b"", b"")]
    assert rows[0]["headers"] == [{"key": b"h", "value": b"\xff"}, {"key": b"n", "value": None}]
