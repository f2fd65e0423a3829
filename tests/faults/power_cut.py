"""What a disk may hold after a power cut, made from the journal that `record_shim.cc` writes.

The model, stricter than any file system that we know:

- What was synced is there: the bytes and the length of a synced file, the names in a synced folder.
- What was not synced may be there or not, each for itself and in any order: a sector of 512 bytes holds
  what was written to it up to a moment of its own, the length of a file is one of those it had, a name
  stands in its folder or not. So the end of a write may be torn, or be there as zeros.
- A rename is one step: the new name without the old one, or the old one alone; and, where the new name's
  folder was synced and the old one's was not, perhaps both (a file system without a journal). An exchange
  happens as a whole or not at all, and is certain when both of its folders were synced.
- A sync of a file says nothing of its name.

Not in it: a disk that says "synced" and is not, a sector that holds half of its new bytes.
"""

import hashlib
import os
import random
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512


@dataclass(eq=False)
class Node:
    """A file or a folder, whatever names it has."""

    is_folder: bool
    content: bytes = b""  # Of a file, before the journal.
    names: dict = field(default_factory=dict)  # Of a folder, before the journal.


@dataclass(eq=False)
class Effect:
    """What one operation does to the disk; `at` counts the operations."""

    at: int
    names = ()


@dataclass(eq=False)
class Write(Effect):
    node: Node
    offset: int
    content: bytes | None = None  # None: the length becomes `offset`.


@dataclass(eq=False)
class Names(Effect):
    """Names given and taken, in one step: (folder, name, node or None)."""

    names: list


class Journal:
    """The operations of a run on a folder, of which `before` is a snapshot."""

    def __init__(self, before, path):
        self.root, self.effects, self.syncs, self._nodes = before.root, [], [], dict(before.nodes)
        self.length = 0
        self._now = {}  # (folder, name): node, as the running program sees it.
        for node in before.nodes.values():
            self._now.update({(node, name): child for name, child in node.names.items()})
        self._read(path)

    def _read(self, path):
        rest = path.read_bytes()
        begin = 0
        while begin < len(rest):
            end = rest.index(b"\n", begin)
            word, *fields = rest[begin:end].decode().split("\t")
            begin = end + 1
            self.length += 1
            if word == "write":
                length = int(fields[2])
                fields[2] = rest[begin : begin + length]
                begin += length
            getattr(self, "_" + word)(*fields)

    def _node(self, inode):
        return self._nodes[int(inode)]

    def _new(self, inode, is_folder):
        self._nodes[int(inode)] = Node(is_folder)
        return self._nodes[int(inode)]

    def _name(self, *changes):
        self.effects.append(Names(self.length, list(changes)))
        for folder, name, node in changes:
            self._now[folder, name] = node

    def _create(self, folder, inode, name):
        folder = self._node(folder)
        if self._now.get((folder, name)) is None:
            self._name((folder, name, self._new(inode, False)))

    def _mkdir(self, folder, inode, name):
        self._name((self._node(folder), name, self._new(inode, True)))

    def _write(self, inode, offset, content):
        self.effects.append(Write(self.length, self._node(inode), int(offset), content))

    def _length(self, inode, length):
        self.effects.append(Write(self.length, self._node(inode), int(length)))

    def _rename(self, from_folder, to_folder, old, new):
        from_folder, to_folder = self._node(from_folder), self._node(to_folder)
        # The new name first: where only its folder is certain, the old one may be there as well.
        self._name((to_folder, new, self._now[from_folder, old]), (from_folder, old, None))

    def _exchange(self, from_folder, to_folder, old, new):
        one, other = (self._node(from_folder), old), (self._node(to_folder), new)
        self._name((*one, self._now[other]), (*other, self._now[one]))

    def _link(self, folder, inode, name):
        self._name((self._node(folder), name, self._node(inode)))

    def _unlink(self, folder, name):
        self._name((self._node(folder), name, None))

    def _sync(self, inode):
        self.syncs.append((self.length, self._node(inode)))


class Snapshot:
    """A folder as it lies on the disk, every byte of it certain."""

    def __init__(self, folder, without=()):
        self.nodes = {}
        self.root = self._take(Path(folder), set(without))

    def _take(self, path, without):
        inode = path.stat().st_ino
        if inode in self.nodes:
            return self.nodes[inode]
        node = self.nodes[inode] = Node(path.is_dir())
        if node.is_folder:
            kept = [each for each in sorted(path.iterdir()) if each not in without]
            node.names = {each.name: self._take(each, without) for each in kept}
        else:
            node.content = path.read_bytes()
        return node


class Deal:
    """Decides what of the unsynced survives a cut. "in order": of the names, those up to one moment."""

    KINDS = ("nothing", "everything", "in order", "names only", "bytes only", "each for itself")

    def __init__(self, kind, seed):
        self._kind, self._draw, self._end = kind, random.Random(f"{kind} {seed}"), 0

    def begin(self, unsure):
        self._end = self._draw.choice([effect.at for effect in unsure] or [0])

    def keeps_names(self, effect):
        if self._kind == "in order":
            return effect.at <= self._end
        if self._kind == "each for itself":
            return self._draw.random() < 0.5
        return self._kind in ("everything", "names only")

    def moment_of_sector(self, writes):
        """Up to which of the unsynced `writes` (their numbers) a sector holds them; -1: none."""
        if self._kind in ("nothing", "names only"):
            return -1
        return writes[-1] if self._kind in ("everything", "bytes only") else self._draw.choice([-1, *writes])

    def moment_of_length(self, writes):
        return self._draw.choice([-1, *writes]) if self._kind == "names only" else self.moment_of_sector(writes)


