"""The key of an entity in a path (api §9.1): base64 of ``{"id": …, "saas": …, "inst": …}``, or another form.

Both base64 alphabets are accepted, padded or not, with or without line breaks, optionally percent-encoded once more; so
are the record's ``_id``, ``saas|inst|id``, and the bare id.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from opencasb.filters import values

LONGEST: Final = 4000
"""Maximum length of a key, in characters; ids have a tenth of that."""

_STANDARD: Final = str.maketrans("+/", "-_")


@dataclass(frozen=True, slots=True)
class EntityPk:
    """An entity's id; app and instance are None if the key does not specify them."""

    id: str
    saas: int | None = None
    inst: int | None = None


def candidates(text: str) -> list[EntityPk]:
    """Return the possible readings of a path segment, likeliest first; empty if the text cannot be a key.

    Never raises, since any text may occur in a path.
    """
    plain = unquote(text) if "%" in text else text
    if not 1 <= len(plain) <= LONGEST or "\0" in plain:
        return []
    found = [_of_base64(plain), _of_parts(plain), EntityPk(plain)]
    return [each for each in found if each is not None]


def _of_base64(text: str) -> EntityPk | None:
    packed = "".join(text.split()).translate(_STANDARD).rstrip("=")  # many encoders insert line breaks
    try:
        content = base64.b64decode(packed + "=" * (-len(packed) % 4), b"-_", validate=True)
        found = msgspec.json.decode(content)
    except (ValueError, RecursionError, msgspec.MsgspecError, binascii.Error):
        return None
    return _of_object(found) if isinstance(found, Mapping) else None


def _of_object(found: Mapping[str, Any]) -> EntityPk | None:  # any JSON
    try:
        name = values.text(found.get("id"))
        saas, inst = (None if found.get(each) is None else values.integer(found[each]) for each in ("saas", "inst"))
    except values.Unfit:
        return None
    return EntityPk(name, saas, inst) if name else None


def _of_parts(text: str) -> EntityPk | None:
    saas, bar, rest = text.partition("|")
    inst, second, name = rest.partition("|")
    if not (bar and second and name and _is_number(saas) and _is_number(inst)):
        return None
    return EntityPk(name, int(saas), int(inst))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18
