"""Drop folders: each file is complete or absent, and is taken once."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from opencasb.discovery.receivers.attempts import Attempts
from opencasb.discovery.receivers.drop import (
    LARGEST_GAP,
    LONGEST_NAME,
    DropFolder,
    Missing,
    Refused,
    checked_name,
)
from opencasb.discovery.receivers.folder import KEPT_FILES, PROCESSED, file_id


def put(folder: DropFolder, name: str, content: bytes = b"line\n") -> None:
    """Deliver a complete file."""
    with folder.write(name, resumed=False) as incoming:
        incoming.write(content)
        incoming.commit()


def test_a_file_has_its_name_when_it_is_whole(tmp_path: Path) -> None:
    """Until then it is neither visible nor taken; its sender can ask for its current size and resume."""
    folder = DropFolder(tmp_path)
    with folder.write("logs/a.log", resumed=False) as incoming:
        incoming.write(b"one\n")
        assert folder.names() == []
        assert folder.take(lambda _path, _id: pytest.fail("it is not whole")) == 0
    under_way = folder.find("a.log")
    assert under_way is not None
    assert under_way.stat().st_size == 4
    with folder.write("a.log", resumed=True) as incoming:
        incoming.seek(4)
        incoming.write(b"two\n")
        incoming.commit()
    assert folder.names() == ["a.log"]
    assert (tmp_path / "a.log").read_bytes() == b"one\ntwo\n"


def test_files_are_taken_once_and_the_newest_stay(tmp_path: Path) -> None:
    """If the process is killed between handing a file over and moving it, the file has the same id again."""
    folder = DropFolder(tmp_path)
    for number in range(KEPT_FILES + 2):
        put(folder, f"{number}.log")
    ids: list[str] = []

    def killed(path: Path, upload_id: str) -> None:
        ids.append(upload_id)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folder.take(killed)
    taken: dict[str, str] = {}
    assert folder.take(lambda path, upload_id: taken.update({upload_id: path.name})) == KEPT_FILES + 2
    assert ids[0] in taken
    assert len(taken) == KEPT_FILES + 2
    assert folder.take(lambda _path, _id: None) == 0
    assert len([*(tmp_path / PROCESSED).iterdir()]) == KEPT_FILES
    assert folder.find("9.log") is not None, "a sender that looks after its file finds it"


def test_a_file_that_cannot_be_taken_keeps_no_other_back(tmp_path: Path) -> None:
    """It is reported once, stays, and is retried; a full disk would affect all files."""
    folder, attempts = DropFolder(tmp_path), Attempts(now=lambda: 0)
    for name in ("a.log", "b.log"):
        put(folder, name)

    def take(path: Path, _id: str) -> None:
        if path.name == "a.log":
            raise OSError(5, "Input/output error", str(path))

    with pytest.raises(OSError, match="Input/output error"):
        folder.take(take, attempts)
    assert folder.names() == ["a.log"]
    assert folder.take(take, attempts) == 0

    def full(_path: Path, _id: str) -> None:
        raise OSError(28, "No space left on device")

    for _ in range(2):
        with pytest.raises(OSError, match="No space left"):
            folder.take(full)


def test_a_file_that_goes_while_it_is_looked_at_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sender renamed or removed it; the others are taken."""
    drop = DropFolder(tmp_path)
    (tmp_path / "a.log").write_bytes(b"1\n")
    monkeypatch.setattr(DropFolder, "names", lambda _: ["a.log", "gone.log"])
    assert drop.take(lambda _path, _id: None) == 1


def test_a_second_file_of_a_name_replaces_none(tmp_path: Path) -> None:
    """Appliances may send every file under one name; the same bytes sent again have another id."""
    folder = DropFolder(tmp_path)
    put(folder, "a.log", b"one\n")
    put(folder, "a.log", b"two\n")
    put(folder, "a.log", b"two\n")
    assert {(tmp_path / name).read_bytes() for name in folder.names()} == {b"one\n", b"two\n"}
    assert len({file_id(tmp_path / name) for name in folder.names()}) == 3


def test_two_transfers_cannot_write_one_file(tmp_path: Path) -> None:
    """The second one is rejected until the first has ended."""
    folder = DropFolder(tmp_path)
    with folder.write("a.log", resumed=False), pytest.raises(Refused, match="another transfer"):
        folder.write("a.log", resumed=False)
    folder.write("a.log", resumed=False).close()


@pytest.mark.parametrize("place", [None, 0])
def test_what_does_not_fit_is_told(tmp_path: Path, place: int | None) -> None:
    """When space runs out, the system writes only part of a piece and returns its length."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with DropFolder(tmp_path).write("a.log", resumed=False) as file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60, hard))
        try:
            with pytest.raises(OSError, match="File too large"):
                file.write(b"x" * 100) if place is None else file.write_at(place, b"x" * 100)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert file.write(b"y" * 100) == file.write_at(60, b"z" * 100) == 100


def test_a_piece_far_ahead_of_the_others_does_not_make_a_huge_file(tmp_path: Path) -> None:
    """One somewhat ahead waits for the others."""
    folder = DropFolder(tmp_path)
    with folder.write("a.log", resumed=False) as incoming:
        incoming.write_at(0, b"one\n")
        incoming.write_at(8, b"two\n")
        incoming.write_at(4, b"and\n")
        with pytest.raises(Missing):
            incoming.write_at(12 + LARGEST_GAP + 1, b"far\n")
        with pytest.raises(Missing):
            incoming.commit()
    found = folder.find("a.log")
    assert found is not None
    assert found.read_bytes() == b"one\nand\ntwo\n"
    assert folder.names() == []


def test_unfinished_names_wait_for_their_sender(tmp_path: Path) -> None:
    """A file may be sent as .part and renamed; a deleted one is gone."""
    folder = DropFolder(tmp_path)
    put(folder, "a.log.part")
    put(folder, "b.tmp")
    assert folder.take(lambda _path, _id: pytest.fail("it has an unfinished name")) == 0
    folder.remove("b.tmp")
    folder.rename("/any/a.log.part", "a.log")
    assert folder.names() == ["a.log"]
    for missing in ("b.tmp", "c.log"):
        with pytest.raises(Refused, match="not here"):
            folder.remove(missing)
        with pytest.raises(Refused, match="not here"):
            folder.rename(missing, "d.log")


@pytest.mark.parametrize("name", ["", "/", "..", ".hidden", "a/..", "a\0b", "a\nb", "x" * (LONGEST_NAME + 1)])
def test_no_name_leaves_the_directory_or_hides(name: str) -> None:
    """Names of directories and hidden files, and control characters, are rejected."""
    with pytest.raises(Refused, match="not a valid name"):
        checked_name(name)


def test_no_file_stands_where_the_taken_ones_are_kept(tmp_path: Path) -> None:
    """Neither sent nor renamed so: it would keep back all others."""
    folder = DropFolder(tmp_path)
    put(folder, "a.log")
    with pytest.raises(Refused, match="not 'processed'"):
        put(folder, PROCESSED)
    with pytest.raises(Refused, match="not 'processed'"):
        folder.rename("a.log", f"/{PROCESSED}")
    assert folder.take(lambda _path, _id: None) == 1
    assert folder.names() == []


def test_a_path_is_its_last_part() -> None:
    """Directories that the sender assumes are ignored."""
    assert checked_name("/../../etc/passwd") == "passwd"
    assert checked_name("C:\\logs\\a b.log") == "a b.log"
