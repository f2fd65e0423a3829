#!/usr/bin/env python3
"""Holds src/ to its floors: which room may include which, and where each library lives.

Floors, bottom to top: base < model < formats, platform < stages < app. An include
goes down, or to a room of the same floor that the room names in its USES. There
are no cycles, rooms of stages/ never see each other, app/pipeline does not see
app/cli, and testing/ is for tests. A folder inside a room is a room of the same
namespace; from outside of the room around it, it is seen only where a header of
that room includes it. A room has at most twelve units, a unit being a header with
its sources; tests and testing/ are not counted. Third-party headers are included
in the rooms that are their home, from .cc files. There is no list of exceptions.

usage: check_layers.py [SRC]
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

FLOORS = {"base": 0, "model": 1, "formats": 2, "platform": 2, "stages": 3, "app": 4}
ROOMS_THAT_ARE_FLOORS = {"base", "model"}
# Fakes and builders stand on what the stages stand on.
TESTING_SEES_UP_TO = FLOORS["platform"]

ARROW_HOMES = {"formats/parquet", "formats/record_files", "stages/bronze", "stages/silver_stage", "stages/silver_current"}
JSON_EVENT_HOMES = {"formats/debezium", "formats/recorded_topic"}
# The reference reads events by itself: sharing a parser with what it judges would hide faults.
REFERENCE = "testing/reference"


@dataclass(frozen=True)
class Library:
    """A third-party library: how its headers begin, its CMake targets, its home."""

    name: str
    headers: tuple[str, ...]
    targets: tuple[str, ...]
    homes: frozenset[str]

    def owns(self, header):
        """Whole names match whole, folders match as a beginning."""
        return any(header == h or (h[-1] == "/" and header.startswith(h)) for h in self.headers)


def library(name, headers, targets, homes):
    return Library(name, tuple(headers), tuple(f"cdclake::{t}" for t in targets), frozenset(homes))


LIBRARIES = [
    library("tl::expected", ["tl/"], ["expected"], {"base"}),
    library("xxHash", ["xxhash.h", "xxh3.h"], ["xxhash"], {"base"}),
    library("OpenSSL", ["openssl/"], ["openssl"], {"base"}),
    library("fmt", ["fmt/"], ["fmt"], {"base", "platform/logging"}),
    library("Arrow", ["arrow/", "parquet/"], ["arrow", "arrow_headers"], ARROW_HOMES),
    library("simdjson", ["simdjson.h"], ["simdjson"], JSON_EVENT_HOMES),
    library("zlib", ["zlib.h"], ["zlib"], {"formats/recorded_topic", REFERENCE}),
    library("zstd", ["zstd.h"], ["zstd"], {"formats/recorded_topic", REFERENCE}),
    library("nlohmann::json", ["nlohmann/"], ["json"], {"formats/json_document", REFERENCE}),
    library("spdlog", ["spdlog/"], ["spdlog"], {"platform/logging"}),
    library("SQLite", ["sqlite3.h"], ["sqlite"], {"platform/metadata/sqlite"}),
    library("libpq", ["libpq-fe.h", "postgresql/"], ["libpq"], {"platform/source_catalog"}),
    library("libcurl", ["curl/"], ["curl"], {"platform/source_catalog"}),
    library("librdkafka", ["librdkafka/"], ["rdkafka"], {"stages/source"}),
    library("CLI11", ["CLI/"], ["cli11"], {"app/cli"}),
    library("GoogleTest", ["gtest/", "gmock/"], ["gtest", "gtest_main"], {"testing"}),
    library("threads", [], ["threads"], set(FLOORS)),
]
# The only third-party headers that our own headers may include, and where.
ALLOWED_IN_HEADERS = {
    "tl/expected.hpp": lambda path, room: str(path) == "base/result.h",
    "arrow/type_fwd.h": lambda path, room: bool({room, outer_room(room)} & ARROW_HOMES),
}
PUBLIC_TARGETS = {"cdclake::expected", "cdclake::arrow_headers", "cdclake::gtest", "cdclake::threads"}

SYSTEM_FOLDERS = ("sys/", "linux/", "netinet/", "arpa/", "net/")
SYSTEM_HEADERS = {
    "dirent.h", "dlfcn.h", "execinfo.h", "fcntl.h", "grp.h", "netdb.h", "poll.h", "pthread.h",
    "pwd.h", "regex.h", "sched.h", "signal.h", "spawn.h", "termios.h", "time.h", "unistd.h", "immintrin.h",
}  # fmt: skip
# Tests, and what the tests of one room share.
TESTS_ONLY = re.compile(r"(_test\.cc|_workbench\.(h|cc))$")
UNITS_MAX = 12
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
ADD_ROOM = re.compile(r"^\s*add_room\(([^)]*)\)", re.MULTILINE)
KEYWORDS = {"SOURCES", "TESTS", "USES", "USES_PRIVATELY", "USES_PUBLICLY", "TESTS_USE"}


@dataclass
class Room:
    """What a room's CMakeLists.txt declares."""

    path: str
    words: dict[str, list[str]] = field(default_factory=dict)

    @property
    def name(self):
        return self.path.rsplit("/", 1)[-1]

    def says(self, *keywords):
        return {word for keyword in keywords for word in self.words.get(keyword, [])}


