"""Death at any step: killed at the n-th passing of every failpoint, for n = 1, 2, 3 … until a run comes
through, then an ordinary start. Nothing is lost, nothing is doubled, nothing is left behind.

The first version lost what a killed run had read, and a whole day of a table when it died between
"processed" and the write of its merge.
"""

import itertools
import re
import signal

import pytest
from lake_under_test import ROOT
from second_half import assert_balanced, both_halves, check_everything, lakes_with_the_first_half  # noqa: F401

FAILPOINT = re.compile(r'failpoint\(\s*"([^"]+)"')


def failpoints():
    sources = [path for path in (ROOT / "src").rglob("*.cc") if not path.name.endswith("_test.cc")]
    return sorted({name for path in sources for name in FAILPOINT.findall(path.read_text())})


def failpoints_of_a_run():
    """Those of a rebuild are passed in rebuild_test.py, those of upkeep in maintain_test.py."""
    return [name for name in failpoints() if not name.startswith(("rebuild.", "upkeep."))]


def test_documents_every_failpoint():
    text = (ROOT / "docs/architecture.md").read_text()
    for name in failpoints():
        assert f"`{name}`" in text


@pytest.mark.parametrize("name", failpoints_of_a_run())
def test_a_killed_run_loses_and_doubles_nothing(next_lake, recording, name):
    for passing in itertools.count(1):
        lake = next_lake()
        killed = lake.run_recording(recording, environment={"CDCLAKE_FAILPOINT": f"{name}:{passing}"})
        if killed.returncode == 0:
            break
        assert killed.returncode == -signal.SIGKILL, (passing, killed.stderr)
        assert_balanced(lake)
        again = lake.run_recording(recording)
        assert again.returncode == 0, (passing, again.stderr)
        check_everything(lake, recording)
    assert passing > 1, "the failpoint was never reached"


# A merge sweeps nothing in a lake that is not a day old: commit/crash_test.cc kills it there.
MERGE_FAILPOINTS = [name for name in failpoints() if name.startswith("commit.") and name != "commit.after_sweep"]


@pytest.mark.parametrize("name", MERGE_FAILPOINTS)
def test_a_killed_merge_loses_and_doubles_nothing(next_lake, recording, name, tmp_path):
    path = recording.write(tmp_path / "whole.jsonl")
    for passing in itertools.count(1):
        lake = next_lake()
        for words in (["bronze", "write", "--once", "--input", path], ["silver", "stage", "--once"]):
            assert lake.call(*words).returncode == 0
        killed = lake.call("silver", "merge", "--once", environment={"CDCLAKE_FAILPOINT": f"{name}:{passing}"})
        if killed.returncode == 0:
            break
        assert killed.returncode == -signal.SIGKILL, (passing, killed.stderr)
        assert_balanced(lake)
        again = lake.call("silver", "merge", "--once")
        assert again.returncode == 0, (passing, again.stderr)
        check_everything(lake, recording)
    assert passing > 1, "the failpoint was never reached"
