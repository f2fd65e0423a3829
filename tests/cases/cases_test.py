"""Runs each case in one go, a record a run, and in two runs with the cut at every place."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from case_file import Case
from lake_under_test import Lake

CASES = sorted(Path(__file__).parent.glob("*.case"))


def cuts_of(records):
    """The ends of the runs, for every way in which a case is run."""
    yield [records]
    if records > 1:
        yield list(range(1, records + 1))
    if records > 2:
        yield from ([cut, records] for cut in range(1, records))


def rows_of(lake, table):
    """The current rows; a value that was lost on the way is written out as such."""
    rows = []
    for row in lake.current(f"public.{table.name}"):
        lost = int.from_bytes(row["_unresolved"] or b"", "little")
        names = enumerate(table.columns)
        rows.append({name: "(lost)" if lost >> i & 1 else row[name] for i, name in names})
    return rows


def describe(entry):
    """Every word that status has for a table's condition."""
    words = ["exact"] if entry["exact"] else []
    words += [flaw["cause"] for flaw in entry["flaws"]]
    words += ["held-back"] if entry["held_back"] else []
    words += [entry["state"]] if entry["state"] != "active" else []
    return " ".join(words + [entry["reason"] or ""])


def check(lake, case, expectation):
    table = case.tables[expectation.table]
    folder = lake.silver / "current" / f"table=public.{table.name}"
    words = [word for word in expectation.words if word not in ("absent", "unchecked")]
    described = describe(lake.table_status(f"public.{table.name}"))
    assert all(word in described for word in words), (words, described)
    assert folder.exists() != ("absent" in expectation.words) or "unchecked" in expectation.words
    if "unchecked" not in expectation.words:
        assert rows_of(lake, table) == expectation.rows


def run_case(case, folder, ends):
    lake = Lake(folder).with_types_of(*case.tables.values())
    first, done = 0, None
    for end in ends:
        done = lake.run_recording(case.recording, first, end)
        assert done.returncode in (0, 3), done.stderr
        if case.input_is_complete and end == ends[-1]:
            done = lake.call("silver", "merge", "--once", "--input-complete")
        for expectation in case.expectations:
            if expectation.after == end:
                check(lake, case, expectation)
        first = end
    final = [each for each in case.expectations if each.after == first]
    assert done.returncode == (0 if all("exact" in each.words for each in final) else 3), done.stderr


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path):
    case = Case(path.read_text())
    records = len(case.recording.records)
    assert any(each.after == records for each in case.expectations), "a case ends with what is expected"
    with ThreadPoolExecutor(max_workers=4) as pool:
        ways = enumerate(cuts_of(records))
        runs = [(ends, pool.submit(run_case, case, tmp_path / f"lake_{n}", ends)) for n, ends in ways]
    for ends, run in runs:
        assert run.exception() is None, f"runs that end before the records {ends}: {run.exception()}"
