"""Ids for activities that come without one (connectors §1.3, api §7.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from opencasb.activities.fields import Fields
from opencasb.activities.invalid import Invalid

LONGEST: Final = 200


def given_id(fields: Fields, key: str) -> str | None:
    """Return an id that the record has, None if it has none. Raises :class:`Invalid`."""
    found = fields.text(key)
    if found is not None and not (1 <= len(found) <= LONGEST and found.isprintable()):
        raise Invalid(fields.name(key), found, f"1 to {LONGEST} printable characters are expected")
    return found


def made_id(tenant_id: int, timestamp: int | None, record: Mapping[str, Any], volatile: Collection[str]) -> str:
    """Return ``<tenant>_<ms>_<32 hex>``, the same for the same content, in whatever order its keys are.

    ``volatile`` keys differ between deliveries of one activity. ``timestamp`` is None, and 0 in the id, when the record
    has none, so that the time of arrival is no part of the id.
    """
    content = {name: value for name, value in record.items() if name not in volatile}
    digest = hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
    return f"{tenant_id}_{timestamp or 0}_{digest[:32]}"
