"""What `power_cut.py` says of itself, on journals of a few lines."""

import pytest
from power_cut import Deal, Disk, Journal, Snapshot


@pytest.fixture
def journal(tmp_path):
    """Makes a journal on a folder that holds `old` with the bytes "before" and a folder `sub`."""
    folder = tmp_path / "disk"
    (folder / "sub").mkdir(parents=True)
    (folder / "old").write_bytes(b"before")
    inodes = {f"@{name}": (folder / name).stat().st_ino for name in ("", "old", "sub")}

    def make(*records):
        path = tmp_path / "journal"
        with open(path, "wb") as file:
            for words, *content in records:
                words = [str(inodes.get(word, word)) for word in words.split()]
                file.write("\t".join(words).encode() + b"\n" + b"".join(content))
        return Journal(Snapshot(folder), path)

    return make


def shown(journal, kind, cut=None, seed=0):
    disk = Disk(journal, journal.length if cut is None else cut, Deal(kind, seed))

    def walk(folder, prefix):
        for name, node in disk.names(folder).items():
            if node.is_folder:
                yield from walk(node, f"{prefix}{name}/")
            else:
                yield prefix + name, disk.content(node)

    return dict(walk(journal.root, ""))


BEFORE = {"old": b"before"}
NEW_FILE = [("create @ 7777 new",), ("write 7777 0 4", b"text")]


def test_what_is_not_synced_is_gone_or_there(journal):
    it = journal(*NEW_FILE)
    assert shown(it, "nothing") == BEFORE
    assert shown(it, "everything") == BEFORE | {"new": b"text"}
    assert shown(it, "names only")["new"] in (b"", bytes(4))
    assert shown(it, "bytes only") == BEFORE
    assert shown(it, "everything", cut=1) == BEFORE | {"new": b""}


def test_a_synced_file_has_its_bytes_and_not_its_name(journal):
    it = journal(*NEW_FILE, ("sync 7777",))
    assert shown(it, "nothing") == BEFORE
    assert shown(it, "names only") == BEFORE | {"new": b"text"}


def test_a_synced_folder_has_its_names_and_not_the_bytes(journal):
    it = journal(*NEW_FILE, ("sync @",))
    assert shown(it, "nothing") == BEFORE | {"new": b""}
    assert shown(it, "bytes only") == BEFORE | {"new": b"text"}


def test_a_rename_is_one_step(journal):
    it = journal(("rename @ @sub old new",))
    assert shown(it, "nothing") == BEFORE
    assert shown(it, "everything") == {"sub/new": b"before"}
    assert {tuple(shown(it, "each for itself", seed=seed)) for seed in range(20)} == {("old",), ("sub/new",)}


def test_of_a_rename_into_a_synced_folder_the_old_name_may_stay(journal):
    it = journal(("rename @ @sub old new",), ("sync @sub",))
    assert set(shown(it, "nothing")) == {"old", "sub/new"}
    assert set(shown(it, "everything")) == {"sub/new"}
    whole = journal(("rename @ @sub old new",), ("sync @sub",), ("sync @",))
    assert set(shown(whole, "nothing")) == {"sub/new"}


def test_an_exchange_is_certain_when_both_folders_are_synced(journal):
    made = [("create @sub 7777 new",), ("sync @sub",), ("exchange @ @sub old new",), ("sync @",)]
    assert shown(journal(*made), "nothing") == {"old": b"before", "sub/new": b""}
    assert shown(journal(*made, ("sync @sub",)), "nothing") == {"old": b"", "sub/new": b"before"}


def test_a_removed_name_may_come_back_until_its_folder_is_synced(journal):
    assert shown(journal(("unlink @ old",)), "nothing") == BEFORE
    assert shown(journal(("unlink @ old",), ("sync @",)), "nothing") == {}


def test_a_write_may_be_torn_between_sectors(journal):
    it = journal(("write @old 0 1024", b"x" * 1024))
    contents = {shown(it, "each for itself", seed=seed)["old"] for seed in range(60)}
    assert {b"before", b"x" * 1024, b"x" * 6} <= contents
    assert any(content.startswith(b"before\0") and content.endswith(b"xx") for content in contents)
    assert all(content[:6] in (b"before", b"x" * 6) for content in contents)


def test_what_was_synced_before_a_write_stays_below_it(journal):
    it = journal(("write @old 0 5", b"after"), ("sync @old",), ("write @old 0 2", b"zz"), ("length @old 3",))
    assert shown(it, "nothing")["old"] == b"aftere"
    assert shown(it, "everything")["old"] == b"zzt"
