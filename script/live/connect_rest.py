"""Kafka Connect's REST interface, at CONNECT_URL."""

import json
import os
import time
import urllib.error
import urllib.request


class ConnectError(RuntimeError):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class ConnectRest:
    def __init__(self):
        self.url = os.environ["CONNECT_URL"]

    def call(self, method, path, body=None):
        """Answers the decoded body; tries again while the worker is busy rebalancing."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return self._call_once(method, path, body)
            except ConnectError as error:
                if error.status != 409 or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def _call_once(self, method, path, body):
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=90) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise ConnectError(error.code, f"Connect: {_message_of(error)}") from None
        except OSError as error:
            raise ConnectError(None, f"Connect does not answer at {self.url}: {error}") from None
        return json.loads(text) if text else None

    def is_healthy(self):
        try:
            return self.call("GET", "/health")["status"] == "healthy"
        except ConnectError:
            return False

    def names(self):
        return sorted(self.call("GET", "/connectors"))

    def config(self, name):
        return self.call("GET", f"/connectors/{name}/config")

    def put(self, name, config):
        self.call("PUT", f"/connectors/{name}/config", config)

    def states(self, name):
        """The state of the connector and of its tasks, and the trace of the first failure."""
        try:
            status = self.call("GET", f"/connectors/{name}/status")
        except ConnectError as error:
            if error.status == 404:  # Created, but the worker has not taken it up yet.
                return "UNASSIGNED", [], ""
            raise
        tasks = [task["state"] for task in status["tasks"]]
        traces = [part["trace"] for part in [status["connector"], *status["tasks"]] if "trace" in part]
        return status["connector"]["state"], tasks, traces[0] if traces else ""

    def streamed_to(self, name):
        """The LSN of the last streamed change that is surely in Kafka; None before the first one.

        Connect commits a source offset only when the brokers have acknowledged every record up to
        it, in all topics.
        """
        for entry in self.call("GET", f"/connectors/{name}/offsets")["offsets"]:
            offset = entry["offset"]
            if offset and not offset.get("snapshot"):
                return int(offset["lsn"])
        return None

    def delete_with_offsets(self, name):
        """Deletes the connector; one of the same name then starts from a new snapshot."""
        self.call("PUT", f"/connectors/{name}/stop")
        deadline = time.monotonic() + 60
        while self.states(name)[:2] != ("STOPPED", []):
            if time.monotonic() > deadline:
                raise ConnectError(None, f"connector {name} does not stop")
            time.sleep(0.1)
        self.call("DELETE", f"/connectors/{name}/offsets")
        self.call("DELETE", f"/connectors/{name}")


def _message_of(error):
    text = error.read().decode(errors="replace")
    try:
        return json.loads(text)["message"]
    except (ValueError, KeyError, TypeError):
        return f"HTTP {error.code} {text[:300]}"
