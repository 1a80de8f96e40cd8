"""The table that hosts are matched against: domains of apps, platforms with their customers, service hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import msgspec

from opencasb.catalog.builder.assemble import Assembled
from opencasb.catalog.builder.platforms import Platform
from opencasb.catalog.builder.source_table import CURATED
from opencasb.catalog.suffixes import PublicSuffixes

SUFFIX_SOURCE = "publicsuffix-list"


class DomainFact(msgspec.Struct, frozen=True, kw_only=True):
    """One row. ``shown``: part of the app's domain list, unlike patterns, top-level domains and hosts on platforms."""

    domain: str
    app_id: int
    source: str
    shown: bool
    tenants: bool
    registrable: str | None


def domain_rows(
    apps: Sequence[Assembled],
    ids: Mapping[str, int],
    platforms: Iterable[Platform],
    private_suffixes: Iterable[str],
    suffixes: PublicSuffixes,
    regional: Mapping[str, str] = MappingProxyType({}),
) -> list[DomainFact]:
    """Return the rows: the apps' domains in their own order, then what only matching needs.

    ``regional`` maps a host to the domain of the app it belongs to.
    """
    owners = {domain: ids[app.key] for app in apps for domain in app.domains}
    hidden: dict[str, tuple[int, str]] = {}
    for app in apps:
        hidden.update({host: (ids[app.key], source) for host, source in app.hidden.items() if host not in owners})
    hidden |= {host: (owners[domain], CURATED) for host, domain in regional.items() if host not in owners}
    tenants = {suffix for suffix in sorted(private_suffixes) if _add(suffix, SUFFIX_SOURCE, owners, hidden)}
    for platform in platforms:
        if _add(platform.domain, CURATED, owners, hidden):
            tenants.add(platform.domain)
        for label in platform.services:
            _add(f"{label}.{platform.domain}", CURATED, owners, hidden)

    def row(domain: str, app_id: int, source: str, *, shown: bool) -> DomainFact:
        # "*-my.sharepoint.com": what follows the first dot is the platform.
        plain = domain.partition(".")[2] if domain.startswith("*") else domain
        return DomainFact(
            domain=domain,
            app_id=app_id,
            source=source,
            shown=shown,
            tenants=domain in tenants or domain.startswith("*"),
            registrable=suffixes.registrable(_held(plain, app_id, owners)),
        )

    own = [
        row(domain, ids[app.key], app.domains[domain], shown="." in domain and not domain.startswith("*"))
        for app in apps
        for domain in app.domains
    ]
    return own + [row(domain, app_id, source, shown=False) for domain, (app_id, source) in sorted(hidden.items())]


def _held(domain: str, app_id: int, owners: Mapping[str, int]) -> str:
    """Return the nearest domain at or above a name that its app holds; of a host on another's platform the name."""
    above = domain
    while above and owners.get(above) != app_id:
        above = above.partition(".")[2]
    return above or domain


def _add(domain: str, source: str, owners: Mapping[str, int], hidden: dict[str, tuple[int, str]]) -> bool:
    """Make a host known to the app that holds the domain above it; return whether some app does."""
    if domain in owners or domain in hidden:
        return True
    above = domain
    while "." in above:
        above = above.split(".", 1)[1]
        if above in owners and "." in above:
            hidden[domain] = (owners[above], source)
            return True
    return False
