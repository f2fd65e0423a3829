"""`cdclake audit` on lakes that were damaged on purpose: each damage is named, and nothing else is."""

import contextlib
import json
import os
import shutil
import sqlite3

import pytest
from lake_under_test import EXAMPLE, Lake

BALANCED, USAGE, DAMAGED = 0, 2, 6


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Two runs, the second not compacted, staged or merged, and a quarantined record."""
    folder = tmp_path_factory.mktemp("whole")
    lines = EXAMPLE.read_text().splitlines(keepends=True)
    bad = json.loads(lines[3])
    bad["payload"] = "{ no JSON"
    lines[3] = json.dumps(bad) + "\n"
    halves = [folder / "first.jsonl", folder / "second.jsonl"]
    halves[0].write_text("".join(lines[:20]))
    halves[1].write_text("".join(lines[20:]))
    lake = Lake(folder / "lake")
    assert lake.run_once(halves[0]).returncode == 3  # The quarantined record.
    assert lake.call("bronze", "write", "--once", "--input", halves[1]).returncode == 0
    return lake


@pytest.fixture
def lake(whole, tmp_path):
    shutil.copytree(whole.folder, tmp_path / "lake")
    return Lake(tmp_path / "lake")


def audit(lake, *words):
    process = lake.call("audit", "--json", *words)
    report = json.loads(process.stdout)
    assert (process.returncode == BALANCED) == report["balances"]
    return report


def damages(lake, *words):
    return {finding["fault"] for finding in audit(lake, *words)["findings"] if finding["damage"]}


def one_of(folder, pattern):
    return sorted(folder.rglob(pattern))[0]


def change_store(lake, *statements):
    with contextlib.closing(sqlite3.connect(lake.store)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize("words", [(), ("--deep",)])
def test_a_whole_lake_balances_also_as_a_copy(lake, words):
    report = audit(lake, *words)
    assert report["findings"] == []
    assert report["bronze"]["rows"] == len(lake.raw(["offset"])) == len(EXAMPLE.read_text().splitlines())
    assert report["staged_rows"] == report["stage"]["rows"] == 19
    assert (report["quarantined"], report["no_row"]) == (1, 0)
    assert report["waiting"] == report["bronze"]["rows"] - 20


def test_the_text_says_what_was_counted(lake):
    process = lake.call("audit")
    assert process.returncode == BALANCED
    assert "29 records in 2 partitions" in process.stdout
    assert "1 records quarantined" in process.stdout
    assert process.stdout.endswith("balances: every record and every file (--deep reads them whole)\n")


def test_an_audit_changes_nothing(lake):
    before = {path: path.stat().st_mtime_ns for path in (lake.bronze, *lake.bronze.rglob("*"), *lake.silver.rglob("*"))}
    assert lake.call("audit", "--deep").returncode == BALANCED
    assert before == {
        path: path.stat().st_mtime_ns for path in (lake.bronze, *lake.bronze.rglob("*"), *lake.silver.rglob("*"))
    }


def test_without_a_lake_there_is_nothing_to_audit_and_nothing_is_made(lake):
    shutil.rmtree(lake.silver)
    process = lake.call("audit")
    assert process.returncode != BALANCED
    assert "SILVER_BASE_PATH" in process.stderr
    assert not lake.silver.exists()


def test_the_store_of_another_lake_is_refused(lake, tmp_path):
    other = Lake(tmp_path / "other")
    other.run_example()
    shutil.copytree(other.bronze, lake.bronze, dirs_exist_ok=True)
    process = lake.call("audit")
    assert process.returncode == USAGE
    assert "belongs to another lake" in process.stderr


FILES = {
    "part": ("bronze", "events_00001.parquet"),
    "compacted": ("bronze", "events_compacted.parquet"),
    "stage": ("silver", "part-*.parquet"),
    "quarantine": ("silver", "quarantine-*.jsonl"),
    "data": ("silver", "current_data/*/*.parquet"),
}


def file_of(lake, kind):
    root, pattern = FILES[kind]
    folder = lake.bronze / "cdc" if root == "bronze" else lake.silver
    paths = [path for path in sorted(folder.rglob(pattern)) if ".cdclake" not in path.parts]
    return paths[0]


@pytest.mark.parametrize("kind", FILES)
def test_a_deleted_file_is_named(lake, kind):
    path = file_of(lake, kind)
    path.unlink()
    findings = [it for it in audit(lake)["findings"] if it["damage"]]
    assert [(it["fault"], it["path"]) for it in findings] == [("FILE_MISSING", str(path))]
    if kind in ("part", "compacted"):
        assert "[" in findings[0]["what"], "which offsets are at stake"


@pytest.mark.parametrize("kind", FILES)
def test_one_turned_byte_is_named(lake, kind):
    path = file_of(lake, kind)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    found = [it for it in audit(lake, "--deep")["findings"] if it["damage"]]
    assert [(it["fault"], it["path"]) for it in found] == [("FILE_ALTERED", str(path))]


@pytest.mark.parametrize("kind", FILES)
def test_a_file_cut_short_is_named_without_reading_it(lake, kind):
    path = file_of(lake, kind)
    os.truncate(path, path.stat().st_size - 1)
    assert damages(lake) == {"FILE_ALTERED"}


@pytest.mark.parametrize("kind", FILES)
def test_a_doubled_file_is_named(lake, kind):
    path = file_of(lake, kind)
    copy = path.with_name("0" + path.name)
    shutil.copy(path, copy)
    findings = [it for it in audit(lake)["findings"] if it["damage"]]
    assert [(it["fault"], it["path"]) for it in findings] == [("FILE_UNNAMED", str(copy))]


def test_another_file_of_the_same_size_is_altered(lake):
    """Rows of another table cannot stand in for what was committed, even by their number."""
    path = file_of(lake, "stage")
    path.write_bytes(bytes(path.stat().st_size))
    assert damages(lake) == {"FILE_ALTERED"}


def test_a_folder_that_claims_another_version_is_named(lake):
    marker = one_of(lake.silver / "current", "_VERSION")
    marker.write_text("7-0\n")
    assert damages(lake) == {"FOLDER_WRONG"}


def test_a_link_to_other_bytes_is_named(lake):
    links = sorted((lake.silver / "current").rglob("*.parquet"))
    content = bytearray(links[0].read_bytes())
    content[len(content) // 2] ^= 1
    links[0].unlink()
    links[0].write_bytes(content)
    assert damages(lake, "--deep") == {"FOLDER_WRONG"}


def test_a_compacted_folder_without_its_mark_is_named(lake):
    one_of(lake.bronze / "cdc", "_COMPACTED").unlink()
    assert damages(lake) == {"FOLDER_WRONG"}


def test_a_skipped_range_is_named_with_its_offsets(lake):
    """A segment that begins later than it did: its records below are nobody's."""
    change_store(
        lake,
        "UPDATE segment SET first_offset = first_offset + 2, record_count = record_count - 2 "
        "WHERE segment_key = (SELECT min(segment_key) FROM segment WHERE first_offset = 0)",
    )
    findings = {it["fault"]: it for it in audit(lake)["findings"]}
    assert set(findings) == {"OFFSETS_MISSING", "RECORDS_UNACCOUNTED"}
    assert (findings["OFFSETS_MISSING"]["first"], findings["OFFSETS_MISSING"]["next"]) == (0, 2)


