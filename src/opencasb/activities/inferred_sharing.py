"""How far files are shared, as activities show it (connectors §8)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from opencasb.activities.categories import PREFIX
from opencasb.activities.file_sharing import (
    GROUP,
    INTERNAL,
    PUBLIC,
    PUBLIC_INTERNET,
    collaborator,
    level_of,
    reach,
    with_sharing,
)
from opencasb.activities.file_sightings import FileEvent
from opencasb.activities.given import MOST_ITEMS
from opencasb.activities.own_domains import is_external

ANYONE: Final = "anonymous"
COMPANY: Final = "company"
WEB: Final = "web"
"""Links to a file, which reach further than any collaborator."""

LINK_LEVELS: Final = {COMPANY: INTERNAL, ANYONE: PUBLIC, WEB: PUBLIC_INTERNET}

_SHARES: Final = frozenset(
    PREFIX + name for name in ("SHARE_FILE", "CHANGE_SHARING_PERMISSIONS", "CHANGE_STORAGE_PERMISSIONS")
)
_UNSHARE: Final = f"{PREFIX}UNSHARE_FILE"
_LINKS: Final = {f"{PREFIX}CREATE_ANONYMOUS_LINK": ANYONE, f"{PREFIX}CREATE_COMPANY_LINK": COMPANY}

_Json = Mapping[str, Any]
_Document = dict[str, Any]


def sharing_after(document: _Document, event: FileEvent, domains: Collection[str] = ()) -> _Document:
    """Return a file with the sharing that an event leaves; ``domains`` are the tenant's own."""
    if event.category == _UNSHARE:
        return _unshare(document, event)
    link = _LINKS.get(event.category) or (WEB if "publishtoweb" in event.operation else None)
    if link is None and event.category not in _SHARES:
        return document
    level = LINK_LEVELS[link] if link else event.reach
    if link is None and not event.people and level is not None and level >= PUBLIC:
        link = ANYONE  # shared with nobody in particular
    known = document["collaborators"]
    added = () if link else [each for each in event.people if not any(_is_called(other, each[0]) for other in known)]
    kept = [each for each in known if each["id"] not in {name for name, _ in added}]
    new = [
        collaborator(name, kind, _level(name, document["ownerAddress"] or event.by, event.reach, domains), event.time)
        for name, kind in added
    ]
    document["collaborators"] = [*kept, *new][:MOST_ITEMS]
    document["links"] = sorted({*document["links"], *([link] if link else [])})
    return with_sharing(document, max(document["facl"], _level_of(document), level or 0), _beside(document))


def _unshare(document: _Document, event: FileEvent) -> _Document:
    """Take away those that an event names, or the links if it names nobody."""
    names = {name for name, _ in event.people}
    before = document["collaborators"]
    named = [each for each in before if each["id"] in names or any(_is_called(each, name) for name in names)]
    gone = {each["id"] for each in named if event.time >= (each["at"] or 0)}
    explained = _level_of(document)
    document["collaborators"] = [each for each in before if each["id"] not in gone]
    if not names:
        document["links"] = []
    # A level that a scan gave without a reason does not go with a person.
    level = document["facl"] if names and document["facl"] > explained else _level_of(document)
    return with_sharing(document, level)


def _is_called(collaborator: _Json, name: str) -> bool:
    """Return whether ``name`` is somebody's of another id: activities name people by address and groups by name."""
    known = collaborator["name"] if collaborator["type"] == GROUP else collaborator.get("email")
    return collaborator["id"] != name and (known or "").lower() == name.lower()


def _level_of(document: _Json) -> int:
    return max((reach(document["collaborators"]), *(LINK_LEVELS.get(each, 0) for each in document["links"])))


def _level(name: str, owner: str, given: int | None, domains: Collection[str]) -> int | None:
    """Return how far sharing with somebody reaches; where nothing says so, own domains do, else that of the owner."""
    if given is not None or "@" not in name:
        return given
    external = is_external(name, domains)
    if external is None and "@" in owner:
        external = name.rpartition("@")[2] != owner.lower().rpartition("@")[2]
    return level_of(external)


def _beside(document: _Json) -> dict[str, list[str]] | None:
    """Return the sharing that a scan has named without collaborators."""
    if document["scanVersion"] == 0:
        return None
    return {name: document[name] for name in ("emails", "domains", "groups", "groupIds", "externalShares")}
