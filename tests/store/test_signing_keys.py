"""The repository of signing keys."""

from __future__ import annotations

from collections.abc import Callable

from opencasb.store.audit_log import SERVER, AuditLog
from opencasb.store.database import Database
from opencasb.store.signing_keys import SealedKey, SigningKeys


def _key(key_id: str, active_from: int) -> SealedKey:
    return SealedKey(key_id=key_id, active_from=active_from, certificate=b"\0c", sealed_private_key=b"\xffsealed")


def test_keys_come_in_the_order_of_their_use(database: Database) -> None:
    """All keys are returned unchanged, in the order in which they sign."""
    keys = SigningKeys(database)
    assert keys.all() == []
    keys.change(1, add=[_key("b", 2), _key("a", 3), _key("c", 1)], reason="rotate")
    assert [key.key_id for key in keys.all()] == ["c", "b", "a"]
    assert keys.all()[0] == _key("c", 1)


def test_keys_are_replaced_in_one_step_and_audited(database: Database, clock: Callable[[], int]) -> None:
    """Removal and addition are atomic; the entry belongs to the server and has no key."""
    keys = SigningKeys(database)
    keys.change(1, add=[_key("a", 1)], reason="rotate")
    keys.change(2, add=[_key("b", 2)], remove=["a"], reason="emergency", by="x")
    assert [key.key_id for key in keys.all()] == ["b"]
    newest = AuditLog(database, clock).latest(SERVER)[0]
    assert (newest.action, newest.actor) == ("signing_keys.emergency", "x")
    assert newest.details == {"added": ["b"], "removed": ["a"]}
