"""Memory has a bound: the whole process stays inside, what cannot be is refused by name, and where the system has no
more the process ends in order."""

import json
import resource
import subprocess
import sys

import pytest
from change_events import Table
from lake_under_test import PROGRAM, ROOT, Lake

LEAST = "256MiB"
BLOBS = Table("blobs", {"id": "integer", "body": "text"})


def peaks(workload, scale, *more):
    """The peak of each command, in MiB, on a topic of bench/memory; its tables are right and the audit balances."""
    run = [sys.executable, ROOT / "bench/memory/run.py", workload, "--program", PROGRAM, "--json"]
    done = subprocess.run([*map(str, run), "--limit", LEAST, "--scale", str(scale), *more],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {line["command"]: line["peak_mb"] for line in json.loads(done.stdout)}


@pytest.mark.parametrize(("workload", "scale"), [
    ("tables", 0.02),  # A hundred topics.
    ("messages", 0.16),  # Twelve messages of 8 MB.
    ("wide_rows", 0.05),  # A thousand rows of 100 kB, twice: what is read has 150 MB.
])
def test_all_stages_at_once_stay_inside(workload, scale):
    measured = peaks(workload, scale, "--together")
    assert max(measured.values()) <= 256, measured


@pytest.mark.parametrize("workload", ["transaction", "hot_key"])
def test_a_large_transaction_and_a_hot_key_stay_inside(workload):
    measured = peaks(workload, 0.02)  # 200,000 records.
    assert max(measured.values()) <= 256, measured


@pytest.fixture
def blobs(tmp_path):
    def lake(name, **settings):
        return Lake(tmp_path / name, **settings).with_types_of(BLOBS)

    return lake


def test_a_message_that_cannot_be_held_is_refused_by_name_and_taken_with_a_higher_limit(blobs, recording):
    lake = blobs("lake", CDCLAKE_MEMORY_LIMIT=LEAST)
    recording.event("c", BLOBS, {"id": 1, "body": "small"})
    recording.event("c", BLOBS, {"id": 2, "body": "x" * 12_000_000})
    recording.event("c", BLOBS, {"id": 3, "body": "small"})
    done = lake.run_recording(recording)
    assert done.returncode == 2, done.stderr
    assert "raise CDCLAKE_MEMORY_LIMIT: topic=shop.public.blobs partition=0 offset=1" in done.stderr
    lake.environment["CDCLAKE_MEMORY_LIMIT"] = "512MiB"
    assert lake.run_recording(recording).returncode == 0
    assert [(row["id"], len(row["body"])) for row in lake.current("public.blobs")] == [(1, 5), (2, 12_000_000), (3, 5)]


def test_a_limit_below_the_least_is_refused(lake):
    done = lake.call("config", "check", "--input", "x", "--memory-limit", "64MiB")
    assert done.returncode == 2
    assert "CDCLAKE_MEMORY_LIMIT must be a size from 256MiB" in done.stderr


def limited(kind, number):
    return {"preexec_fn": lambda: resource.setrlimit(kind, (number, number))}


def is_exact(lake, count):
    assert [row["id"] for row in lake.current("public.blobs")] == list(range(count))
    assert lake.call("audit").returncode == 0


def ends_in_order(blobs, recording, kind, numbers):
    """Whatever is lacking, the process says so with an exit code of its own, and the next start is exact."""
    count = 3_000
    for number in range(count):
        recording.event("c", BLOBS, {"id": number, "body": "x" * 10_000})
    codes = []
    for number in numbers:
        lake = blobs(f"lake-{number}")
        done = lake.run_recording(recording, **limited(kind, number))
        codes.append(done.returncode)
        if done.returncode != 0:
            assert done.returncode == 4, done.stderr
            assert done.stderr
            assert lake.run_recording(recording).returncode == 0
        is_exact(lake, count)
    return codes


def test_a_process_without_memory_ends_in_order(blobs, recording):
    sizes = [mib << 20 for mib in (150, 200, 300)]
    assert 4 in ends_in_order(blobs, recording, resource.RLIMIT_AS, sizes)


def test_a_process_without_file_descriptors_ends_in_order(blobs, recording):
    assert 4 in ends_in_order(blobs, recording, resource.RLIMIT_NOFILE, (8, 12, 20))
