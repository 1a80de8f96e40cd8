"""Generate ids for activities that arrive without one (connectors §1.3, api §7.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from opencasb.activities.fields import Fields
from opencasb.activities.invalid import Invalid

LONGEST: Final = 200


def given_id(fields: Fields, key: str) -> str | None:
    """Return the id that the record carries, or None. Raises :class:`Invalid` if it is malformed."""
    found = fields.text(key)
    if found is not None and not (1 <= len(found) <= LONGEST and found.isprintable()):
        raise Invalid(fields.name(key), found, f"1 to {LONGEST} printable characters are expected")
    return found


def made_id(tenant_id: int, timestamp: int | None, record: Mapping[str, Any], volatile: Collection[str]) -> str:
    """Return ``<tenant>_<ms>_<32 hex>``, a content hash that does not depend on the order of keys.

    ``volatile`` names the keys that differ between deliveries of the same activity; they are not hashed. ``timestamp``
    is None if the record has no time; the id then contains 0, so it never depends on the time of arrival.
    """
    content = {name: value for name, value in record.items() if name not in volatile}
    digest = hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
    return f"{tenant_id}_{timestamp or 0}_{digest[:32]}"