def test_a_range_that_two_segments_claim_is_named(lake):
    change_store(
        lake,
        "UPDATE segment SET first_offset = first_offset - 1 "
        "WHERE segment_key = (SELECT max(segment_key) FROM segment WHERE first_offset > 0)",
    )
    assert "OFFSETS_TWICE" in damages(lake)


def test_a_position_that_was_moved_is_named(lake):
    change_store(lake, "UPDATE stage_position SET next_offset = next_offset + 1000")
    assert {"OFFSETS_MISSING", "STAGE_AHEAD"} <= damages(lake)


def test_progress_past_the_stage_is_named(lake):
    change_store(lake, "UPDATE merge_position SET next_offset = next_offset + 1")
    assert damages(lake) == {"MERGE_AHEAD"}


def test_a_page_that_was_overwritten_is_named(lake):
    change_store(lake, "PRAGMA wal_checkpoint(TRUNCATE)")
    with open(lake.store, "r+b") as file:
        file.seek(lake.store.stat().st_size // 2 // 4096 * 4096)
        file.write(bytes(4096))
    assert "STORE_BROKEN" in damages(lake)


def test_one_unreadable_row_does_not_hide_the_rest(lake):
    change_store(lake, "PRAGMA ignore_check_constraints = 1", "UPDATE segment SET checksum = 'none' WHERE segment_key = 1")
    file_of(lake, "stage").unlink()
    assert {"STORE_BROKEN", "FILE_MISSING"} <= damages(lake)


# What is said of a file that was replaced counts for nothing, nor does a run that has left none.
ROWS_THAT_COUNT = {
    "file": "state <> 'superseded'",
    "bronze_file": "file_key IN (SELECT file_key FROM segment)",
    "run": "run_key IN (SELECT run_key FROM file UNION SELECT run_key FROM stage_batch)",
}
TABLES_THAT_COUNT = [
    "bronze_file",
    "bronze_position",
    "current_file",
    "current_version",
    "file",
    "folder_view",
    "folder_view_link",
    "lake_table",
    "quarantined",
    "run",
    "segment",
    "stage_batch",
    "stage_file",
    "stage_file_range",
    "stage_position",
    "stage_range",
    "table_schema",
    "table_schema_column",
    "table_topic",
    "topic",
    "topic_partition",
]


@pytest.mark.parametrize("table", TABLES_THAT_COUNT)
def test_any_row_that_is_removed_from_the_store_is_missed(lake, table):
    """Each row alone, from a copy of the store."""
    change_store(lake, "PRAGMA wal_checkpoint(TRUNCATE)")
    columns = [name for _, name, *_ in lake.query_store(f"PRAGMA table_info({table})")]
    condition = " AND ".join(f'"{name}" IS ?' for name in columns)
    rows = lake.query_store(f"SELECT * FROM {table} WHERE {ROWS_THAT_COUNT.get(table, 'true')}")
    assert rows
    for number, row in enumerate(rows):
        store = lake.store.with_name(f"without-{number}.sqlite")
        shutil.copy(lake.store, store)
        with contextlib.closing(sqlite3.connect(store)) as connection:
            assert connection.execute(f"DELETE FROM {table} WHERE {condition}", row).rowcount == 1
            connection.commit()
        assert lake.call("audit", "--metadata-db", store).returncode == DAMAGED, row
