"""A disk that fails: at the n-th operation of a run, for n = 1, 2, 3 … until a run meets no fault, then an
ordinary start. Nothing is lost, nothing is doubled, nothing is left behind, and the run says what failed.
"""

import os
import shutil

import pytest
from second_half import assert_balanced, both_halves, check_everything, lakes_with_the_first_half  # noqa: F401

SHIM = os.environ.get("CDCLAKE_FAULT_SHIM", "")
STRIDE = int(os.environ.get("FAULT_STRIDE", "41"))
DONE, OUT_OF_REACH = 0, 4
KINDS = {
    "EIO once": ("EIO", "0"),
    "EIO from then on": ("EIO", "1"),
    "ENOSPC once": ("ENOSPC", "0"),
    "ENOSPC from then on": ("ENOSPC", "1"),
    "a short write": ("SHORT", "0"),
}


def run_with_fault(lake, recording, kind, onward, at):
    """The run, how many operations it came to, and the name of the one that failed if it met its fault."""
    report = lake.folder.parent / "fault-report"
    report.unlink(missing_ok=True)
    environment = {
        "LD_PRELOAD": SHIM,
        "FAULT_BELOW": f"{lake.folder}/",
        "FAULT_AT": str(at),
        "FAULT_KIND": kind,
        "FAULT_ONWARD": onward,
        "FAULT_REPORT": str(report),
    }
    run = lake.run_recording(recording, environment=environment)
    lines = [line.split() for line in report.read_text().splitlines()]
    said = {word: int(number) for word, number in reversed(lines)}
    assert "synced-again" not in said, f"a file whose sync had failed was synced again\n{run.stderr}"
    counted = said.pop("counted")
    return run, counted, next(iter(said), None)


def test_the_shim_counts_what_a_run_does_and_changes_nothing(next_lake, recording):
    lake = next_lake()
    run, counted, failed = run_with_fault(lake, recording, "EIO", "0", 0)
    assert (run.returncode, failed) == (DONE, None), run.stderr
    assert counted > 500
    check_everything(lake, recording)


@pytest.mark.parametrize(("kind", "onward"), KINDS.values(), ids=KINDS)
def test_whichever_operation_fails_nothing_is_lost_or_doubled(next_lake, recording, kind, onward):
    failed, at = {}, 1 + sum(map(ord, kind + onward)) % STRIDE
    while True:
        lake = next_lake()
        run, _, operation = run_with_fault(lake, recording, kind, onward, at)
        if operation is None:
            break
        failed[operation] = failed.get(operation, 0) + 1
        seen = f"{kind} at {at} ({operation})\n{run.stderr}"
        assert run.returncode in (DONE, OUT_OF_REACH), seen
        assert run.returncode == DONE or run.stderr.strip(), seen
        assert_balanced(lake)
        again = lake.run_recording(recording)
        assert again.returncode == DONE, f"{seen}\n{again.stderr}"
        check_everything(lake, recording)
        shutil.rmtree(lake.folder)
        at += STRIDE
    assert run.returncode == DONE, run.stderr
    print(f"{kind}, stride {STRIDE}: failed {sum(failed.values())} operations: {failed}")
    assert len(failed) > 1, failed
