"""When a credential was last used."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa

from opencasb.identity.last_use import TOUCH_AFTER, note_use


@pytest.mark.parametrize(("last", "noted"), [(None, [9 * TOUCH_AFTER]), (8 * TOUCH_AFTER, [9 * TOUCH_AFTER])])
def test_a_use_is_noted_once_a_minute(last: int | None, noted: list[int]) -> None:
    """Including the first use."""
    seen: list[int] = []
    note_use(last, 9 * TOUCH_AFTER, seen.append)
    note_use(8 * TOUCH_AFTER + 1, 9 * TOUCH_AFTER, seen.append)
    assert seen == noted


def test_a_database_that_cannot_be_written_turns_nobody_away() -> None:
    """It may be busy, full or read-only."""

    def full(_: int) -> None:
        raise sa.exc.OperationalError("UPDATE", {}, sqlite3.OperationalError("disk is full"))

    note_use(None, 1, full)
