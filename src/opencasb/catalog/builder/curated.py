"""Reviewed facts: what the sources have wrong or do not split about apps and their risk factors, each with a link."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib.resources import files
from ipaddress import IPv4Network, IPv6Network, ip_network

import msgspec

from opencasb.catalog.builder.platforms import Platform, Regional, expanded, regional_hosts
from opencasb.model.categories import PREFIX
from opencasb.model.factor import Value
from opencasb.model.factor_value import BadValue, checked_value
from opencasb.model.factors import FACTORS


class CuratedApp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reviewed app. ``whole``: these domains are all of it, nothing is taken over from the sources."""

    name: str
    category: str
    source: str
    domains: tuple[str, ...] = ()
    id: int | None = None
    vendor: str = ""
    whole: bool = False
    flags: tuple[str, ...] = ()

    @property
    def category_id(self) -> str:
        """The category with its prefix."""
        return PREFIX + self.category

    @property
    def key(self) -> str:
        """What the app is known by in the register of ids: its main domain, or its name where it has none."""
        return self.domains[0] if self.domains else "name:" + self.name.casefold()


class CuratedFact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reviewed risk factor of the app with this main domain; believed before any source.

    ``source`` is the page that says so.
    """

    domain: str
    factor: str
    value: Value
    source: str


class CuratedNetworks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Networks (CIDR) that only the app with this domain uses, as ``source`` publishes them."""

    domain: str
    networks: tuple[str, ...]
    source: str


class Curated(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The reviewed facts.

    ``reviewed`` is the date (ISO) of the last review; ``families`` are domains whose hosts are apps of their own,
    ``shared`` those on which addresses belong to others and so name only the platform itself; ``service`` is the
    short form of an app: name, category, domains; ``reserved`` ids stay unused. ``tenantless`` are private suffixes
    below which the vendor's own hosts stand, no customers; ``parts`` are those of ``platform`` and ``regional``.
    """

    reviewed: str
    families: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    app: tuple[CuratedApp, ...] = ()
    service: tuple[tuple[str, ...], ...] = ()
    platform: tuple[Platform, ...] = ()
    regional: tuple[Regional, ...] = ()
    tenantless: tuple[str, ...] = ()
    parts: dict[str, tuple[str, ...]] = {}
    reserved: tuple[int, ...] = ()
    fact: tuple[CuratedFact, ...] = ()
    network: tuple[CuratedNetworks, ...] = ()

    @property
    def apps(self) -> tuple[CuratedApp, ...]:
        """All apps; the link of one in short form is its home page."""
        return self.app + tuple(
            CuratedApp(name=name, category=category, domains=tuple(domains), source=f"https://{domains[0]}")
            for name, category, *domains in self.service
        )

    @property
    def networks(self) -> dict[IPv4Network | IPv6Network, str]:
        """Network → domain of the app whose it is. Raises ValueError where a text is none."""
        return {ip_network(text): entry.domain for entry in self.network for text in entry.networks}

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """All platforms, one for each region where they have some."""
        return tuple(expanded(self.platform, self.parts))

    @property
    def regional_hosts(self) -> dict[str, str]:
        """Host → domain of the app whose regional host it is."""
        return regional_hosts(self.regional, self.parts)


def load(text: str | None = None) -> Curated:
    """Return the reviewed facts of the package, or those of ``text`` (TOML).

    Raises ValueError where a domain is given to two apps, a service is incomplete, a value is none of its factor, a
    network is none, there is no app or list of parts for a network, regional host or platform, or a platform is given
    twice.
    """
    if text is None:
        text = files("opencasb.catalog").joinpath("data/curated.toml").read_text("utf-8")
    facts = msgspec.convert(tomllib.loads(text), Curated)
    short = [service for service in facts.service if len(service) < 3]
    if short:
        raise ValueError(f"curated.toml: a service needs name, category and domains: {short[0]}")
    count = Counter(domain for app in facts.apps for domain in app.domains)
    if count and count.most_common(1)[0][1] > 1:
        raise ValueError(f"curated.toml: {count.most_common(1)[0][0]!r} is given twice")
    for fact in facts.fact:
        _check(fact)
    for what, owners in (("regional hosts", facts.regional_hosts), ("networks", facts.networks)):
        strangers = sorted(set(owners.values()) - set(count))
        if strangers:
            raise ValueError(f"curated.toml: no app has {strangers[0]!r}, whose {what} are given")
    if len({platform.domain for platform in facts.platforms}) < len(facts.platforms):
        raise ValueError("curated.toml: a platform is given twice")
    return facts


def _check(fact: CuratedFact) -> None:
    """Raise ValueError if a value is none of its factor."""
    if fact.factor not in FACTORS:
        raise ValueError(f"curated.toml: {fact.domain}: {fact.factor!r} is not a factor")
    try:
        checked_value(FACTORS[fact.factor], fact.value)
    except BadValue as error:
        raise ValueError(f"curated.toml: {fact.domain}: {fact.factor}: {error}") from None
