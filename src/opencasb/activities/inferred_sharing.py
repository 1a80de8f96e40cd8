"""Infer the sharing of files from activities (connectors §8).

Events may arrive out of order: ``told`` records when each link was created, and ``ended`` when sharing with somebody,
or by link, was last revoked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from opencasb.activities.categories import PREFIX
from opencasb.activities.file_sharing import (
    EXTERNAL,
    GROUP,
    collaborator,
    level_of,
    reach,
    with_sharing,
)
from opencasb.activities.file_sightings import FileEvent
from opencasb.activities.given import MOST_ITEMS
from opencasb.activities.own_domains import is_external
from opencasb.activities.sharing_links import ANYONE, COMPANY, LINK_LEVELS, OUTSIDE, WEB

_SHARES: Final = frozenset(
    PREFIX + name for name in ("SHARE_FILE", "CHANGE_SHARING_PERMISSIONS", "CHANGE_STORAGE_PERMISSIONS")
)
_UNSHARE: Final = f"{PREFIX}UNSHARE_FILE"
_LINKS: Final = {f"{PREFIX}CREATE_ANONYMOUS_LINK": ANYONE, f"{PREFIX}CREATE_COMPANY_LINK": COMPANY}
_ALL_LINKS: Final = ""
"""The key in ``ended`` that stands for all links."""

_Json = Mapping[str, Any]
_Document = dict[str, Any]


def sharing_after(document: _Document, event: FileEvent, domains: Collection[str]) -> _Document:
    """Return a file with its sharing updated by an event; ``domains`` are the tenant's own."""
    if event.category == _UNSHARE:
        return _unshare(document, event)
    link = _link(event)
    if link is None and event.category not in _SHARES:
        return document
    ended, before = document.get("ended", {}), _unexplained(document)
    if link is None:
        _share(document, event, domains)
        is_over = bool(event.people) and all(ended.get(name, -1) >= event.time for name, *_ in event.people)
    else:
        is_over = max(ended.get(_ALL_LINKS, -1), ended.get(_end_of(link), -1)) >= event.time
    if link is not None and not is_over:
        document["links"] = sorted({*document["links"], link})
        document["told"][link] = max(event.time, document["told"].get(link, 0))
    level = 0 if is_over or document["scanVersion"] == 0 else event.reach or 0
    return with_sharing(document, max(before, _level_of(document), level), _beside(document))


def _link(event: FileEvent) -> str | None:
    """Return the link that an event creates; a share without a named recipient counts as a link."""
    if event.category in _LINKS:
        return _LINKS[event.category]
    if "publishtoweb" in event.operation:
        return WEB
    if event.category not in _SHARES or event.people:
        return None
    if event.link not in {None, OUTSIDE}:
        return event.link
    return next((link for link, level in LINK_LEVELS.items() if level == event.reach), None)


def _share(document: _Document, event: FileEvent, domains: Collection[str]) -> None:
    """Add the people whom an event names, unless a newer event has revoked or updated their access."""
    known, ended = {each["id"]: each for each in document["collaborators"]}, document.get("ended", {})
    for name, kind, is_guest in event.people:
        is_told = name in known and (known[name]["at"] or 0) > event.time
        if is_told or ended.get(name, -1) >= event.time or any(_is_called(each, name) for each in known.values()):
            continue
        given = EXTERNAL if event.reach is None and is_guest else event.reach
        level = _level(name, document["ownerAddress"] or event.by, given, domains)
        known.pop(name, None)
        known[name] = collaborator(name, kind, level, event.time)
    document["collaborators"] = sorted(known.values(), key=lambda each: each["at"] or 0)[:MOST_ITEMS]


def _unshare(document: _Document, event: FileEvent) -> _Document:
    """Remove the people whom an event names, or the links if it names nobody."""
    names = {name for name, *_ in event.people}
    before = document["collaborators"]
    named = [each for each in before if each["id"] in names or any(_is_called(each, name) for name in names)]
    left = {each["id"] for each in named if event.time >= (each["at"] or 0)}
    level = _unexplained(document)
    document["collaborators"] = [each for each in before if each["id"] not in left]
    is_older = document["scanVersion"] != 0 and event.time < document["statusTime"]  # older than the scan
    if not names and not is_older:
        ends = document["links"] if event.link is None else {event.link}
        level = level if event.link and LINK_LEVELS[event.link] < level else 0
        gone = {each for each in ends if document["told"].get(each, 0) <= event.time}
        document["links"] = [each for each in document["links"] if each not in gone]
        document["told"] = {each: time for each, time in document["told"].items() if each not in gone}
    ended = dict(document.get("ended", {}))
    ended |= {name: max(event.time, ended.get(name, 0)) for name in names or {_end_of(event.link)}}
    document["ended"] = dict(sorted(ended.items(), key=lambda each: -each[1])[:MOST_ITEMS])
    # A level that a scan reported without a cause is not lowered by removing a person.
    return with_sharing(document, max(level, _level_of(document)))


def _end_of(link: str | None) -> str:
    """Return the key in ``ended`` for a kind of link, or for all; people have no such names."""
    return _ALL_LINKS if link is None else f"|{link}"


def _unexplained(document: _Json) -> int:
    """Return the file's level if collaborators and links do not account for it, else 0."""
    level = int(document["facl"])
    return level if level > _level_of(document) else 0


def _is_called(collaborator: _Json, name: str) -> bool:
    """Return whether ``name`` means a collaborator with another id: a person has an address, a group a name."""
    known = collaborator["name"] if collaborator["type"] == GROUP else collaborator.get("email")
    return collaborator["id"] != name and (known or "").lower() == name.lower()


def _level_of(document: _Json) -> int:
    return max((reach(document["collaborators"]), *(LINK_LEVELS.get(each, 0) for each in document["links"])))


def _level(name: str, owner: str, given: int | None, domains: Collection[str]) -> int | None:
    """Return the access level of sharing with ``name``; if not given, own domains decide, then the owner's domain."""
    if given is not None or "@" not in name:
        return given
    external = is_external(name, domains)
    if external is None and "@" in owner:
        external = name.rpartition("@")[2] != owner.lower().rpartition("@")[2]
    return level_of(external)


def _beside(document: _Json) -> dict[str, list[str]] | None:
    """Return the sharing values that a scan reported beyond the collaborators; None without a scan."""
    if document["scanVersion"] == 0:
        return None
    return {name: document[name] for name in ("emails", "domains", "groups", "groupIds", "externalShares")}
