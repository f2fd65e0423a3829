#!/usr/bin/env python3
"""Measures the four stages on a recorded topic, each alone and end to end, and prints no figure
unless every current table equals the source's dump.

usage: bench/run.py [--program FILE] [--repeat N] [--peers] [--json] [--smoke]

  --repeat N    minimum, median and maximum of N runs (default 3)
  --peers       also the programs of bench/peers, in turn with ours, on the same topic
  --smoke       the first quarter of the topic, once, compared with the DuckDB peer's tables
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BENCH = Path(__file__).resolve().parent
RECORDINGS = BENCH / "recordings"
PEERS = {"DuckDB, 2 threads": ["duckdb_peer.py", "--threads", "2"],
         "DuckDB, 1 thread": ["duckdb_peer.py", "--threads", "1"]}
STAGES = ("bronze write", "bronze compact", "silver stage", "silver merge")
END_TO_END = "run"


def measured(command, environment):
    """Runs a command to its end: wall and CPU seconds of all its threads, and its peak memory.

    A child begins with the peak of the process that started it, which is why this one stays small:
    tables are compared by a program of their own.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as log:
        begin = time.monotonic()
        child = subprocess.Popen(command, stdout=said, stderr=log, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        log.seek(0)
        if child.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: exit code {child.returncode}\n{log.read().decode()}")
        return {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime,
                "peak_mb": usage.ru_maxrss / 1024}, said.read().decode()


def files_below(folder):
    """The files that a lake holds: number and bytes; links to one file count once."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            state = path.stat()
            found[state.st_ino] = state.st_size
    return found


class Lake:
    """A fresh lake in a folder of its own."""

    def __init__(self, folder, program):
        self.folder = folder
        self.program = program
        self.environment = {
            "PATH": os.environ["PATH"],
            "BRONZE_BASE_PATH": str(folder / "bronze"), "SILVER_BASE_PATH": str(folder / "silver"),
            "METADATA_DB": str(folder / "metadata" / "pipeline_meta.sqlite"),
            "LOG_BASE_PATH": str(folder / "logs"),
            "CDCLAKE_CATALOG": str(RECORDINGS / "catalog.json"),
            "CDCLAKE_CONNECTOR_CONFIG": str(RECORDINGS / "connector-plain.json")}

    def run(self, stage, inputs):
        """One stage, or all of them, to the end of what there is."""
        before = files_below(self.folder)
        command = [self.program, *stage.split(), "--once"]
        if stage in ("bronze write", END_TO_END):
            command += ["--input", *map(str, inputs)]
        figures, _ = measured(command, self.environment)
        written = {inode: size for inode, size in files_below(self.folder).items() if inode not in before}
        return figures | {"files": len(written), "written_mb": sum(written.values()) / 1e6}

    @property
    def current(self):
        return self.folder / "silver" / "current"


def events_in_bronze(python, bronze, inputs):
    """How many events the topic has; Bronze has each of them once, or the program ends."""
    counted = subprocess.run([python, str(BENCH / "count_events.py"), str(bronze), *map(str, inputs)],
                             capture_output=True, text=True, check=False)
    if counted.returncode != 0:
        sys.exit(f"no figures, since Bronze is wrong:\n{counted.stdout}{counted.stderr}")
    return int(counted.stdout)


def check_tables(python, current, *yardstick):
    """Ends the program where a table differs."""
    checked = subprocess.run([python, str(BENCH / "check_tables.py"), str(current), *map(str, yardstick)],
                             capture_output=True, text=True, check=False)
    if checked.returncode != 0:
        sys.exit(f"no figures, since the tables are wrong:\n{checked.stdout}{checked.stderr}")


def run_ours(program, python, inputs, folder, yardstick):
    """What each stage took, and the number of events; the tables are right both times."""
    taken = {}
    for name, stages in (("stages", STAGES), ("whole", (END_TO_END,))):
        lake = Lake(folder / name, program)
        for stage in stages:
            taken[stage] = lake.run(stage, inputs)
        check_tables(python, lake.current, *yardstick)
        events = events_in_bronze(python, lake.folder / "bronze" / "cdc", inputs)
        shutil.rmtree(lake.folder)
    return taken, events


def run_peer(python, arguments, inputs, folder, yardstick):
    """What a peer took. Its start, where Python loads its libraries, is not counted as its CPU."""
    out = folder / "peer"
    figures, said = measured([python, str(BENCH / "peers" / arguments[0]), *arguments[1:],
                              "--out", str(out), "--input", *map(str, inputs)], dict(os.environ))
    steps = json.loads(said)["steps"]
    if yardstick:
        check_tables(python, out / "current", *yardstick)
        written = files_below(out)
        shutil.rmtree(out)
    else:
        written = files_below(out)
    figures |= {"wall_s": sum(step["wall_s"] for step in steps), "cpu_s": sum(step["cpu_s"] for step in steps),
                "files": len(written), "written_mb": sum(written.values()) / 1e6}
    by_step = {}
    for step in steps:
        layer = step["step"].split()[0]
        by_step.setdefault(layer, []).append(step["cpu_s"])
    return figures | {"steps": {layer: sum(cpu) for layer, cpu in by_step.items()}}


def spread(values):
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def summary(runs, events):
    """One line of the result from the figures of each run."""
    line = {"events_per_s": spread([events / run["wall_s"] for run in runs]),
            "cpu_s_per_million": spread([run["cpu_s"] / events * 1e6 for run in runs]),
            "peak_mb": spread([run["peak_mb"] for run in runs]),
            "files": runs[-1]["files"], "written_mb": runs[-1]["written_mb"]}
    if "steps" in runs[-1]:
        line["steps_cpu_s_per_million"] = {
            layer: statistics.median([run["steps"][layer] / events * 1e6 for run in runs])
            for layer in runs[-1]["steps"]}
    return line


def machine():
    model = "?"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(),
            "load": round(os.getloadavg()[0], 1)}


def git(*words):
    return subprocess.run(["git", "-C", str(BENCH), *words], capture_output=True, text=True, check=False).stdout.strip()


def tree_of(program):
    """The commit that the tree is at, and what keeps the program from being built from just that."""
    told = git("describe", "--always", "--abbrev=12", "--exclude=*")
    if not told:
        return "no commit"
    if git("status", "--porcelain", "--untracked-files=no"):
        told += ", with changes that are not committed"
    if os.stat(program).st_mtime < int(git("log", "-1", "--format=%ct")):
        told += ", the program is older"
    return told


def text_of(result):
    about = result["machine"]
    lines = [f"{result['program']} ({result['tree']}); {result['events']:,} events; {result['repeats']} runs",
             f"{about['cpu']}, {about['cores']} cores, load {about['load']} at the start, {about['load_after']} at the end", "",
             f"{'':22}{'CPU-s per million':>24}{'events/s':>26}{'peak MB':>9}{'files':>7}{'MB':>7}"]
    for name, line in result["lines"].items():
        cpu, rate = line["cpu_s_per_million"], line["events_per_s"]
        lines.append(f"{name:22}{cpu['median']:>9.2f} ({cpu['min']:.2f}–{cpu['max']:.2f})".ljust(46)
                     + f"{rate['median']:>11,.0f} ({rate['min']:,.0f}–{rate['max']:,.0f})".rjust(26)
                     + f"{line['peak_mb']['median']:>9.0f}{line['files']:>7}{line['written_mb']:>7.1f}")
        if "steps_cpu_s_per_million" in line:
            lines.append("    " + ", ".join(f"{layer} {cpu:.2f}" for layer, cpu in line["steps_cpu_s_per_million"].items()))
    return "\n".join(lines)


def python_with_readers():
    """The Python that the tests use: it has DuckDB and pyarrow."""
    settings = BENCH.parent / "build" / "dependencies.cmake"
    if os.environ.get("CDCLAKE_PYTHON"):
        return os.environ["CDCLAKE_PYTHON"]
    for line in settings.read_text().splitlines() if settings.exists() else []:
        if line.startswith("set(CDCLAKE_PYTHON "):
            return line.split('"')[1]
    sys.exit("script/bootstrap first: no Python with DuckDB is known")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(BENCH.parent / "build" / "release" / "bin" / "cdclake"))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    arguments = parser.parse_args()
    python = python_with_readers()
    inputs = sorted(RECORDINGS.glob("events-plain-*.jsonl.zst"))
    yardstick = ("--dump", RECORDINGS / "expected")
    repeats = arguments.repeat
    about = machine()
    runs = {}
    with tempfile.TemporaryDirectory(prefix="cdclake-bench-") as scratch:
        folder = Path(scratch)
        if arguments.smoke:
            inputs, repeats = inputs[:1], 1
            run_peer(python, PEERS["DuckDB, 2 threads"], inputs, folder, None)
            yardstick = ("--other", folder / "peer" / "current")
        for _ in range(repeats):
            ours, events = run_ours(arguments.program, python, inputs, folder, yardstick)
            for name, taken in ours.items():
                runs.setdefault(name, []).append(taken)
            for name, peer in PEERS.items() if arguments.peers else ():
                runs.setdefault(name, []).append(run_peer(python, peer, inputs, folder, yardstick))
    version = subprocess.check_output([arguments.program, "--version"], text=True).strip()
    about["load_after"] = round(os.getloadavg()[0], 1)
    result = {"program": version, "tree": tree_of(arguments.program), "machine": about, "events": events, "repeats": repeats,
              "lines": {name: summary(taken, events) for name, taken in runs.items()}}
    print(json.dumps(result, indent=1) if arguments.json else text_of(result))


if __name__ == "__main__":
    main()
