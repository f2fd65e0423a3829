"""A disk that fails at the n-th operation of a rebuild, for n = 1, 2, 3 … until one meets no fault: then a rebuild
again. The lake is as it was or as it shall be, and nothing is lost, doubled or left behind.
"""

import os
import shutil

import pytest
from second_half import assert_balanced, both_halves, check_everything, lakes_with_the_first_half  # noqa: F401

SHIM = os.environ.get("CDCLAKE_FAULT_SHIM", "")
STRIDE = int(os.environ.get("FAULT_STRIDE", "97"))
DONE, USAGE, OUT_OF_REACH, CORRUPT = 0, 2, 4, 6
KINDS = {
    "EIO once": ("EIO", "0"),
    "ENOSPC from then on": ("ENOSPC", "1"),
    "a short write": ("SHORT", "0"),
}
REBUILDS = {"metadata": ("rebuild", "--metadata"), "table": ("rebuild", "--table", "public.users")}


def call_with_fault(lake, words, kind, onward, at):
    report = lake.folder.parent / "fault-report"
    report.unlink(missing_ok=True)
    fault = {"LD_PRELOAD": SHIM, "FAULT_BELOW": f"{lake.folder}/", "FAULT_AT": str(at), "FAULT_KIND": kind,
             "FAULT_ONWARD": onward, "FAULT_REPORT": str(report)}
    done = lake.call(*words, environment=fault)
    lines = [line.split() for line in report.read_text().splitlines()]
    return done, next((word for word, _ in lines if word != "counted"), None)


@pytest.mark.parametrize("words", REBUILDS.values(), ids=REBUILDS)
@pytest.mark.parametrize(("kind", "onward"), KINDS.values(), ids=KINDS)
def test_whichever_operation_of_a_rebuild_fails_it_is_begun_again(next_lake, recording, words, kind, onward):
    failed, at = {}, 1 + sum(map(ord, kind + onward)) % STRIDE
    while True:
        lake = next_lake()
        done, operation = call_with_fault(lake, words, kind, onward, at)
        if operation is None:
            break
        failed[operation] = failed.get(operation, 0) + 1
        seen = f"{kind} at {at} ({operation})\n{done.stderr}"
        # An operation that fails may make a file look damaged.
        assert done.returncode in (DONE, OUT_OF_REACH, CORRUPT), seen
        assert done.returncode == DONE or done.stderr.strip(), seen
        again = lake.call(*words)
        assert again.returncode == DONE, f"{seen}\n{again.stderr}"
        assert_balanced(lake)
        after = lake.run_recording(recording)
        assert after.returncode == DONE, f"{seen}\n{after.stderr}"
        check_everything(lake, recording)
        shutil.rmtree(lake.folder)
        at += STRIDE
    assert done.returncode == DONE, done.stderr
    print(f"{kind}, stride {STRIDE}: failed {sum(failed.values())} operations: {failed}")
    assert failed, "the fault was never met"
