"""Reviewed facts about hosts below a domain: whose they are where the name alone does not say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

PLACE: Final = "{}"
"""What each part of a list stands in for, in the name of a platform or a regional host."""

Parts = Mapping[str, tuple[str, ...]]
"""Parts of names by the name of their list: the regions of a provider, the numbers of its clusters."""


class Platform(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A domain whose sub-hosts are its customers, except ``services``.

    With ``each``, the name of a list of parts, it is one platform for each part in place of ``{}``.
    """

    domain: str
    services: tuple[str, ...] = ()
    each: str = ""


class Regional(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``hosts`` that belong to the app of ``domain``, one for each part of the list ``each`` in place of ``{}``."""

    domain: str
    hosts: tuple[str, ...]
    each: str


def expanded(platforms: Iterable[Platform], parts: Parts) -> Iterator[Platform]:
    """Yield the platforms, those with ``each`` once for each part. Raises ValueError where no such list is."""
    for platform in platforms:
        if not platform.each:
            yield platform
        for name in _names(platform.domain, platform.each, parts) if platform.each else ():
            yield Platform(domain=name, services=platform.services)


def regional_hosts(regional: Iterable[Regional], parts: Parts) -> dict[str, str]:
    """Return host → domain of the app it belongs to. Raises ValueError where no such list is."""
    return {
        name: service.domain
        for service in regional
        for host in service.hosts
        for name in _names(host, service.each, parts)
    }


def _names(name: str, each: str, parts: Parts) -> list[str]:
    if each not in parts or PLACE not in name:
        raise ValueError(f"curated.toml: {name}: needs {PLACE} and a list of parts, {each!r} is none")
    return [name.replace(PLACE, part) for part in parts[each]]