class Disk:
    """What is there after a cut behind the `cut`-th operation of a journal."""

    def __init__(self, journal, cut, deal, honours=lambda node: True):
        """`honours`: whether a sync of the node does anything; for the test of the test."""
        self._root = journal.root
        effects = [effect for effect in journal.effects if effect.at <= cut]
        syncs = [(at, node) for at, node in journal.syncs if at <= cut and honours(node)]
        last_sync = {node: at for at, node in syncs}
        unsure = [effect for effect in effects if not is_certain(effect, last_sync)]
        deal.begin(unsure)
        self._names, written = {}, {}
        for effect in effects:
            if isinstance(effect, Write):
                written.setdefault(effect.node, []).append(effect)
            else:
                self._apply_names(effect, last_sync, deal)
        self._content = {
            node: content_of(node, writes, last_sync.get(node, -1), deal) for node, writes in written.items()
        }

    def _apply_names(self, effect, last_sync, deal):
        sure = [last_sync.get(folder, -1) >= effect.at for folder, _, _ in effect.names]
        is_exchange = len(effect.names) == 2 and effect.names[1][2] is not None
        keeps = all(sure) or (sure[-1] and not is_exchange) or deal.keeps_names(effect)
        if len(sure) == 2 and sure[0] and not is_exchange:
            # The new name is certain; the old one may have stayed.
            self._assign(*effect.names[0])
            if keeps:
                self._assign(*effect.names[1])
        elif keeps:
            for change in effect.names:
                self._assign(*change)

    def _assign(self, folder, name, node):
        self._names.setdefault(folder, dict(folder.names))[name] = node

    def names(self, folder):
        return {name: node for name, node in self._names.get(folder, folder.names).items() if node}

    def content(self, node):
        return self._content.get(node, node.content)

    def digest(self):
        """Equal of two disks that hold the same; one of them is enough to try."""
        hashed, numbers = hashlib.sha256(), {}

        def add(node):
            is_known = node in numbers
            numbers.setdefault(node, len(numbers))
            hashed.update(b"%d %d\n" % (numbers[node], node.is_folder))
            if is_known:
                return
            if node.is_folder:
                for name, child in sorted(self.names(node).items()):
                    hashed.update(name.encode() + b"\n")
                    add(child)
            else:
                hashed.update(self.content(node))

        add(self._root)
        return hashed.hexdigest()

    def write(self, folder):
        """Puts it into a folder that is not there yet."""
        first = {}

        def put(node, path):
            if node.is_folder:
                path.mkdir(mode=0o750)
                for name, child in self.names(node).items():
                    put(child, path / name)
            elif node in first:
                os.link(first[node], path)
            else:
                path.write_bytes(self.content(node))
                first[node] = path

        put(self._root, Path(folder))


def is_certain(effect, last_sync):
    if isinstance(effect, Names):
        return all(last_sync.get(folder, -1) >= effect.at for folder, _, _ in effect.names)
    return last_sync.get(effect.node, -1) >= effect.at


def content_of(node, writes, synced, deal):
    """The bytes of a file: the certain ones, and of the others what the deal keeps, sector by sector."""
    content, size = bytearray(node.content), len(node.content)
    sizes = []  # What an unsynced operation made of it.
    for write in (write for write in writes if write.at <= synced):
        size = apply(content, write)
    pending = [write for write in writes if write.at > synced]
    touched = {}
    growing = size
    for write in pending:
        growing = write.offset if write.content is None else max(growing, write.offset + len(write.content))
        sizes.append((write.at, growing))
        for sector in sectors_of(write):
            touched.setdefault(sector, []).append(write.at)
    if not pending:
        return bytes(content)
    kept = {sector: deal.moment_of_sector(numbers) for sector, numbers in touched.items()}
    for write in pending:
        for sector in sectors_of(write):
            if write.at <= kept[sector]:
                begin = max(write.offset, sector * SECTOR)
                end = min(write.offset + len(write.content), (sector + 1) * SECTOR)
                put_at(content, begin, write.content[begin - write.offset : end - write.offset])
    moment = deal.moment_of_length([at for at, _ in sizes])
    length = next((grown for at, grown in reversed(sizes) if at <= moment), size)
    del content[length:]
    return bytes(content.ljust(length, b"\0"))


def sectors_of(write):
    if not write.content:
        return range(0)
    return range(write.offset // SECTOR, (write.offset + len(write.content) - 1) // SECTOR + 1)


def put_at(content, begin, piece):
    if len(content) < begin:
        content.extend(bytes(begin - len(content)))
    content[begin : begin + len(piece)] = piece


def apply(content, write):
    if write.content is None:
        del content[write.offset :]
        content.extend(bytes(write.offset - len(content)))
    else:
        put_at(content, write.offset, write.content)
    return len(content)
