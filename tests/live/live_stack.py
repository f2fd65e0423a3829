"""The running PostgreSQL, Kafka and Debezium of script/stack, and one stream of changes in it."""

import os
import secrets
import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLES = ["public.users", "public.orders"]


class Stack:
    """script/stack on the state folder that STACK_STATE names."""

    def __call__(self, *arguments, database="source"):
        """Runs a command of script/stack and returns what it prints."""
        began = time.monotonic()
        done = subprocess.run(
            [ROOT / "script/stack", *arguments, "--database", database],
            text=True, capture_output=True, timeout=300,
        )
        if done.returncode != 0:
            raise RuntimeError(f"script/stack {shlex.join(arguments)}: {done.stderr}{done.stdout}")
        print(f"stack {' '.join(arguments[:2])}: {time.monotonic() - began:.1f} s")
        return done.stdout

    def is_running(self):
        command = [ROOT / "script/stack", "status"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def environment(self, database):
        """Where things are, in the names that cdclake reads."""
        lines = shlex.split(self("env", database=database))
        return dict(line.split("=", 1) for line in lines)


class Stream:
    """A database of its own with users and orders, a connector on them, and its topics."""

    def __init__(self, stack, folder):
        self.stack = stack
        self.folder = folder
        self.name = "live_" + secrets.token_hex(4)
        stack("schema", database=self.name)
        self.places = stack.environment(self.name)

    def connect(self, *arguments, partitions=4):
        """Starts the connector and returns when changes flow."""
        self.stack(
            "connector", self.name, "--tables", ",".join(TABLES), "--prefix", self.name,
            "--partitions", str(partitions), *arguments, database=self.name,
        )

    def load(self, changes, seed, rate=None):
        self.loading(changes, seed, rate).join()

    def loading(self, changes, seed, rate=None):
        """Begins to make changes, and returns at once."""
        command = [ROOT / "script/stack", "--database", self.name, "load"]
        command += ["--changes", str(changes), "--seed", str(seed)]
        return Load(command + (["--rate", str(rate)] if rate else []))

    def fence(self):
        """Returns when all changes made so far are in Kafka."""
        self.stack("fence", self.name)

    @property
    def topics(self):
        """The topics of both tables, as cdclake takes them."""
        return f"^{self.name}[.]public[.].*"

    @property
    def connector_address(self):
        return f"{self.places['CONNECT_URL']}/connectors/{self.name}"

    def offsets(self):
        """The first and the next offset of every topic partition."""
        lines = self.stack("topic", "offsets", rf"{self.name}\.public\..*").splitlines()
        fields = [line.split("\t") for line in lines if not line.startswith("total")]
        return {(topic, int(partition)): (int(first), int(end)) for topic, partition, first, end in fields}

    def told(self):
        """The next offset that each partition's consumer group was told, if any."""
        fields = [line.split("\t") for line in self.stack("topic", "group", self.name).splitlines()]
        return {(topic, int(partition)): int(offset) for topic, partition, offset in fields}

    def dump(self):
        """Both tables as PostgreSQL's own CSV; returns their folder."""
        folder = self.folder / "dump"
        folder.mkdir(exist_ok=True)
        for table in TABLES:
            copy = f"\\copy (SELECT * FROM {table}) TO '{folder}/{table}.csv' WITH (FORMAT csv, HEADER, FORCE_QUOTE *)"
            self.stack("psql", "-qc", copy, database=self.name)
        return folder

    def delete(self):
        self.stack("connector", self.name, "--delete", database=self.name)
        self.stack("psql", "-qc", f'DROP DATABASE "{self.name}" WITH (FORCE)', database="postgres")


class Load:
    """Changes that are being made in another process."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def is_going_on(self):
        return self.process.poll() is None

    def join(self):
        output, _ = self.process.communicate(timeout=600)
        if self.process.returncode != 0:
            raise RuntimeError(f"script/stack load: {output}")
        sys.stdout.write(output)


def program():
    """The cdclake to test: CDCLAKE_PROGRAM, or the one that script/build leaves."""
    return os.environ.get("CDCLAKE_PROGRAM", str(ROOT / "build/release/bin/cdclake"))
