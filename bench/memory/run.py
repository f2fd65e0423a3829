#!/usr/bin/env python3
"""Measures the peak memory of each stage, and of all of them at once, on topics that are hard on it,
and prints no figure unless the tables are right and the audit balances.

usage: bench/memory/run.py [WORKLOAD...] [--limit SIZE] [--scale FACTOR] [--together] [--curves FOLDER]

  WORKLOAD      tables, transaction, hot_key, messages, wide_rows; default: all
  --limit SIZE  CDCLAKE_MEMORY_LIMIT (default: the program's own)
  --scale F     of the topics' size: 0.1 for a first look (default 1: several minutes each)
  --json        figures for programs
  --together    `cdclake run`, all stages at once, instead of one after the other
  --curves DIR  memory over time, a CSV and an SVG a workload
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from run import STAGES, files_below, python_with_readers  # noqa: E402

WORKLOADS = ("tables", "transaction", "hot_key", "messages", "wide_rows")
SAMPLE_SECONDS = 0.2
WAIT_SECONDS_MAX = 3600


def resident(process):
    """What a process holds now, and at most held, in MB; nothing where it is gone."""
    try:
        text = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return None
    found = [re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE) for name in ("VmRSS", "VmHWM")]
    return tuple(int(it.group(1)) / 1024 for it in found) if all(found) else None


class Watched:
    """A process and its memory over time."""

    def __init__(self, command, **options):
        self.samples, self.peak_mb = [], 0.0
        self.begin = time.monotonic()
        self.log = tempfile.TemporaryFile()
        self.child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self.log, **options)
        self.sampler = threading.Thread(target=self.sample)
        self.sampler.start()

    def sample(self):
        while self.child.returncode is None:
            seen = resident(self.child.pid)
            if seen:
                self.samples.append((time.monotonic() - self.begin, seen[0]))
                self.peak_mb = max(self.peak_mb, seen[1])
            time.sleep(SAMPLE_SECONDS)

    def has_ended(self):
        return os.waitid(os.P_PID, self.child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def end(self):
        _, status, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = os.waitstatus_to_exitcode(status)
        self.sampler.join()
        self.peak_mb = max(self.peak_mb, usage.ru_maxrss / 1024)
        self.seconds = time.monotonic() - self.begin
        self.cpu_s = usage.ru_utime + usage.ru_stime
        self.log.seek(0)
        if self.child.returncode != 0:
            sys.exit(f"{self.child.args}: exit code {self.child.returncode}\n{self.log.read().decode()[-4000:]}")
        return self


def generator(name, scale, *more):
    return [sys.executable, str(HERE / "workloads.py"), name, "--scale", str(scale), *more]


class Lake:
    def __init__(self, folder, program, name, scale, limit):
        self.folder, self.program, self.name, self.scale = folder, program, name, scale
        catalog = folder / "catalog.json"
        catalog.write_bytes(subprocess.check_output(generator(name, scale, "--catalog")))
        self.records = int(subprocess.check_output(generator(name, scale, "--records")))
        self.environment = {
            "PATH": os.environ["PATH"], "CDCLAKE_CATALOG": str(catalog),
            "BRONZE_BASE_PATH": str(folder / "bronze"), "SILVER_BASE_PATH": str(folder / "silver"),
            "METADATA_DB": str(folder / "metadata" / "pipeline_meta.sqlite"), "LOG_BASE_PATH": str(folder / "logs")}
        if limit:
            self.environment["CDCLAKE_MEMORY_LIMIT"] = limit

    def start(self, *words):
        """Where records are read they come through a pipe, since a file would be as large as the topic."""
        if "-" not in words:
            return Watched([self.program, *words], env=self.environment), None
        source = subprocess.Popen(generator(self.name, self.scale), stdout=subprocess.PIPE)
        watched = Watched([self.program, *words], env=self.environment, stdin=source.stdout)
        source.stdout.close()
        return watched, source

    def one_after_the_other(self):
        for stage in STAGES:
            words = ["--input", "-"] if stage == "bronze write" else []
            watched, source = self.start(*stage.split(), "--once", *words)
            yield stage, watched.end()
            if source:
                source.wait()

    def together(self):
        # Runs that end soon, so that compaction has work too.
        self.environment |= {"FLUSH_SECONDS": "1", "CDCLAKE_RUN_SECONDS": "5"}
        watched, source = self.start("run", "--input", "-")
        end = time.monotonic() + WAIT_SECONDS_MAX
        source.wait()
        while not self.is_merged():
            if watched.has_ended() or time.monotonic() > end:
                break
            time.sleep(1)
        if not watched.has_ended():
            watched.child.send_signal(signal.SIGTERM)
        yield "run", watched.end()

    def is_merged(self):
        """Whether all that was printed has reached the current tables."""
        told = subprocess.run([self.program, "status", "--json"], env=self.environment, capture_output=True, check=False)
        if told.returncode != 0:
            return False
        status = json.loads(told.stdout)
        # What was read and is not committed yet is nowhere but in this number.
        return (sum(it["bronze_records"] for it in status["partitions"]) == self.records
                and all(table["behind"] == 0 for table in status["tables"])
                and all(it["bronze_next"] == it["stage_next"] for it in status["partitions"]))

    def check(self, python):
        subprocess.run([python, str(HERE / "check.py"), str(self.folder / "silver" / "current"), self.name, str(self.scale)],
                       check=True)
        watched, _ = self.start("audit")
        return watched.end()


def drawn(samples, limit_mb):
    """A small picture of memory over time."""
    width, height = 640, 160
    seconds = max(samples[-1][0], 1)
    top = 1.1 * max([mb for _, mb in samples] + ([limit_mb] if limit_mb else []))
    points = " ".join(f"{width * at / seconds:.1f},{height - height * mb / top:.1f}" for at, mb in samples)
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -20 {width} {height + 40}" font-size="12">',
             f'<polyline points="{points}" fill="none" stroke="steelblue"/>',
             f'<text x="0" y="{height + 16}">0 to {seconds:.0f} s, at most {max(mb for _, mb in samples):.0f} MB</text>']
    if limit_mb:
        y = height - height * limit_mb / top
        lines.append(f'<line x1="0" x2="{width}" y1="{y:.1f}" y2="{y:.1f}" stroke="firebrick"/>'
                     f'<text x="0" y="{y - 4:.1f}">{limit_mb} MB</text>')
    return "\n".join([*lines, "</svg>\n"])


def keep_curve(folder, name, samples):
    folder.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{at:.1f},{mb:.0f}\n" for at, mb in samples)
    (folder / f"{name}.csv").write_text("seconds,resident_mb\n" + rows)
    (folder / f"{name}.svg").write_text(drawn(samples, None))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", default=WORKLOADS)
    parser.add_argument("--program", default=str(HERE.parents[1] / "build" / "release" / "bin" / "cdclake"))
    parser.add_argument("--limit")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--curves", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    python = python_with_readers()
    said = []
    if not arguments.json:
        print(f"{'':14}{'':16}{'peak MB':>9}{'seconds':>9}{'CPU-s':>8}{'lake MB':>9}", flush=True)
    for name in arguments.workloads:
        folder = Path(tempfile.mkdtemp(prefix="cdclake-memory-"))
        try:
            lake = Lake(folder, arguments.program, name, arguments.scale, arguments.limit)
            lines = lake.together() if arguments.together else lake.one_after_the_other()
            taken = []
            for what, watched in lines:
                taken.append((what, watched, sum(files_below(folder).values()) / 1e6))
            taken.append(("audit", lake.check(python), sum(files_below(folder).values()) / 1e6))
            for what, watched, mb in taken:
                said.append({"workload": name, "command": what, "peak_mb": watched.peak_mb, "lake_mb": mb})
                if not arguments.json:
                    print(f"{name:14}{what:16}{watched.peak_mb:>9.0f}{watched.seconds:>9.1f}{watched.cpu_s:>8.1f}{mb:>9.0f}",
                          flush=True)
                if arguments.curves:
                    keep_curve(arguments.curves, f"{name}-{what.replace(' ', '-')}", watched.samples)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if arguments.json:
        print(json.dumps(said, indent=1))


if __name__ == "__main__":
    main()
