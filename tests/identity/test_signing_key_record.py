"""The shown record of signing keys over their life cycle."""

from __future__ import annotations

from opencasb.identity.keyring import RETIRE_AFTER, ROTATE_AFTER
from opencasb.identity.signing_key_record import signing_key_records
from tests.identity.standin import HandClock, StandIn


def test_a_key_is_next_then_current_then_retired_then_gone(casb: StandIn, hand: HandClock) -> None:
    """Each state follows from the clock."""
    keyring = casb.identity.keyring
    key_id = keyring.published()[1].key_id
    states = []
    for wait in (0, ROTATE_AFTER, ROTATE_AFTER, RETIRE_AFTER + 1):
        hand.now += wait
        states.append({each["key_id"]: each["state"] for each in signing_key_records(keyring)}.get(key_id))
    assert states == ["next", "current", "retired", None]
