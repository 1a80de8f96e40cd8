"""Assertions already seen, on both engines."""

from __future__ import annotations

from hashlib import sha256

from opencasb.store.database import Database
from opencasb.store.used_assertions import UsedAssertions
from tests.conftest import NOW


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def test_an_identifier_is_that_of_one_content_for_each_client(database: Database) -> None:
    """It belongs to that content until it expires; a challenge can be used once."""
    store = UsedAssertions(database)
    for number in range(20):
        name, content = _digest(f"name {number}"), _digest(f"content {number}")
        assert store.keep(1, "client", name, content, NOW)
        assert store.keep(1, "client", name, content, NOW)
        assert not store.keep(1, "client", name, _digest("another"), NOW)
        assert store.keep(1, "client", name, content, NOW)
        assert store.keep(1, "other", name, _digest("another"), NOW)
        assert store.keep(2, "client", name, _digest("another"), NOW)
    assert store.use(1, "user", _digest("challenge"), NOW)
    assert not store.use(1, "user", _digest("challenge"), NOW)
    assert store.expire(NOW + 1) == 61
    assert store.keep(1, "client", _digest("name 0"), _digest("another"), NOW)