def is_testing(room):
    return room.split("/")[0] == "testing"


def is_stage(room):
    return room.startswith("stages/")


def floor_of(room):
    return FLOORS.get(room.split("/")[0])


def room_of(path):
    """The room that a path below src/ belongs to, or None outside of every room."""
    folder = path.parts[:-1]
    if folder[:1] and folder[0] in ROOMS_THAT_ARE_FLOORS:
        return folder[0]
    return "/".join(folder[:3]) if len(folder) > 1 or folder == ("testing",) else None


def outer_room(room):
    """The room around a room inside a room, else None."""
    return room.rsplit("/", 1)[0] if room.count("/") == 2 else None


def parse_add_room(text):
    """The words of the add_room call in TEXT by keyword; the name under ""."""
    match = ADD_ROOM.search(re.sub(r"#.*", "", text))
    if match is None:
        return None
    words, keyword = {}, ""
    for word in match.group(1).split():
        if word in KEYWORDS:
            keyword = word
        else:
            words.setdefault(keyword, []).append(word)
    return words


class Checker:
    def __init__(self, src):
        self.src = src
        self.faults = []
        self.rooms = {}
        self.edges = {}
        self.shown = {}

    def fault(self, where, message):
        self.faults.append(f"{where}: {message}")

    def run(self):
        self.read_rooms()
        for room in self.rooms.values():
            self.check_declarations(room)
        files = sorted(p for p in self.src.rglob("*") if p.suffix in {".h", ".cc"})
        for path in files:
            self.check_file(path.relative_to(self.src))
        for room in sorted(self.rooms):
            self.check_units(room)
        self.check_cycles()
        return len(files)

    def read_rooms(self):
        for path in sorted(self.src.rglob("CMakeLists.txt")):
            relative = path.relative_to(self.src)
            room = room_of(relative)
            if room is None:
                continue
            words = parse_add_room(path.read_text())
            if words is None:
                continue
            if "/".join(relative.parts[:-1]) != room:
                self.fault(relative, "add_room stands in the room's own folder only")
            self.rooms[room] = Room(room, words)
            if words.get("", [""])[0] != self.rooms[room].name:
                self.fault(relative, f"the room is called {self.rooms[room].name}, after its folder")

    def check_declarations(self, room):
        where = f"{room.path}/CMakeLists.txt"
        by_name = {other.name: other.path for other in self.rooms.values()}
        for word in sorted(room.says("USES", "TESTS_USE")):
            if "::" in word:
                continue
            is_test = word not in room.says("USES")
            if word not in by_name:
                self.fault(where, f"no room is called {word}")
            else:
                self.check_sight(where, room.path, by_name[word], is_test)
                if not is_test:
                    self.edges.setdefault(room.path, {}).setdefault(by_name[word], where)
        for word in sorted(room.says("USES_PRIVATELY", "USES_PUBLICLY")):
            owner = next((lib for lib in LIBRARIES if word in lib.targets), None)
            if owner is None:
                self.fault(where, f"{word} has no home; give it one in check_layers.py")
            elif not self.lives_in(owner, room.path):
                self.fault(where, f"{owner.name} lives in {', '.join(sorted(owner.homes))}")
        for word in sorted(room.says("USES_PUBLICLY") - PUBLIC_TARGETS):
            self.fault(where, f"{word} must stay out of our headers: USES_PRIVATELY")

    @staticmethod
    def lives_in(owner, room):
        around = {room, room.split("/")[0], outer_room(room)}
        return owner.name == "threads" or bool(around & owner.homes)

    def shown_by(self, outer):
        """The rooms inside OUTER that its own headers include."""
        if outer not in self.shown:
            headers = sorted((self.src / outer).glob("*.h"))
            lines = [line for path in headers for line in path.read_text().splitlines()]
            found = [match.group(2) for match in map(INCLUDE.match, lines) if match]
            self.shown[outer] = {room_of(Path(header)) for header in found}
        return self.shown[outer]

    def check_sight(self, where, room, other, is_test):
        """Checks that ROOM may see OTHER; being named in USES is checked elsewhere."""
        if is_testing(other):
            if not is_test and not is_testing(room):
                self.fault(where, "testing/ is for tests only")
        elif is_testing(room):
            if floor_of(other) > TESTING_SEES_UP_TO:
                self.fault(where, f"testing/ does not see {other}, which is above platform/")
        elif floor_of(other) > floor_of(room):
            self.fault(where, f"{room} looks up to {other}")
        elif is_stage(room) and is_stage(other) and room.split("/")[1] != other.split("/")[1]:
            self.fault(where, f"{room} sees {other}: stages meet only in the lake and the store")
        elif (room, other) == ("app/pipeline", "app/cli"):
            self.fault(where, "app/pipeline does not see app/cli")
        outer = outer_room(other)
        if outer and outer not in {room, outer_room(room)} and other not in self.shown_by(outer):
            self.fault(where, f"{other} is behind {outer}, whose headers do not show it")

    def check_file(self, path):
        room = room_of(path)
        if room is None or (floor_of(room) is None and not is_testing(room)):
            self.fault(path, "stands in no room of a known floor")
            return
        if room not in self.rooms:
            self.fault(path, f"{room}/CMakeLists.txt has no add_room")
            self.rooms[room] = Room(room)
        is_test = bool(TESTS_ONLY.search(path.name))
        text = (self.src / path).read_text(errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            match = INCLUDE.match(line)
            if match is None:
                continue
            where, header = f"{path}:{number}", match.group(2)
            if match.group(1) == '"':
                self.check_own_include(where, room, header, is_test)
            else:
                self.check_library_include(where, path, header, is_test)

    def check_units(self, room):
        """A source without a header is a part of another unit, or an entry of a table."""
        headers = (self.src / room).glob("*.h")
        units = sum(not TESTS_ONLY.search(path.name) for path in headers)
        if units > UNITS_MAX and not is_testing(room):
            self.fault(room, f"{units} units, at most {UNITS_MAX}: it wants to be two rooms")

    def check_own_include(self, where, room, header, is_test):
        if not (self.src / header).is_file():
            self.fault(where, f'"{header}" is not a path below src/')
            return
        other = room_of(Path(header))
        if other is None or other == room:
            return
        before = len(self.faults)
        self.check_sight(where, room, other, is_test)
        if len(self.faults) > before:
            return
        if floor_of(other) == floor_of(room) and not (is_test and is_testing(other)):
            named = self.rooms[room].says("USES", *(["TESTS_USE"] if is_test else []))
            name = other.rsplit("/", 1)[-1]
            if name not in named:
                self.fault(where, f"{other} is of the same floor and not named in {room}'s USES")
        if not is_test:
            self.edges.setdefault(room, {}).setdefault(other, where)

    def check_library_include(self, where, path, header, is_test):
        room = room_of(path)
        owner = next((lib for lib in LIBRARIES if lib.owns(header)), None)
        if owner is None:
            if not is_system_header(header):
                self.fault(where, f"<{header}> has no home; give its library one in check_layers.py")
            return
        if owner.name == "GoogleTest" and is_test:
            return
        if not self.lives_in(owner, room):
            self.fault(where, f"<{header}>: {owner.name} lives in {', '.join(sorted(owner.homes))}")
        elif path.suffix == ".h" and owner.name != "GoogleTest":
            allowed = ALLOWED_IN_HEADERS.get(header)
            if allowed is None or not allowed(path, room):
                self.fault(where, f"<{header}> must stay out of our headers")

    def check_cycles(self):
        done, trail = set(), []

        def visit(room):
            if room in trail:
                ring = trail[trail.index(room) :] + [room]
                self.fault(self.edges[ring[0]][ring[1]], f"a cycle of rooms: {' -> '.join(ring)}")
                return
            if room in done:
                return
            trail.append(room)
            for other in sorted(self.edges.get(room, {})):
                visit(other)
            trail.pop()
            done.add(room)

        for room in sorted(self.edges):
            visit(room)


def is_system_header(header):
    if "/" in header:
        return header.startswith(SYSTEM_FOLDERS)
    return not header.endswith((".h", ".hpp")) or header in SYSTEM_HEADERS


def main():
    default = Path(__file__).resolve().parent.parent / "src"
    src = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    checker = Checker(src)
    count = checker.run()
    for line in checker.faults:
        print(line)
    print(f"layers: {count} files in {len(checker.rooms)} rooms, {len(checker.faults)} faults")
    return 1 if checker.faults else 0


if __name__ == "__main__":
    sys.exit(main())
