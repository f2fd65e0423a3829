"""Power cuts: a run's operations are recorded, what was not synced by one of them is thrown away (or kept,
or torn), and the program starts on what is left. Nothing is lost, nothing is doubled.

CUTS says how many states of the disk are tried of each run (`all`: each cut, each deal), SEED repeats the draws.
"""

import itertools
import os
import random
import shutil

import pytest
from lake_under_test import Lake
from power_cut import Deal, Disk, Journal, Snapshot
from second_half import (  # noqa: F401
    ORDERS,
    USERS,
    assert_balanced,
    both_halves,
    check_everything,
    check_rows,
    lakes_with_the_first_half,
)

SHIM = os.environ.get("CDCLAKE_RECORD_SHIM", "")
CUTS = os.environ.get("CUTS", "30")
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
STORE = "pipeline_meta.sqlite"


class RecordedRun:
    """A run of the whole recording on a lake, and what the disk may hold after a cut in it."""

    def __init__(self, lake, recording):
        self.lake, self.recording = lake, recording
        self.journal = self._record()
        self._numbers = itertools.count(1)

    def _record(self):
        lake, path = self.lake, self.lake.folder.with_suffix(".journal")
        before = Snapshot(lake.folder, without=[lake.logs])
        environment = {
            "LD_PRELOAD": SHIM,
            "RECORD_BELOW": f"{lake.folder}/",
            "RECORD_TO": str(path),
            "LOG_BASE_PATH": str(lake.folder.with_suffix(".logs")),
        }
        run = lake.run_recording(self.recording, environment=environment)
        assert run.returncode == 0, run.stderr
        return Journal(before, path)

    def disks(self, kinds=Deal.KINDS, **options):
        """(what was drawn, disk): some of the states, or all of them; none twice."""
        seen, count = set(), self.journal.length
        every = ((cut, kind) for cut in range(count + 1) for kind in kinds)
        draw = random.Random(SEED)
        drawn = ((draw.randint(0, count), draw.choice(kinds)) for _ in range(count * len(kinds)))
        for cut, kind in every if CUTS == "all" else drawn:
            disk = Disk(self.journal, cut, Deal(kind, SEED + cut), **options)
            if (digest := disk.digest()) in seen:
                continue
            seen.add(digest)
            yield f"SEED={SEED}, cut behind operation {cut} of {count}, kept: {kind}", disk
            if CUTS != "all" and len(seen) == int(CUTS):
                return

    def lake_on(self, disk):
        folder = self.lake.folder.with_name(f"{self.lake.folder.name}-cut{next(self._numbers)}")
        disk.write(folder)
        return Lake(folder, CDCLAKE_GRACE_HOURS="0").with_types_of(USERS, ORDERS)

    def nodes_of_the_store(self):
        named = [change for effect in self.journal.effects for change in effect.names]
        named += [(self.journal.root, *entry) for entry in self.journal.root.names["metadata"].names.items()]
        return {node for _, name, node in named if node and name.startswith(STORE)}


@pytest.fixture
def second_run(next_lake, recording):
    return RecordedRun(next_lake(), recording)


@pytest.fixture
def sweep(next_lake, recording):
    """A run that has nothing to do but to remove what the one before has replaced."""
    lake = next_lake()
    assert lake.run_recording(recording).returncode == 0
    return RecordedRun(lake, recording)


@pytest.fixture
def first_start(tmp_path, recording):
    (tmp_path / "new").mkdir()
    return RecordedRun(Lake(tmp_path / "new", CDCLAKE_GRACE_HOURS="0").with_types_of(USERS, ORDERS), recording)


def come_back(lake, recording, seen):
    print(seen)
    run = lake.run_recording(recording)
    assert run.returncode == 0, f"{seen}\n{run.stderr}"


def test_the_journal_holds_all_that_a_run_did(second_run):
    """With everything kept, the disk after the last operation is the lake as it lies there."""
    run = second_run
    assert run.journal.length > 200
    disk = Disk(run.journal, run.journal.length, Deal("everything", 0))
    copy = run.lake_on(disk)
    assert files_of(copy.folder) == files_of(run.lake.folder)
    check_everything(copy, run.recording)


def files_of(folder):
    """What is in every file, but for the logs and for SQLite's index of its log."""
    paths = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith((".log", "-shm")))
    return {path.relative_to(folder): path.read_bytes() for path in paths}


@pytest.mark.parametrize("kind", ["second_run", "sweep"])
def test_a_power_cut_loses_and_doubles_nothing(request, kind):
    run, tried = request.getfixturevalue(kind), 0
    for seen, disk in run.disks():
        lake = run.lake_on(disk)
        assert_balanced(lake, seen=seen)
        come_back(lake, run.recording, seen)
        check_everything(lake, run.recording)
        shutil.rmtree(lake.folder)
        tried += 1
    print(f"{tried} states of the disk, {run.journal.length} operations, {len(run.journal.syncs)} syncs")


def test_a_power_cut_in_the_first_start_loses_and_doubles_nothing(first_start):
    tried = 0
    for seen, disk in first_start.disks():
        lake = first_start.lake_on(disk)
        come_back(lake, first_start.recording, seen)
        check_rows(lake, first_start.recording)
        shutil.rmtree(lake.folder)
        tried += 1
    print(f"{tried} states of the disk, {first_start.journal.length} operations, {len(first_start.journal.syncs)} syncs")


def test_a_power_cut_while_the_store_is_made_needs_no_help(first_start):
    """Also where it leaves SQLite a journal to roll back: from before the store had a log."""
    journal = first_start.journal
    made = next(effect.at for effect in journal.effects if any(name == STORE for _, name, _ in effect.names))
    for cut in range(made, made + 40):
        lake = first_start.lake_on(Disk(journal, cut, Deal("everything", 0)))
        come_back(lake, first_start.recording, f"cut behind operation {cut}")
        check_rows(lake, first_start.recording)
        shutil.rmtree(lake.folder)


def test_a_second_cut_while_it_comes_back_loses_and_doubles_nothing(second_run):
    draw = random.Random(SEED)
    first_cuts = [each for each in second_run.disks() if draw.random() < 0.1] or [next(second_run.disks())]
    for seen, disk in first_cuts:
        again = RecordedRun(second_run.lake_on(disk), second_run.recording)
        for seen_again, second_disk in itertools.islice(again.disks(), 3):
            lake = again.lake_on(second_disk)
            assert_balanced(lake, seen=f"{seen}; {seen_again}")
            come_back(lake, again.recording, f"{seen}; {seen_again}")
            check_everything(lake, again.recording)
            shutil.rmtree(lake.folder)


@pytest.mark.parametrize("lost", ["folders", "files", "store"])
def test_where_syncs_of_one_kind_do_nothing_these_tests_see_it(second_run, lost):
    store = second_run.nodes_of_the_store()

    def honours(node):
        kind = "folders" if node.is_folder else "store" if node in store else "files"
        return kind != lost

    for tried, (_, disk) in enumerate(second_run.disks(kinds=["nothing"], honours=honours), 1):
        lake = second_run.lake_on(disk)
        try:
            assert_balanced(lake)
            come_back(lake, second_run.recording, "")
            check_everything(lake, second_run.recording)
        except AssertionError:
            print(f"without syncs of {lost}: seen at state {tried}")
            return
        shutil.rmtree(lake.folder)
    pytest.fail(f"nothing is seen where syncs of {lost} do nothing")
