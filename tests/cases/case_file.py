"""Reads a case: a text that says what happens to tables, and what their current tables hold then.

    table t: id integer key; name text        a table of the source, before its first event
    create t id=1 name="a"                    also snapshot, update: the row after the change
    update t id=1 name=unchanged              a value that did not change and was not sent
    delete t id=1                             says the key only, as Debezium does by default
    tombstone t id=1
    move t id=1 to id=2 name="a"              a key move: delete, tombstone, create
    move-away t id=1 to id=2                  its first half: delete and tombstone
    move-here t id=1 to id=2 name="a"         its second half
    truncate t
    noise                                     a record that names no table: the heartbeat of a connector
    garbage t id=1                            a record that is not JSON
    complete                                  no more input will come; the last line before `current`
    current t: exact                          what must be there now; the rows follow, indented
      id=1 name="a"

Values are JSON; cells that a row does not name are NULL; `lost` is a value that never reached us.
After `current t:` come the words that `status` must show: exact, or cause, state or reason; then
`absent` where there is no current table, `unchecked` where its rows depend on how the runs were cut.
Options stand at the end of a line, in brackets: `[partition 1, tx 7, topic all, date 2026-01-02]`;
`tx 7.2` is the second change of transaction 7, and the same again is a replay of it.
"""

import datetime
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "program"))

from change_events import UNCHANGED, Recording, Table, spell  # noqa: E402

WORDS = {"unchanged": UNCHANGED, "lost": "(lost)"}
CELL = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^\s"]+)')


@dataclass
class Expectation:
    """What `status` says of a table once the first `after` records are merged, and its rows then."""

    after: int
    table: str
    words: list
    rows: list = field(default_factory=list)


class Case:
    def __init__(self, text):
        self.tables, self.expectations, self.recording = {}, [], Recording()
        self.input_is_complete = False
        for line in text.splitlines():
            if line.strip() and not line.startswith("#"):
                self._read(line)

    def _read(self, line):
        if line.startswith(" "):
            table = self.tables[self.expectations[-1].table]
            cells = read_cells(line)
            self.expectations[-1].rows.append({name: cells.get(name) for name in table.columns})
            return
        line, options = read_options(line)
        verb, _, rest = line.partition(" ")
        name, _, rest = rest.partition(" ")
        getattr(self, "_" + verb.replace("-", "_"))(name.rstrip(":"), rest, options)

    def _table(self, name, rest, _):
        columns = [column.split() for column in rest.split(";")]
        key = [column[0] for column in columns if column[-1] == "key"]
        types = {column[0]: " ".join(word for word in column[1:] if word != "key") for column in columns}
        self.tables[name] = Table(name, types, key)

    def _current(self, name, rest, _):
        self.expectations.append(Expectation(len(self.recording.records), name, rest.split()))

    def _create(self, name, rest, options):
        self.recording.event("c", self.tables[name], read_cells(rest), **options)

    def _update(self, name, rest, options):
        self.recording.event("u", self.tables[name], read_cells(rest), **options)

    def _snapshot(self, name, rest, options):
        self.recording.event("r", self.tables[name], read_cells(rest), **options)

    def _delete(self, name, rest, options):
        self.recording.event("d", self.tables[name], read_cells(rest), **options)

    def _tombstone(self, name, rest, options):
        self.recording.tombstone(self.tables[name], read_cells(rest), **options)

    def _truncate(self, name, _, options):
        self.recording.event("t", self.tables[name], {}, **options)

    def _garbage(self, name, rest, _):
        self.recording.add(self.recording.topic(self.tables[name]), spell(read_cells(rest)), '{"before":nul')

    def _complete(self, *_):
        self.input_is_complete = True

    def _noise(self, *_):
        self.recording.add("__debezium-heartbeat.shop", '{"serverName":"shop"}', '{"ts_ms":1}')

    def _move(self, name, rest, options):
        self._transaction_of(options)
        self._move_away(name, rest, options)
        self._move_here(name, rest, options)

    def _move_away(self, name, rest, options):
        table, old, new = self._keys(name, rest)
        headers = ["__debezium.newkey", spell({column: new[column] for column in table.key})]
        self.recording.event("d", table, old, headers=headers, **options)
        where = {option: options[option] for option in ("topic", "partition") if option in options}
        self.recording.tombstone(table, old, headers=headers, **where)

    def _move_here(self, name, rest, options):
        table, old, new = self._keys(name, rest)
        headers = ["__debezium.oldkey", spell({column: old[column] for column in table.key})]
        self.recording.event("c", table, new, headers=headers, **options)

    def _keys(self, name, rest):
        old, _, new = rest.partition(" to ")
        old, new = read_cells(old), read_cells(new)
        return self.tables[name], old, {**old, **new}

    def _transaction_of(self, options):
        options.setdefault("at", (1000 + len(self.recording.records), 1))


def read_cells(text):
    return {name: WORDS[value] if value in WORDS else json.loads(value) for name, value in CELL.findall(text)}


def read_options(line):
    found, options = re.search(r"\s*\[([^\]]*)\]$", line), {}
    for option in found.group(1).split(",") if found else ():
        name, value = option.split()
        if name == "partition":
            options[name] = int(value)
        elif name == "tx":
            transaction, _, place = value.partition(".")
            options["at"] = (int(transaction), int(place or 1))
        elif name == "date":
            date = datetime.datetime.fromisoformat(value).replace(tzinfo=datetime.UTC)
            options["ts_ms"] = int(date.timestamp() * 1000)
        else:
            options[name] = value
    return line[: found.start()] if found else line, options
