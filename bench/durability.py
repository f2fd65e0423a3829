#!/usr/bin/env python3
"""Measures what it costs that nothing is lost: the syncs of a run, the start after a crash, the audit.

usage: bench/durability.py [--program FILE] [--shim FILE] [--repeat N] [--folder DIR] [--json]

  --repeat N    pairs of runs, one with syncs and one where they do nothing, in turn (default 7)
  --folder DIR  where the lakes lie; a disk, not memory (default: the system's folder for such things)
  --shim FILE   surroundings_shim, from the same build as the program: makes syncs do nothing
"""

import argparse
import json
import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from run import BENCH, END_TO_END, RECORDINGS, Lake, check_tables, machine, measured, python_with_readers, tree_of

FILES = 10_000
BATCH_OF_MANY_FILES = "5"  # Records; each topic in a batch gets a file.
NEW_RECORDS = 1_000
# A recording's first lines, by the Python that can unpack it.
HEAD = """import itertools, sys, pyarrow
lines = pyarrow.input_stream(sys.argv[1], compression="zstd").read().splitlines(keepends=True)
open(sys.argv[2], "wb").writelines(itertools.islice(lines, int(sys.argv[3])))"""


class Measured:
    def __init__(self, arguments, folder):
        self.program, self.shim, self.folder = arguments.program, arguments.shim, folder
        self.inputs = sorted(RECORDINGS.glob("events-plain-*.jsonl.zst"))

    def lake(self, name, syncs):
        """Both kinds of run go through the shim, so that it is not what differs."""
        lake = Lake(self.folder / name, self.program)
        lake.environment |= {"LD_PRELOAD": self.shim, "SYNC_NOTHING": "0" if syncs else "1"}
        return lake

    def run(self, name, syncs, python):
        os.sync()  # What the run before left to be written is not this one's.
        lake = self.lake(name, syncs)
        wall = lake.run(END_TO_END, self.inputs)["wall_s"]
        check_tables(python, lake.current, "--dump", RECORDINGS / "expected")
        shutil.rmtree(lake.folder)
        return wall

    def cost_of_syncs(self, repeats):
        python, pairs = python_with_readers(), []
        for number in range(repeats):
            # Who goes first changes, as the machine may.
            order = [True, False] if number % 2 == 0 else [False, True]
            walls = {syncs: self.run(f"run-{number}-{syncs}", syncs, python) for syncs in order}
            pairs.append((walls[True], walls[False]))
        return {"with_s": statistics.median(a for a, _ in pairs), "without_s": statistics.median(b for _, b in pairs),
                "cost": statistics.median(a / b - 1 for a, b in pairs), "costs": [a / b - 1 for a, b in pairs]}

    def lake_of_many_files(self):
        lake = self.lake("many", syncs=False)
        words = ["bronze", "write", "--once", "--batch-size", BATCH_OF_MANY_FILES, "--input", self.inputs[0]]
        for command in (words, ["silver", "stage", "--once"], ["silver", "merge", "--once"]):
            measured([self.program, *map(str, command)], lake.environment)
        files = sum(1 for path in lake.folder.rglob("*.parquet") if ".cdclake" not in path.parts)
        if files < FILES:
            sys.exit(f"the lake has {files} files only")
        lake.environment["SYNC_NOTHING"] = "0"
        os.sync()
        return lake, files

    def seconds_to_first_commit(self, lake):
        """Kills a run whose commit is not published, and times the next one until its own commit."""
        killed = subprocess.run([self.program, "run", "--once", "--input", str(self.inputs[1])], check=False,
                                env=lake.environment | {"CDCLAKE_FAILPOINT": "commit.after_record"}, capture_output=True)
        if killed.returncode != -signal.SIGKILL:
            sys.exit(f"the run was not killed: {killed.stderr.decode()}")
        new = self.folder / "new.jsonl"
        subprocess.run([python_with_readers(), "-c", HEAD, str(self.inputs[2]), str(new), str(NEW_RECORDS)], check=True)
        store = sqlite3.connect(f"file:{lake.environment['METADATA_DB']}?mode=ro", uri=True)
        ask = "SELECT sum(next_offset) FROM bronze_position"
        before = store.execute(ask).fetchone()
        begin = time.monotonic()
        with open(self.folder / "restart.log", "wb") as log:
            child = subprocess.Popen([self.program, "run", "--once", "--input", str(new)], env=lake.environment,
                                     stdout=log, stderr=log)
        while store.execute(ask).fetchone() == before and child.poll() is None:
            time.sleep(0.005)
        seconds, cpu = time.monotonic() - begin, cpu_seconds_of(child.pid)
        if child.poll() is not None:
            sys.exit(f"the run after the crash ended: {(self.folder / 'restart.log').read_text()}")
        child.terminate()
        child.wait()
        return {"wall_s": seconds, "cpu_s": cpu}

    def audit(self, lake, *words):
        return measured([self.program, "audit", *words], lake.environment)[0]


def cpu_seconds_of(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def took(figures):
    return f"{figures['wall_s']:.2f} s ({figures['cpu_s']:.2f} s of CPU)"


def text_of(result):
    about, cost = result["machine"], result["syncs"]
    many = f"of {result['files']:,} files"
    return "\n".join([
        f"{result['program']} ({result['tree']}); {about['cpu']}, {about['cores']} cores, load {about['load']} at the start",
        f"lakes on {result['disk']}", "",
        f"syncs of a run, median of {result['repeats']} pairs: {cost['cost']:+.1%} "
        f"({min(cost['costs']):+.1%} to {max(cost['costs']):+.1%}); {cost['with_s']:.2f} s with, {cost['without_s']:.2f} s without",
        f"from a start after a crash to its first commit, lake {many}: {took(result['restart'])}",
        f"audit, lake {many}: {took(result['audit'])}; --deep: {took(result['audit_deep'])}"])


def disk_of(folder):
    found = subprocess.run(["df", "--output=fstype,source", str(folder)], capture_output=True, text=True, check=True)
    return " ".join(found.stdout.splitlines()[1].split())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    release = BENCH.parent / "build" / "release"
    parser.add_argument("--program", default=str(release / "bin" / "cdclake"))
    parser.add_argument("--shim", default=str(release / "lib" / "surroundings_shim.so"))
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--folder")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    about = machine()
    with tempfile.TemporaryDirectory(prefix="cdclake-bench-", dir=arguments.folder) as scratch:
        disk = disk_of(scratch)
        if disk.startswith("tmpfs"):
            sys.exit(f"{scratch} lies in memory, where a sync costs nothing: --folder DIR")
        bench = Measured(arguments, Path(scratch))
        syncs = bench.cost_of_syncs(arguments.repeat)
        lake, files = bench.lake_of_many_files()
        restart = bench.seconds_to_first_commit(lake)
        audit, deep = bench.audit(lake), bench.audit(lake, "--deep")
    version = subprocess.check_output([arguments.program, "--version"], text=True).strip()
    result = {"program": version, "tree": tree_of(arguments.program), "machine": about, "disk": disk,
              "repeats": arguments.repeat, "syncs": syncs, "files": files, "restart": restart, "audit": audit,
              "audit_deep": deep}
    print(json.dumps(result, indent=1) if arguments.json else text_of(result))


if __name__ == "__main__":
    main()
