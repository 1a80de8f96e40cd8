"""Limits of a role assigned inside the product, other than report limits (identity §11, portal §10)."""

from __future__ import annotations

from typing import Final

import msgspec

from opencasb.model.app import LARGEST_APP_ID

MOST_APPS: Final = 200
MOST_GROUPS: Final = 200
"""Per person; more than anybody is asked to look after."""

LARGEST_INSTANCE: Final = 2**53


class AppInstance(msgspec.Struct, frozen=True, order=True):
    """An instance of an app, or all of the app's instances if none is given."""

    app_id: int
    instance_id: int | None = None

    @classmethod
    def parse(cls, text: str) -> AppInstance:
        """Parse ``11161`` or ``11770|1059065``. Raises ``ValueError``."""
        app, bar, instance = (part.strip() for part in text.partition("|"))
        numbers = [app, instance] if bar else [app]
        if all(each.isascii() and each.isdecimal() and len(each) <= 16 for each in numbers):
            made = cls(*map(int, numbers))
            if made.app_id <= LARGEST_APP_ID and (made.instance_id or 0) <= LARGEST_INSTANCE:
                return made
        raise ValueError(f"{text[:100]!r} is not an app; give its number, or app|instance such as 11770|1059065")

    def __str__(self) -> str:
        """Return the form that :meth:`parse` reads."""
        return str(self.app_id) if self.instance_id is None else f"{self.app_id}|{self.instance_id}"


class RoleScope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The records visible to somebody with a scoped role, and whether access is read-only.

    ``apps`` applies to an app/instance admin; ``groups`` holds the user group ids of a user group admin.
    ``allowed_anonymization`` lets a Cloud Discovery global admin resolve pseudonyms.
    """

    apps: tuple[AppInstance, ...] = ()
    groups: tuple[str, ...] = ()
    read_only: bool = False
    allowed_anonymization: bool = False
