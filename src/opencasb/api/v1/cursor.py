"""The scan cursor: an opaque string that clients send back inside ``nextQueryFilters`` (api §4.4).

It is unsigned. It can only skip records that come before a position in the caller's own list, and it is validated like
any other value, so forging one gains nothing.

Wire: base64url of a JSON list, ``[1, column, ascending, key, id]``. A new format gets a new first number.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec

from opencasb.api.v1.errors import BadRequest
from opencasb.model.base64url import decoded, unpadded

NAME: Final = "scanCursor"
"""The reserved filter name."""

_Number = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]
_Text = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^[^\x00]*\Z")]


class ChangedCursor(BadRequest):
    """400 for a cursor that is invalid or belongs to another list."""

    detail = f"{NAME}: send nextQueryFilters back as it came"


class Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The sort key and id of the last record sent, and their sort order."""

    form: Literal[1]
    column: str
    ascending: bool
    key: _Number | _Text | None
    record_id: _Number | _Text

    def text(self) -> str:
        """Return the cursor as sent to clients."""
        return unpadded(msgspec.json.encode(self))


def split(filters: dict[str, Any]) -> tuple[dict[str, Any], Cursor | None]:  # any JSON
    """Return the filters without the reserved one, and its cursor. Raises :class:`ChangedCursor`."""
    names = [name for name in filters if name.strip().lower() == NAME.lower()]
    rest = {name: value for name, value in filters.items() if name not in names}
    return rest, _parsed(filters[names[0]]) if names else None


def _parsed(given: Any) -> Cursor:  # any JSON
    text = given.get("eq") if isinstance(given, dict) else None
    if isinstance(text, list) and len(text) == 1:
        text = text[0]
    try:
        if not isinstance(text, str):
            raise TypeError
        return msgspec.json.decode(decoded(text), type=Cursor)
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        raise ChangedCursor from None
