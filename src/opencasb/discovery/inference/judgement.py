"""Rates how well a definition fits a sample, and lists what a person should check."""

from __future__ import annotations

from typing import Final

from opencasb.discovery.custom.definition import Definition
from opencasb.discovery.custom.preview import Preview
from opencasb.discovery.inference.columns import Column, is_private
from opencasb.discovery.inference.times import FoundTime

_WORTH: Final = {
    "source_ip": 3.0,
    "destination_host": 2.5,
    "destination_ip": 1.5,
    "timestamp": 2.0,
    "user": 2.0,
    "uploaded_bytes": 1.5,
    "downloaded_bytes": 1.5,
    "url": 1.0,
    "total_bytes": 0.5,
}
_PREFERRED: Final = {"w3c": 0.5, "cef": 0.5, "leef": 0.5, "json": 0.5, "pairs": 0.4}
"""Bonus for shapes that name their fields."""


def plausibility_of(definition: Definition, seen: Preview) -> float:
    """Return the weight of the fields that a definition finds in a sample, as a share of all: 0 to 1."""
    known = sum(worth * seen.coverage[name] for name, worth in _WORTH.items())
    known += 0.5 * (definition.fields.action is not None) + _PREFERRED.get(definition.kind, 0)
    return min(known / (sum(_WORTH.values()) + 1), 1.0) * seen.fits


def missing(seen: Preview) -> set[str]:
    """Return the fields that hardly any line has."""
    lacking = {name for name, share in seen.coverage.items() if share < 0.05}
    if "uploaded_bytes" not in lacking or "downloaded_bytes" not in lacking:
        lacking.discard("total_bytes")
    return lacking


_MISSING: Final = {
    "timestamp": "no field has the time: lines count at the time they arrive",
    "user": "no field has the user: usage is counted by address only",
    "uploaded_bytes": "no field has the bytes that clients send: uploads cannot be measured",
    "downloaded_bytes": "no field has the bytes that clients receive",
    "destination_host": "no field has the host: apps are identified by address only, and many apps share one",
}


def clients_warned_of(clients: Column) -> list[str]:
    """Return what to check about the clients: a sender of responses, or one from outside, is not a client."""
    inside = clients.share(is_private)
    if not 0.1 <= inside <= 0.9:
        return []
    return [f"{1 - inside:.0%} of the clients are outside: answers, say, and what comes in are to be left out (ignore)"]


def warnings_of(definition: Definition, seen: Preview, time: FoundTime | None) -> list[str]:
    """Return what to check about a definition before it is used."""
    lacking = missing(seen)
    if {"uploaded_bytes", "downloaded_bytes"} <= lacking and "total_bytes" not in lacking:
        lacking.discard("downloaded_bytes")
    found = [text for name, text in _MISSING.items() if name in lacking]
    if definition.fields.action is None:
        found.append("no field has the verdict: every line counts as allowed")
    if time is not None and not time.zoned:
        found.append("times have no zone: they are read in that of the data source, unless time.zone says another")
    if time is not None and time.ambiguous:
        found.append("days and months of the sample could change places: say time.day_first")
    rejected = seen.counts.rejected.total()
    if rejected:
        reason, _ = seen.counts.rejected.most_common(1)[0]
        found.append(f"{rejected} of {seen.counts.read} lines are rejected, mostly: {reason}")
    return found
