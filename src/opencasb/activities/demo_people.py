"""The staff of the demo company, as a directory scan would report them (api §9.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

DIRECTORY: Final = 11161
"""Microsoft 365, where everybody has an account."""

ADMINISTRATORS: Final = {"id": "lindgren-administrators", "name": "Administrators"}
GUEST: Final = "auditor@revision-west.example"
NEW_ADMINISTRATOR: Final = 3
"""Index of the user whom one of the incidents makes an administrator."""


def people(users: Sequence[str]) -> Iterator[dict[str, Any]]:  # JSON
    """Yield the accounts of ``users`` (names with a domain), two of them administrators, plus one guest account."""
    for number, user in enumerate(users):
        is_admin = number in {0, NEW_ADMINISTRATOR}
        yield {
            "id": user,
            "appId": DIRECTORY,
            "displayName": display_name(user),
            "status": "active",
            "isAdmin": is_admin,
            "role": "Global Administrator" if is_admin else None,
            "groups": [ADMINISTRATORS] if is_admin else [],
        }
    yield {"id": GUEST, "appId": DIRECTORY, "displayName": "Robin Ek", "status": "active", "isExternal": True}


def display_name(user: str) -> str:
    """Return ``Anna Berg`` for ``anna.berg@…``."""
    return user.partition("@")[0].replace(".", " ").title()
