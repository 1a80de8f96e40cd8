"""The folder receiver takes complete files once."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from opencasb.discovery.receivers import folder as module
from opencasb.discovery.receivers.attempts import Attempts
from opencasb.discovery.receivers.folder import KEPT_FILES, PROCESSED, TAKING, FolderWatch
from tests.identity.standin import HandClock


def test_a_file_is_taken_when_it_stopped_changing(tmp_path: Path) -> None:
    """A growing file is left alone; once complete, it is taken exactly once and moved to processed/."""
    taken: list[bytes] = []
    watch = FolderWatch(tmp_path, lambda path, _id: taken.append(path.read_bytes()))
    (tmp_path / "a.log").write_bytes(b"1\n")
    assert watch.poll() == 0
    (tmp_path / "a.log").write_bytes(b"1\n2\n")
    assert watch.poll() == 0
    assert watch.poll() == 1
    assert watch.poll() == 0
    assert taken == [b"1\n2\n"]
    assert (tmp_path / PROCESSED / "a.log").read_bytes() == b"1\n2\n"


def test_unfinished_names_links_and_folders_are_left_alone(tmp_path: Path) -> None:
    """Dot files, partial names, links and folders are not logs."""
    watch = FolderWatch(tmp_path, lambda _path, _id: None)
    for name in (".hidden", "b.part", "c.tmp", "d.filepart"):
        (tmp_path / name).write_text("x")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "sub").mkdir()
    assert [watch.poll() for _ in range(3)] == [0, 0, 0]


@pytest.mark.parametrize("name", [TAKING, PROCESSED])
def test_nobody_leads_us_elsewhere_by_a_link(tmp_path: Path, name: str) -> None:
    """Our own files are neither read nor moved away nor replaced, such as the keys."""
    keys, watched = tmp_path / "keys", tmp_path / "watched"
    for folder in (keys, watched):
        folder.mkdir()
    (keys / "vault").write_bytes(b"secret")
    (watched / name).symlink_to(keys)
    (watched / "vault").write_bytes(b"known")
    taken: list[bytes] = []
    watch = FolderWatch(watched, lambda path, _id: taken.append(path.read_bytes()))
    for _ in range(3):
        with suppress(OSError):
            watch.poll()
    assert (keys / "vault").read_bytes() == b"secret"
    assert [path.name for path in keys.iterdir()] == ["vault"]
    assert taken == []


def test_a_file_that_becomes_a_link_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at it and its turn."""
    secret, watched, taken = tmp_path / "secret", tmp_path / "watched", list[bytes]()
    watched.mkdir()
    secret.write_bytes(b"secret")
    (watched / "a.log").write_bytes(b"1\n")
    watch = FolderWatch(watched, lambda path, _id: taken.append(path.read_bytes()))
    watch.poll()
    moved = watch._moved

    def swapped(path: Path) -> Path:
        path.unlink()
        path.symlink_to(secret)
        return moved(path)

    monkeypatch.setattr(watch, "_moved", swapped)
    with pytest.raises(OSError, match="is a link now"):
        watch.poll()
    assert taken == []


def test_only_the_newest_processed_files_are_kept(tmp_path: Path) -> None:
    """The backup does not fill the disk."""
    watch = FolderWatch(tmp_path, lambda _path, _id: None)
    for number in range(KEPT_FILES + 5):
        (tmp_path / f"{number}.log").write_text("x")
    watch.poll()
    assert watch.poll() == KEPT_FILES + 5
    assert len(list((tmp_path / PROCESSED).iterdir())) == KEPT_FILES


def test_a_folder_among_the_processed_files_stays(tmp_path: Path) -> None:
    """And keeps no old file from being removed."""
    (tmp_path / PROCESSED / "mine").mkdir(parents=True)
    watch = FolderWatch(tmp_path, lambda _path, _id: None)
    for number in range(KEPT_FILES + 2):
        (tmp_path / f"{number}.log").write_bytes(b"1\n")
    assert [watch.poll(), watch.poll()] == [0, KEPT_FILES + 2]
    assert len([*(tmp_path / PROCESSED).glob("*.log")]) == KEPT_FILES
    assert (tmp_path / PROCESSED / "mine").is_dir()


