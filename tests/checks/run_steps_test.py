"""The verdict of script/test counts every test and never hides a failure."""

import subprocess
from pathlib import Path

RUN_STEPS = Path(__file__).resolve().parents[2] / "script" / "run_steps.sh"


def run(tmp_path, *lines):
    script = "\n".join(["set -uo pipefail", f"source {RUN_STEPS}", *lines, "verdict"])
    return subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True)


def last_line(result):
    return result.stdout.splitlines()[-1]


def test_counts_a_plain_step_as_one(tmp_path):
    result = run(tmp_path, 'run_step "a" true', 'run_step "b" true')
    assert (last_line(result), result.returncode) == ("2 passed, 0 failed", 0)


def test_goes_on_after_a_failure_and_fails(tmp_path):
    result = run(tmp_path, 'run_step "a" false', 'run_step "b" echo hello')
    assert (last_line(result), result.returncode) == ("1 passed, 1 failed", 1)
    assert "hello" in result.stdout


def test_counts_the_tests_of_ctest(tmp_path):
    result = run(tmp_path, 'run_step "a" echo "100% tests passed, 0 tests failed out of 46"')
    assert (last_line(result), result.returncode) == ("46 passed, 0 failed", 0)
    line = "98% tests passed, 1 tests failed out of 46"
    result = run(tmp_path, f"failing() {{ echo '{line}'; return 8; }}", 'run_step "a" failing')
    assert (last_line(result), result.returncode) == ("45 passed, 1 failed", 1)


def test_does_not_hide_a_failure_that_no_test_accounts_for(tmp_path):
    line = "100% tests passed, 0 tests failed out of 5"
    result = run(tmp_path, f"failing() {{ echo '{line}'; return 1; }}", 'run_step "a" failing')
    assert (last_line(result), result.returncode) == ("5 passed, 1 failed", 1)


def test_shows_the_end_of_what_failed_and_keeps_all_of_it(tmp_path):
    result = run(tmp_path, "failing() { seq 500; return 1; }", 'run_step "a step" failing')
    assert "   500" in result.stdout and "   1\n" not in result.stdout
    assert (tmp_path / "build/steps/a_step.txt").read_text().startswith("1\n2\n")


def test_names_and_counts_what_was_left_out(tmp_path):
    summary = [
        "100% tests passed, 0 tests failed out of 5",
        "The following tests did not run:",
        "\t  3 - AllocationTest.CountsNothing (Skipped)",
    ]
    lines = " ".join(f"'{line}'" for line in summary)
    in_python = 'echo "full_disk_test.py: may not mount" >> "$CDCLAKE_LEFT_OUT"'
    result = run(tmp_path, f"skipping() {{ printf '%s\\n' {lines}; {in_python}; }}", 'run_step "a" skipping')
    assert (last_line(result), result.returncode) == ("4 passed, 0 failed, 2 left out", 0)
    assert "a: AllocationTest.CountsNothing\nfull_disk_test.py: may not mount" in result.stdout
