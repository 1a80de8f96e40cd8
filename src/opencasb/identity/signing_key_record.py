"""The signing keys in the form shown to people (identity §7.4)."""

from __future__ import annotations

import itertools
from typing import Any, Literal

from opencasb.identity.keyring import RETIRE_AFTER, Keyring

State = Literal["retired", "current", "next"]


def signing_key_records(keyring: Keyring) -> list[dict[str, Any]]:  # JSON
    """Return the published keys, in the order in which they sign. Times are ms.

    A ``retired`` key no longer signs and stays published until ``removed``, when none of its tokens is valid any more.
    """
    current = keyring.signer()
    keys = keyring.published()
    ends = {one.key_id: two.active_from for one, two in itertools.pairwise(keys)}
    return [
        {
            "key_id": key.key_id,
            "state": _state(key.active_from, current.active_from),
            "created": key.created,
            "signs_from": key.active_from,
            "signs_until": ends.get(key.key_id),
            "removed": ends[key.key_id] + RETIRE_AFTER if key.key_id in ends else None,
        }
        for key in keys
    ]


def _state(active_from: int, of_current: int) -> State:
    if active_from == of_current:
        return "current"
    return "retired" if active_from < of_current else "next"