def test_a_file_that_goes_while_it_is_looked_at_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sender renamed or removed it; the others are taken."""
    looks = iter([False, True, False])
    is_named = module._is_named

    def looked(path: Path) -> bool:
        if path.name == "b.log" and next(looks):
            path.unlink()
        return is_named(path)

    for name in ("a.log", "b.log"):
        (tmp_path / name).write_bytes(b"1\n")
    monkeypatch.setattr(module, "_is_named", looked)
    watch = FolderWatch(tmp_path, lambda _path, _id: None)
    assert [watch.poll(), watch.poll()] == [0, 1]


def test_another_file_of_the_name_is_taken_too(tmp_path: Path) -> None:
    """A file renamed into place while another is read is neither moved away unread nor mistaken for it."""
    taken: dict[str, bytes] = {}

    def take(path: Path, upload_id: str) -> None:
        taken[upload_id] = path.read_bytes()
        if len(taken) == 1:
            (tmp_path / "next.tmp").write_bytes(b"2\n")
            (tmp_path / "next.tmp").replace(tmp_path / "a.log")

    watch = FolderWatch(tmp_path, take)
    (tmp_path / "a.log").write_bytes(b"1\n")
    assert [watch.poll() for _ in range(4)] == [0, 1, 0, 1]
    assert [*taken.values()] == [b"1\n", b"2\n"]


def test_a_taking_that_was_cut_off_is_repeated(tmp_path: Path) -> None:
    """After a kill the file is the same upload again; moved back manually it is a new one."""
    ids: list[str] = []

    def killed(_path: Path, upload_id: str) -> None:
        ids.append(upload_id)
        raise KeyboardInterrupt

    watch = FolderWatch(tmp_path, killed)
    (tmp_path / "a.log").write_bytes(b"1\n")
    watch.poll()
    with pytest.raises(KeyboardInterrupt):
        watch.poll()
    again = FolderWatch(tmp_path, lambda _path, upload_id: ids.append(upload_id))
    assert again.poll() == 1
    assert ids[0] == ids[1]
    (tmp_path / PROCESSED / "a.log").rename(tmp_path / "a.log")
    assert [again.poll() for _ in range(2)] == [0, 1]
    assert ids[2] != ids[0]


def test_a_file_that_cannot_be_taken_keeps_no_other_back(tmp_path: Path) -> None:
    """It is reported once, and retried after a while; a new file with its name does not replace it."""
    clock, broken, taken = HandClock(0), [True], []

    def take(path: Path, _id: str) -> None:
        if broken[0] and path.read_bytes() == b"1\n":
            raise ValueError(path.name)
        taken.append(path.read_bytes())

    watch = FolderWatch(tmp_path, take, Attempts(now=clock))
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_bytes(b"1\n" if name == "a.log" else b"2\n")
    assert watch.poll() == 0
    with pytest.raises(ValueError, match=r"a\.log"):
        watch.poll()
    assert taken == [b"2\n"]
    (tmp_path / "a.log").write_bytes(b"3\n")
    assert [watch.poll(), watch.poll()] == [0, 1]
    clock.now = 2
    assert watch.poll() == 0, "it failed again, in silence"
    broken[0], clock.now = False, 3
    assert watch.poll() == 0, "it waits longer"
    clock.now = 5
    assert [watch.poll(), watch.poll()] == [1, 0]
    assert taken == [b"2\n", b"3\n", b"1\n"]


def test_a_file_that_cannot_be_read_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its owner finds it there and can change its permissions."""
    opened = Path.open

    def guarded(path: Path, mode: str = "r") -> object:
        if path.name == "a.log":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, mode)

    for name in ("a.log", "b.log"):
        (tmp_path / name).write_bytes(b"1\n")
    watch = FolderWatch(tmp_path, lambda _path, _id: None)
    watch.poll()
    monkeypatch.setattr(Path, "open", guarded)
    with pytest.raises(PermissionError, match=r"a\.log"):
        watch.poll()
    assert watch.poll() == 0
    assert (tmp_path / "a.log").exists()
    assert (tmp_path / PROCESSED / "b.log").exists()


def test_a_folder_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    """It may be created later, and disappear again; a file in its place is another problem."""
    folder = tmp_path / "later"
    watch = FolderWatch(folder, lambda _path, _id: None)
    with pytest.raises(NotADirectoryError, match=f"the folder {folder} is not there"):
        watch.poll()
    assert watch.poll() == 0
    folder.touch()
    with pytest.raises(NotADirectoryError, match=f"{folder} is not a folder"):
        watch.poll()
    assert watch.poll() == 0
    folder.unlink()
    folder.mkdir()
    (folder / "a.log").write_bytes(b"1\n")
    assert [watch.poll() for _ in range(2)] == [0, 1]
    shutil.rmtree(folder)
    with pytest.raises(NotADirectoryError, match="is not there"):
        watch.poll()
