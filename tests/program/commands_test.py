"""Commands: help, what is refused, how they stop, and what they never print."""

import contextlib
import json
import re
import signal
import sqlite3
import subprocess
import time

import pytest
from change_events import UNCHANGED, Table, spell
from lake_under_test import ROOT, wait_until

COMMANDS = [
    "run", "bronze write", "bronze compact", "silver stage", "silver merge", "status", "path", "catalog export",
    "config show", "config check",
]  # fmt: skip
STAGES = COMMANDS[:5]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_and_touches_nothing(lake, command):
    done = lake.call(*command.split(), "--help")
    assert done.returncode == 0
    assert done.stderr == ""
    assert f"cdclake {command}" in done.stdout.partition("Example")[2]
    assert not lake.folder.exists()


def test_every_command_is_documented(lake):
    text = (ROOT / "docs/cli.md").read_text()
    for command in COMMANDS:
        assert f"`cdclake {command}`" in text
    for flag in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", lake.call("run", "--help").stdout, re.MULTILINE):
        assert flag in text + (ROOT / "docs/configuration.md").read_text() or flag == "--help", flag


def test_prints_its_version(lake):
    done = lake.call("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"cdclake \d+\.\d+\.\d+.*\n", done.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_flag_is_refused(lake, command):
    needed = ["--table", "public.users"] if command == "path" else []
    done = lake.call(*command.split(), *needed, "--unknown", "x")
    assert done.returncode == 2
    assert "--unknown" in done.stderr
    assert not lake.folder.exists()


def test_an_unknown_variable_of_ours_is_refused_and_those_of_the_scripts_are_not(lake):
    for name in ("CDCLAKE_JOBS", "CDCLAKE_TEST_CUTS", "CDCLAKE_LEFT_OUT", "TOPIC"):
        assert lake.call("config", "show", environment={name: "x"}).returncode == 0
    done = lake.call("config", "show", environment={"CDCLAKE_GRACE_HOUR": "1"})
    assert done.returncode == 2
    assert "CDCLAKE_GRACE_HOUR" in done.stderr and "CDCLAKE_GRACE_HOURS" in done.stderr


def test_config_check_tells_every_fault_at_once(lake):
    faults = {
        "BATCH_SIZE": "0",
        "FLUSH_SECONDS": "soon",
        "WRITER_TYPE": "s3",
        "CDCLAKE_ON_DATA_LOSS": "ignore",
        "CDCLAKE_CATALOG": "/nowhere/catalog.json",
        "CDCLAKE_BATCH": "1",
    }
    done = lake.call("config", "check", environment={**faults, "TOPICS": "a"})
    assert done.returncode == 2
    for key, value in faults.items():
        assert key in done.stdout + done.stderr
        assert value in done.stdout + done.stderr or key == "CDCLAKE_BATCH"
    assert not lake.folder.exists()


def test_a_flag_goes_before_the_environment_and_that_before_the_file(lake, tmp_path):
    (tmp_path / "env").write_text("BATCH_SIZE=1\nFLUSH_SECONDS=1\nKAFKA_GROUP_ID=one\n")
    words = ["config", "show", "--env-file", tmp_path / "env", "--batch-size", "3"]
    shown = lake.call(*words, environment={"BATCH_SIZE": "2", "FLUSH_SECONDS": "2"}).stdout
    for key, value in (("BATCH_SIZE", "3"), ("FLUSH_SECONDS", "2"), ("KAFKA_GROUP_ID", "one")):
        assert re.search(rf"^ *{key} +{value} ", shown, re.MULTILINE), shown


def test_commands_that_read_need_a_lake_and_make_none(lake):
    for words in (["status"], ["path", "--table", "public.users"]):
        done = lake.call(*words)
        assert done.returncode in (0, 2), (words, done.returncode, done.stderr)
        assert not lake.folder.exists()


def test_an_input_without_records_is_not_passed_over_in_silence(lake, tmp_path):
    (tmp_path / "empty.jsonl").touch()
    done = lake.run_once(tmp_path / "empty.jsonl")
    assert done.returncode == 0
    assert "no record was read" in done.stderr
    assert "no record" not in lake.run_example().stderr + lake.run_example().stderr


@pytest.mark.parametrize(("seconds", "age"), [(100, "1.. s"), (630, "1[01] min"), (260_000, "3 days")])
def test_status_says_how_old_the_oldest_lag_is(lake, seconds, age):
    lake.run_example()
    oldest = int(time.time()) - seconds
    keys = [key for (key,) in lake.query_store("SELECT partition_key FROM topic_partition")]
    assert len(keys) > 1
    with contextlib.closing(sqlite3.connect(lake.store)) as store, store:
        seen = [(key, (oldest if key == keys[-1] else time.time()) * 1_000_000) for key in keys]
        store.executemany("INSERT INTO source_end VALUES (?, 99, CAST(? AS INTEGER))", seen)
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(oldest))
    assert re.search(rf"\(lag as of {when}.* UTC, {age} ago\)", lake.call("status").stdout)


