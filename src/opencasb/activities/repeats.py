"""Return whether a delivered entity or file is unchanged, ignoring times that merely default to its arrival."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opencasb.model.iso_time import iso

_ARRIVALS: Final = ("timestamp", "statusTime", "sctime", "modifiedDate", "snapshotLastModifiedDate")
"""Keys that default to the time of arrival."""


def is_repeated(document: Mapping[str, Any], stored: Mapping[str, Any] | None, arrived: int | None) -> bool:  # JSON
    """Return whether a wire record that arrived at ``arrived`` (ms) equals the stored one, defaulted times aside."""
    if stored is None or arrived is None:
        return document == stored
    arrival = (arrived, iso(arrived))
    unsaid = {name: stored[name] for name in _ARRIVALS if name in stored and document.get(name) in arrival}
    return {**document, **unsaid} == stored
