"""How the program lives: signals, logs, closed streams."""

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import time

import pytest
from change_events import spell
from lake_under_test import EXAMPLE, wait_until


def has_version(lake, table):
    return any((lake.silver / "current" / f"table={table}").glob("*.parquet"))


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_commits_and_ends_with_0_on_a_stop_signal(lake, signal_number):
    service = lake.start("run", "--input", EXAMPLE)
    wait_until(lambda: has_version(lake, "public.users") and has_version(lake, "public.orders"))
    begin = time.monotonic()
    service.send_signal(signal_number)
    _, err = service.communicate(timeout=30)
    assert service.returncode == 0, err
    assert time.monotonic() - begin < 10
    assert lake.differences() == []
    assert "RUNNING" not in lake.call("status").stdout


def test_writes_a_log_file_for_each_run_with_its_id_on_every_line(lake):
    lake.run_example()
    for folder in ("cdc_writer", "bronze_compactor", "silver_stage", "silver_merge"):
        files = list((lake.logs / folder).glob("run_id=*.log"))
        assert len(files) == 1, folder
        run_id = files[0].stem.removeprefix("run_id=")
        for line in files[0].read_text().splitlines():
            assert re.match(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d,\d{{3}} \| [A-Z]+ \| run_id={run_id} ", line)
    assert " this run has ended: SUCCESS" in next((lake.logs / "cdc_writer").glob("*.log")).read_text()


def test_shows_no_secret_anywhere(lake):
    secrets = {
        "SOURCE_DB_HOST": "127.0.0.1",
        "SOURCE_DB_PORT": "1",
        "SOURCE_DB_NAME": "shop",
        "SOURCE_DB_USER": "lake",
        "SOURCE_DB_PASSWORD": "hunter2",
        "CDCLAKE_KAFKA_SASL_PASSWORD": "hunter2",
    }
    text = ""
    for words in (["config", "show"], ["config", "check"], ["catalog", "export"], ["silver", "stage", "--once"]):
        done = lake.call(*words, environment=secrets)
        text += done.stdout + done.stderr
    text += "".join(p.read_text() for p in lake.folder.rglob("*.log"))
    assert "hunter2" not in text
    assert "********" in text


def test_no_secret_gets_into_an_error_a_log_or_the_lake(lake):
    """Errors of libraries speak of addresses; ours must not repeat what stands in them."""
    kafka = {
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "TOPICS": "a",
        "CDCLAKE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "CDCLAKE_KAFKA_SASL_MECHANISM": "PLAIN",
        "CDCLAKE_KAFKA_SASL_USERNAME": "lake",
        "CDCLAKE_KAFKA_SASL_PASSWORD": "hunter2",
        "CDCLAKE_KAFKA_DEBUG": "all",
    }
    source = {"SOURCE_DB_HOST": "127.0.0.1", "SOURCE_DB_PORT": "1", "SOURCE_DB_NAME": "shop", "SOURCE_DB_USER": "lake"}
    address = {"CDCLAKE_CONNECTOR_CONFIG": "http://lake:hunter2@127.0.0.1:1/connectors/x/config?token=hunter2"}
    tried = [
        (["run", "--once"], kafka, 4),
        (["run", "--once", "--input", EXAMPLE], source | {"SOURCE_DB_PASSWORD": "hunter2"}, 4),
        (["run", "--once", "--input", EXAMPLE], address, 4),
        (["config", "show", "--json"], kafka | address, 0),
        (["config", "check"], kafka | address | {"CDCLAKE_KAFKA_SASL_PASSWORD_FILE": "hunter2"}, 2),
        (["run", "--once", "--input", EXAMPLE], {}, 0),
    ]
    for words, environment, code in tried:
        done = lake.call(*words, environment=environment)
        assert done.returncode == code, (words, done.stderr)
        assert "hunter2" not in done.stdout + done.stderr, words
    for path in lake.folder.rglob("*"):
        assert path.is_dir() or b"hunter2" not in path.read_bytes(), path


def test_status_says_who_works_and_what_a_killed_process_left(lake):
    service = lake.start("run", "--input", EXAMPLE)
    wait_until(lambda: has_version(lake, "public.users") and has_version(lake, "public.orders"))
    assert lake.call("status", "--alive", "run").returncode == 0
    assert all(role["alive"] for role in lake.status()["roles"])
    assert f":{service.pid}" in lake.call("status").stdout
    service.kill()
    service.communicate(timeout=30)
    text = lake.call("status").stdout
    assert "nothing works on this lake now" in text
    assert "RUNNING, its process is gone" in text
    done = lake.call("status", "--alive", "silver_merge")
    assert done.returncode == 4
    assert "not at work: silver_merge" in done.stderr
    assert lake.call("status", "--alive", "silver").returncode == 2


def test_a_service_warns_once_when_a_table_becomes_inexact(lake, users, recording):
    recording.event("c", users, {"id": 1, "name": "a"})
    recording.add(recording.topic(users), spell({"id": 2}), "hello")
    lake.with_types_of(users)
    path = lake.folder.parent / "bad.jsonl"
    service = lake.start("run", "--input", recording.write(path))
    wait_until(lambda: has_version(lake, "public.users"))
    service.send_signal(signal.SIGTERM)
    _, err = service.communicate(timeout=30)
    warnings = [line for line in err.splitlines() if "INEXACT" in line]
    assert len(warnings) == 1, err
    assert err.count("the input is read to its end") == 1
    assert re.search(rf"^\S+ INFO    cdclake .* starts; input={path}; bronze={lake.bronze} ", err)
    assert " WARNING " in warnings[0]
    assert "public.users is INEXACT from shop.public.users/0 offset 1: QUARANTINED, JSON_PARSE" in warnings[0]
    assert "read the topics again into a new lake" in warnings[0]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_goes_on_where_a_stream_is_closed_or_full(lake, stream):
    with open("/dev/full", "w") as full:
        assert lake.run_example(**{stream: full}).returncode == 0
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        assert lake.run_example(**{stream: write_end}).returncode == 0
    finally:
        os.close(write_end)
    assert lake.differences() == []


def test_goes_on_where_logs_cannot_be_written(lake):
    done = lake.run_example(environment={"LOG_BASE_PATH": "/proc/nowhere"})
    assert done.returncode == 0
    assert "has no log file" in done.stderr
    assert lake.differences() == []


def test_shows_no_progress_off_a_terminal(lake):
    assert "\r" not in lake.run_example().stderr


def test_keeps_its_files_to_itself(lake):
    lake.run_example()
    for path in lake.folder.rglob("*"):
        assert path.stat().st_mode & 0o007 == 0, path


def test_reads_from_stdin(lake):
    with open(EXAMPLE) as recording:
        done = lake.run_once("-", stdin=recording)
    assert done.returncode == 0, done.stderr
    assert lake.differences() == []


def has_a_run(lake):
    with contextlib.suppress(sqlite3.OperationalError):  # The store is being made.
        return bool(lake.query_store("SELECT 1 FROM run"))
    return False


def is_pending(pid, signal_number):
    """Whether nobody in the process has taken the signal yet."""
    with open(f"/proc/{pid}/status") as status:
        pending = next(line.split()[1] for line in status if line.startswith("ShdPnd:"))
    return bool(int(pending, 16) >> (signal_number - 1) & 1)


def test_dies_at_once_on_a_second_signal_and_loses_nothing(lake):
    service = lake.start("bronze", "write", "--input", "-", stdin=subprocess.PIPE)
    service.stdin.write(EXAMPLE.read_text())
    service.stdin.flush()
    wait_until(lambda: has_a_run(lake))
    with contextlib.closing(sqlite3.connect(lake.store, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")  # What is buffered cannot be committed.
        service.send_signal(signal.SIGINT)
        wait_until(lambda: not is_pending(service.pid, signal.SIGINT))
        begin = time.monotonic()
        service.send_signal(signal.SIGINT)
        service.communicate(timeout=30)
    assert service.returncode == -signal.SIGINT
    assert time.monotonic() - begin < 2
    assert lake.run_example().returncode == 0
    assert lake.differences() == []
