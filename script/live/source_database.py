"""The source database, reached by psql, where SOURCE_DB_HOST, _PORT, _NAME, _USER and _PASSWORD say."""

import os
import subprocess


class SourceDatabase:
    def __init__(self, name=None):
        self.host = os.environ["SOURCE_DB_HOST"]
        self.port = os.environ["SOURCE_DB_PORT"]
        self.user = os.environ["SOURCE_DB_USER"]
        self.password = os.environ["SOURCE_DB_PASSWORD"]
        self.name = name or os.environ["SOURCE_DB_NAME"]

    def psql(self, *arguments):
        """The command line of a psql that stops at the first error and says nothing else."""
        where = ["-h", self.host, "-p", self.port, "-U", self.user, "-d", self.name]
        return ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *where, *arguments]

    def environment(self):
        return {
            **os.environ,
            "PGPASSWORD": self.password,
            "PGCLIENTENCODING": "UTF8",
            "PGOPTIONS": "-c client_min_messages=warning -c timezone=UTC",
        }

    def run(self, sql):
        """Runs statements, each in a transaction of its own, and returns psql's lines."""
        done = subprocess.run(
            self.psql(), input=sql, env=self.environment(), text=True, capture_output=True
        )
        if done.returncode != 0:
            raise RuntimeError(f"database {self.name}: {done.stderr.strip()}")
        return done.stdout.splitlines()


def literal(value):
    """The value as an SQL literal."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)
