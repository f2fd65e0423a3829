import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("CDCLAKE_PROGRAM", str(ROOT / "build/dev/bin/cdclake"))
EXAMPLE = ROOT / "examples/recorded"
sys.path.insert(0, str(ROOT / "script"))

import compare_with_dump  # noqa: E402


class Lake:
    """A lake in a folder of its own, and the program that works on it."""

    def __init__(self, folder):
        self.folder = folder
        self.silver = folder / "silver"
        self.logs = folder / "logs"
        self.environment = {
            "PATH": os.environ["PATH"],
            "BRONZE_BASE_PATH": str(folder / "bronze"),
            "SILVER_BASE_PATH": str(self.silver),
            "METADATA_DB": str(folder / "metadata/pipeline_meta.sqlite"),
            "LOG_BASE_PATH": str(self.logs),
        }

    def start(self, *words, **options):
        environment = {**self.environment, **options.pop("environment", {})}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        return subprocess.Popen([PROGRAM, *map(str, words)], env=environment, **pipes)

    def call(self, *words, **options):
        """Runs a command to its end; `returncode`, `stdout`, `stderr` tell of it."""
        process = self.start(*words, **options)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def run_once(self, *words, **options):
        return self.call("run", "--once", *(words or ("--input", EXAMPLE / "users_and_orders.jsonl")), **options)

    def differences(self):
        """What is not equal to the source's dump of the example, a line each."""
        lines = []
        for dump in sorted(EXAMPLE.glob("*.csv")):
            columns, *expected = compare_with_dump.parse_dump(dump.read_text())
            found = compare_with_dump.read_current(self.silver / "current" / f"table={dump.stem}", columns)
            lines += compare_with_dump.differences(expected, found)
        return lines


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


@pytest.fixture
def example():
    return EXAMPLE / "users_and_orders.jsonl"


@pytest.fixture
def corpus():
    return ROOT / "tests/corpus"


@pytest.fixture
def docs():
    return ROOT / "docs"
