"""What a normalised activity says itself of its address: the category and the tags of an IP range (connectors §6.1)."""

from __future__ import annotations

from typing import Final

from opencasb.activities.fields import Fields
from opencasb.store.ip_range_documents import HIGHEST_CATEGORY
from opencasb.store.ip_tags import BUILT_IN

_IDS: Final = {name.lower(): tag_id for tag_id, name in BUILT_IN.items()}


def ip_category(fields: Fields) -> int:
    """Return the number of a category, 0 if there is none. Raises :class:`Invalid`."""
    return fields.integer("ipCategory", 0, HIGHEST_CATEGORY) or 0


def ip_tags(fields: Fields) -> tuple[str, ...]:
    """Return the tags, of built-in ones the ids, given so or by their names. Raises :class:`Invalid`."""
    return tuple(_IDS.get(each.strip().lower(), each) for each in fields.texts("ipTags"))