def test_the_path_of_an_unknown_table_is_an_error(lake, users, recording):
    recording.event("c", users, {"id": 1, "name": "a"})
    lake.with_types_of(users).run_recording(recording)
    done = lake.call("path", "--table", "public.nobody")
    assert done.returncode == 2
    assert "public.nobody" in done.stderr and done.stdout == ""


def test_two_runs_on_one_lake_the_second_names_the_first(lake, users, recording, tmp_path):
    recording.event("c", users, {"id": 1, "name": "a"})
    path = recording.write(tmp_path / "users.jsonl")
    first = lake.with_types_of(users).start("run", "--input", path)
    try:
        for line in first.stderr:
            if "silver_merge" in line:
                break
        begin = time.monotonic()
        second = lake.run_once(path)
        assert second.returncode == 5
        assert f":{first.pid}" in second.stderr
        assert time.monotonic() - begin < 10
        assert lake.call("status").returncode == 0
    finally:
        first.terminate()
        _, err = first.communicate(timeout=30)
    assert first.returncode == 0, err
    assert lake.run_once(path).returncode == 0


def test_compaction_alone_finishes_the_run_of_a_killed_writer(lake, users, recording):
    for number in range(30):
        recording.event("c", users, {"id": number, "name": "a"})
    path = recording.write(lake.folder.parent / "users.jsonl")
    words = ("bronze", "write", "--once", "--batch-size", 10, "--input", path)
    killed = lake.call(*words, environment={"CDCLAKE_FAILPOINT": "bronze.published:2"})
    assert killed.returncode == -signal.SIGKILL
    assert [run["status"] for run in lake.status()["runs"]] == ["RUNNING"]
    done = lake.call("bronze", "compact", "--once")
    assert done.returncode == 0, done.stderr
    assert "has ended: its writer died" in done.stderr
    (compacted,) = (lake.bronze / "cdc").rglob("*.parquet")
    assert compacted.name == "events_compacted.parquet"
    assert json.loads((compacted.parent / "manifest.json").read_text())["status"] == "ABORTED"
    assert [row["offset"] for row in lake.raw(["topic", "partition", "offset"])] == list(range(20))
    assert lake.call(*words).returncode == 0
    assert len(lake.raw(["offset"])) == 30


@pytest.mark.parametrize("command", STAGES)
def test_a_stop_signal_ends_a_service_with_0_in_time(lake, command):
    words = command.split() + (["--input", "-"] if command in ("run", "bronze write") else [])
    service = lake.start(*words, stdin=subprocess.PIPE)
    wait_until(lambda: lake.store.exists() and lake.query_store("SELECT * FROM lease"))
    time.sleep(0.5)
    assert service.poll() is None, service.stderr.read()
    begin = time.monotonic()
    service.send_signal(signal.SIGTERM)
    _, err = service.communicate(timeout=30)
    assert service.returncode == 0, err
    assert time.monotonic() - begin < 10
    assert "RUNNING" not in {run["status"] for run in lake.status()["runs"]}


def test_no_value_of_a_row_is_printed_or_logged(lake, recording):
    """Canaries in every place where a value can stand, in good records and in bad ones."""
    canary = "canary7419"
    table = Table("t", {"id": "text", "name": "text", "amount": "numeric(10,2)", "moment": "date"})
    topic = recording.topic(table)
    recording.event("c", table, {"id": canary, "name": canary})
    recording.event("u", table, {"id": canary + "x", "name": UNCHANGED})
    for cells in ({"amount": canary}, {"moment": canary}, {"name": [canary]}):
        envelope = recording.envelope("c", table, {"id": canary})
        envelope["after"].update(cells)
        recording.add(topic, f'{{"id":"{canary}"}}', spell(envelope))
    recording.add(topic, canary, f'{{"op": {canary}')
    recording.add(topic, f'{{"id":"{canary}"}}', canary, headers=["h", canary])
    recording.add(topic, f'{{"id":"{canary}"}}', f'{{"op":"{canary}"}}')
    moved = ["__debezium.newkey", f'{{"id":"{canary}']
    recording.event("d", table, {"id": canary}, headers=moved)
    done = lake.with_types_of(table).run_recording(recording)
    assert done.returncode == 3, done.stderr
    assert len(lake.quarantined()) >= 6
    text = done.stdout + done.stderr
    for words in (["status"], ["status", "--json"], ["path", "--table", "public.t"]):
        told = lake.call(*words)
        text += told.stdout + told.stderr
    text += "".join(path.read_text() for path in lake.logs.rglob("*.log"))
    assert canary not in text


def test_a_topic_full_of_bad_records_fills_no_terminal_and_no_log(lake, users, recording):
    recording.event("c", users, {"id": 1, "name": "a"})
    for _ in range(1_000):
        recording.add(recording.topic(users), '{"id":1}', "nonsense")
    done = lake.with_types_of(users).run_recording(recording)
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) < 40
    assert len(lake.call("status").stdout.splitlines()) < 40
    assert len(lake.table_status("public.users")["flaws"]) == 1_000
