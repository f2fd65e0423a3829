"""Exit codes, as docs/cli.md explains them."""

import json

from lake_under_test import EXAMPLE, ROOT


def test_ends_with_0_where_every_table_is_exact(lake):
    done = lake.run_example()
    assert done.returncode == 0, done.stderr
    assert lake.differences() == []
    assert lake.call("status", "--check").returncode == 0


def test_ends_with_2_before_it_touches_anything(lake):
    for words in (["run", "--onec"], ["stauts"], ["run", "--once"], ["run", "--once", "--batch-size", "x"]):
        done = lake.call(*words)
        assert done.returncode == 2, words
        assert done.stderr.startswith("cdclake: ")
    unknown = lake.run_example(environment={"CDCLAKE_CATALOGUE": "x"})
    assert unknown.returncode == 2
    assert "did you mean CDCLAKE_CATALOG?" in unknown.stderr
    assert not lake.folder.exists()


def test_ends_with_2_where_a_recording_is_missing(lake):
    done = lake.run_once("missing.jsonl")
    assert done.returncode == 2
    assert "missing.jsonl" in done.stderr


def test_ends_with_3_as_long_as_a_table_is_refused(lake, corpus):
    recording = corpus / "a_seed/plain/events.jsonl.zst"
    for _ in range(2):
        done = lake.run_once(recording)
        assert done.returncode == 3
        assert done.stderr.count("public.users is REFUSED") == 1
    assert lake.call("status").returncode == 0
    assert lake.call("status", "--check").returncode == 3
    assert lake.run_once(recording, "--catalog", corpus / "a_seed/catalog.json").returncode == 0
    assert lake.differences() == []


def test_ends_with_3_while_a_table_waits_for_the_catalog_that_typed_it(lake, users, recording):
    for number in range(4):
        recording.event("c", users, {"id": number, "name": "a"})
    typed = lake.with_types_of(users).environment.pop("CDCLAKE_CATALOG")
    assert lake.run_recording(recording, 0, 2, environment={"CDCLAKE_CATALOG": typed}).returncode == 0
    done = lake.run_recording(recording, 2, 4)
    assert done.returncode == 3
    assert "public.users WAITS" in done.stderr and "--catalog" in done.stderr
    assert lake.quarantined() == []
    assert lake.run_recording(recording, 2, 4, environment={"CDCLAKE_CATALOG": typed}).returncode == 0
    assert len(lake.current("public.users")) == 4


def test_ends_with_4_where_no_broker_answers(lake):
    done = lake.call("run", "--once", "--topics", "a", "--kafka-bootstrap", "127.0.0.1:1")
    assert done.returncode == 4
    assert "127.0.0.1:1" in done.stderr


def test_ends_with_5_where_another_process_holds_the_role(lake):
    holder = lake.start("run", "--input", EXAMPLE)
    try:
        for line in holder.stderr:
            if "silver_merge" in line:
                break
        done = lake.call("silver", "merge", "--once")
        assert done.returncode == 5
        assert f":{holder.pid}" in done.stderr
    finally:
        holder.terminate()
        holder.communicate(timeout=30)


def test_ends_with_2_where_a_recording_is_damaged_and_keeps_what_came_before(lake, tmp_path):
    lines = EXAMPLE.read_text().splitlines(keepends=True)
    damaged = tmp_path / "damaged.jsonl"
    damaged.write_text("".join(lines[:20]) + lines[20][:50])
    done = lake.run_once(damaged)
    assert done.returncode == 2
    assert "21" in done.stderr
    assert lake.run_example().returncode == 0
    assert lake.differences() == []


def test_explains_its_codes_and_commands(lake):
    text = (ROOT / "docs/cli.md").read_text()
    for code in (0, 2, 3, 4, 5, 6):
        assert f"| {code} | " in text
    help_text = lake.call("--help").stdout
    for command in ("run", "bronze", "silver", "status", "path", "catalog", "config"):
        assert command in help_text


def test_prints_json_that_parses(lake):
    lake.run_example()
    status = json.loads(lake.call("status", "--json").stdout)
    assert status["complete"] is True
    assert {table["table"]: table["rows"] for table in status["tables"]} == {
        "public.orders": 8,
        "public.users": 6,
    }
    assert sum(partition["bronze_records"] for partition in status["partitions"]) == 29
    path = json.loads(lake.call("path", "--table", "public.users", "--json").stdout)
    assert path["files"][0]["rows"] == 6
    assert lake.call("path", "--table", "public.users").stdout.strip() == path["files"][0]["path"]
    assert json.loads(lake.call("config", "show", "--json").stdout)[0]["key"] == "BRONZE_BASE_PATH"
    assert json.loads(lake.call("config", "check", "--json").stdout)[0]["key"] == "TOPICS"
