"""A lake and the cdclake processes that work on it."""

import os
import signal
import subprocess
import time

from live_stack import program

END_SECONDS_MAX = 10  # What a process may take to end after SIGTERM.


class Lake:
    """Folders of one lake, and how cdclake is started on them."""

    def __init__(self, folder, settings):
        self.bronze = folder / "bronze"
        self.silver = folder / "silver"
        self.log = folder / "stderr"
        self.log.touch()
        self.started = []
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("CDCLAKE_", "SOURCE_DB_"))}
        self.environment = {
            **inherited,
            "BRONZE_BASE_PATH": str(self.bronze),
            "SILVER_BASE_PATH": str(self.silver),
            "METADATA_DB": str(folder / "metadata/pipeline_meta.sqlite"),
            "LOG_BASE_PATH": str(folder / "logs"),
            **settings,
        }

    def start(self, *arguments):
        """`cdclake run`, which keeps going."""
        return Running(self, ["run", *arguments])

    def once(self, *arguments):
        """Runs `cdclake run --once` to its end; fails unless it is done and every table is exact."""
        running = Running(self, ["run", "--once", *arguments])
        code = running.wait(300)
        assert code == 0, f"run --once ended with {code}:\n{running.messages()}"
        return running

    def status(self):
        command = [program(), "status"]
        return subprocess.run(command, env=self.environment, text=True, capture_output=True).stdout

    def current(self, table):
        return self.silver / "current" / f"table={table}"


class Running:
    """One process of cdclake; how long it ran and what it used is known after its end."""

    def __init__(self, lake, arguments):
        self.lake = lake
        lake.started.append(self)
        self.log_begin = lake.log.stat().st_size
        self.began = time.monotonic()
        self.cpu_seconds = None
        self.peak_megabytes = None
        with lake.log.open("a") as log:
            self.process = subprocess.Popen(
                [program(), *arguments], env=lake.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )

    def messages(self):
        with self.lake.log.open() as log:
            log.seek(self.log_begin)
            return log.read()

    def is_alive(self):
        return self._reap(os.WNOHANG) is None

    def wait(self, seconds):
        """The exit code, negative for a signal."""
        deadline = time.monotonic() + seconds
        while (code := self._reap(os.WNOHANG)) is None:
            assert time.monotonic() < deadline, f"cdclake did not end in {seconds} s:\n{self.messages()}"
            time.sleep(0.02)
        return code

    def _reap(self, options):
        if self.process.returncode is None:
            pid, status, usage = os.wait4(self.process.pid, options)
            if pid == 0:
                return None
            self.process.returncode = os.waitstatus_to_exitcode(status)
            self.cpu_seconds = usage.ru_utime + usage.ru_stime
            self.peak_megabytes = usage.ru_maxrss / 1024
            self.seconds = time.monotonic() - self.began
        return self.process.returncode

    def end(self, expected=0):
        """Asks it to end by SIGTERM, and holds it to what is promised of that."""
        assert self.is_alive(), f"cdclake has ended by itself:\n{self.messages()}"
        asked = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.wait(END_SECONDS_MAX)
        print(f"cdclake ended {time.monotonic() - asked:.2f} s after SIGTERM")
        assert code == expected, f"SIGTERM ended it with {code}:\n{self.messages()}"

    def kill(self):
        """Ends it by SIGKILL, as a power cut would."""
        if self.is_alive():
            self.process.kill()
            self.wait(10)
