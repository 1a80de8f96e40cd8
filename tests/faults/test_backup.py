"""A backup made as described in the backup page, while a server is working."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

from opencasb.activities.columns import to_record
from opencasb.app import Casb
from opencasb.filters.fields import ACTIVITIES
from opencasb.filters.parse import parse
from opencasb.settings import Settings
from tests.activities.example import TENANT, wire
from tests.conftest import NOW

GUIDE = Path(__file__).parents[2] / "docs" / "backup.md"
BEFORE = 50


def test_a_database_that_is_written_all_the_time_is_copied_whole(tmp_path: Path) -> None:
    """The page's statement finishes despite continuous writes, and full-text search works in the copy."""
    said = re.search(r"\"(VACUUM INTO '[^']+')\"", GUIDE.read_text())
    assert said is not None
    (tmp_path / "backup").mkdir()
    statement = re.sub("'.*'", f"'{tmp_path / 'backup' / 'opencasb.sqlite3'}'", said[1])
    casb, stop = Casb.open(Settings(data=tmp_path), lambda: NOW), Event()
    casb.activities.add(TENANT, [to_record(wire(number)) for number in range(BEFORE)])
    writer = Thread(target=_write, args=(casb, stop.is_set))
    writer.start()
    with closing(sqlite3.connect(tmp_path / "opencasb.sqlite3")) as connection:
        connection.execute(statement)
    stop.set()
    writer.join()
    restored = Casb.open(Settings(data=tmp_path / "backup"), lambda: NOW)
    there, _ = restored.activities.count(TENANT, parse({}, ACTIVITIES, NOW))
    found, _ = restored.activities.count(TENANT, parse({"text": {"text": "porto"}}, ACTIVITIES, NOW))
    assert there >= BEFORE
    assert found == there
    for each in (casb, restored):
        each.close()


def _write(casb: Casb, is_over: Callable[[], bool]) -> None:
    number = BEFORE
    while not is_over():
        casb.activities.add(TENANT, [to_record(wire(number))])
        number += 1
