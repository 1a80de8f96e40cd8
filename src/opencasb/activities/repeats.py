"""Whether a delivered entity or file says anything new: a time that nobody stated is that of its arrival."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opencasb.model.iso_time import iso

_ARRIVALS: Final = ("timestamp", "statusTime", "sctime", "modifiedDate", "snapshotLastModifiedDate")
"""Keys that are the time of arrival where a record does not say better."""


def is_repeated(document: Mapping[str, Any], stored: Mapping[str, Any] | None, arrived: int | None) -> bool:  # JSON
    """Tell whether a wire record that came at ``arrived`` (ms) is what is stored, but for times that it did not say."""
    if stored is None or arrived is None:
        return document == stored
    arrival = (arrived, iso(arrived))
    unsaid = {name: stored[name] for name in _ARRIVALS if name in stored and document.get(name) in arrival}
    return {**document, **unsaid} == stored
