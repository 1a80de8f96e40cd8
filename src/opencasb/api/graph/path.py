"""Resolve a path to a resource (graph §1), from the raw path, as clients spell it in too many ways for routes.

Canonical form and aliases::

    /beta
    /beta/security
    /beta[/security]/dataDiscovery
        /cloudAppDiscovery
            /uploadedStreams[/$count]
                /{streamId}
                    /[microsoft.graph.security.]aggregatedAppsDetails(period=duration'P30D')[/$count]
                        /{appId}
                            /appInfo
                            /users[/$count | /{userIdentifier}]
                            /ipAddresses (ipAddress) [/$count | /{address}]
                            /devices (name) [/$count | /{name}]
    /beta/$metadata
    /beta/$batch

Names ignore case; blanks around a segment and empty segments (a trailing slash) are ignored. A key may also follow its
collection in parentheses, ``uploadedStreams('65a1f0c2d4b7e8a901234567')``, as in OData.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final, Literal
from urllib.parse import unquote

from opencasb.api.graph import period
from opencasb.api.graph.errors import BadRequest, quoted

Related = Literal["users", "ipAddresses", "devices"]
"""The collections below an app."""

_RELATED: Final[dict[str, Related]] = {
    "users": "users",
    "ipaddresses": "ipAddresses",
    "ipaddress": "ipAddresses",
    "devices": "devices",
    "name": "devices",
}

_KEYED = re.compile(r"(.+?)\(\s*+'((?:[^']|'')*+)'\s*+\)", re.DOTALL)  # linear: strangers choose the text


class Kind(Enum):
    """The kinds of resource."""

    SERVICE = auto()
    SECURITY = auto()
    ROOT = auto()
    REPORT = auto()
    STREAMS = auto()
    STREAM = auto()
    APPS = auto()
    APP = auto()
    APP_INFO = auto()
    ROWS = auto()
    ROW = auto()
    METADATA = auto()
    BATCH = auto()


COLLECTIONS: Final = frozenset({Kind.STREAMS, Kind.APPS, Kind.ROWS})


@dataclass(frozen=True, slots=True)
class Target:
    """A resource. Fields that its kind does not use are empty; ``count`` asks for the number of its members."""

    kind: Kind
    stream_id: str = ""
    days: int = 0
    app_id: str = ""
    related: Related = "users"
    key: str = ""
    count: bool = False


def parse(raw_path: str) -> Target:
    """Resolve a raw (still percent-encoded) path below the version.

    Raises :class:`BadRequest` naming the first segment that cannot be resolved, or the allowed periods.
    """
    parts = [found for part in raw_path.split("/") if (found := unquote(part, errors="replace").strip())]
    segments = [segment for part in parts for segment in _keyed(part)]
    if len(segments) > 1 and segments[-1].lower() == "$count":
        target = _resource(segments[:-1])
        if target.kind in COLLECTIONS:
            return replace(target, count=True)
    return _resource(segments)


def _keyed(segment: str) -> list[str]:
    """Split a collection name and the key in parentheses into two segments; return any other segment unchanged."""
    found = _KEYED.fullmatch(segment)
    name = "" if found is None else found[1].rstrip()
    if found is None or not _is_collection(name):
        return [segment]
    return [name, found[2].replace("''", "'")]


def _is_collection(name: str) -> bool:
    return name.lower() in {"uploadedstreams", *_RELATED} or period.is_function(name)


def _resource(segments: list[str]) -> Target:
    match segments:
        case [only] if only.lower() in {"$metadata", "$batch"}:
            return Target(Kind.METADATA if only.lower() == "$metadata" else Kind.BATCH)
        case [first, *rest] if first.lower() == "security":
            return _root(rest) if rest else Target(Kind.SECURITY)
    return _root(segments)


def _root(segments: list[str]) -> Target:
    names = ("datadiscovery", "cloudappdiscovery", "uploadedstreams")
    for expected, segment in zip(names, segments, strict=False):
        if segment.lower() != expected:
            raise _nowhere(segment)
    match segments:
        case []:
            return Target(Kind.SERVICE)
        case [_]:
            return Target(Kind.ROOT)
        case [_, _]:
            return Target(Kind.REPORT)
        case [_, _, _]:
            return Target(Kind.STREAMS)
    return _stream(segments[3], segments[4:])


def _stream(stream_id: str, segments: list[str]) -> Target:
    match segments:
        case []:
            return Target(Kind.STREAM, stream_id)
        case [function, *rest] if period.is_function(function):
            return _apps(Target(Kind.APPS, stream_id, period.days_of(function)), rest)
    raise _nowhere(segments[0])


def _apps(apps: Target, segments: list[str]) -> Target:
    match segments:
        case []:
            return apps
        case [app_id]:
            return replace(apps, kind=Kind.APP, app_id=app_id)
        case [app_id, name] if name.lower() == "appinfo":
            return replace(apps, kind=Kind.APP_INFO, app_id=app_id)
        case [app_id, name] if name.lower() in _RELATED:
            return replace(apps, kind=Kind.ROWS, app_id=app_id, related=_RELATED[name.lower()])
        case [app_id, name, key] if name.lower() in _RELATED:
            return replace(apps, kind=Kind.ROW, app_id=app_id, related=_RELATED[name.lower()], key=key)
    known = segments[1].lower() in _RELATED or segments[1].lower() == "appinfo"
    raise _nowhere(segments[2 if segments[1].lower() == "appinfo" else 3] if known else segments[1])


def _nowhere(segment: str) -> BadRequest:
    return BadRequest(f"Resource not found for the segment {quoted(segment)}.")
