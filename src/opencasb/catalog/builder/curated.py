"""Reviewed facts: what the sources have wrong or do not split about apps and their risk factors, each with a link."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib.resources import files

import msgspec

from opencasb.catalog.builder.category_rules import PREFIX
from opencasb.model.factor import BadValue, Value, checked_value
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


class Platform(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A domain whose sub-hosts are its customers, except ``services``."""

    domain: str
    services: tuple[str, ...] = ()


class CuratedFact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reviewed risk factor of the app with this main domain; believed before any source.

    ``source`` is the page that says so.
    """

    domain: str
    factor: str
    value: Value
    source: str


class Curated(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The reviewed facts.

    ``reviewed`` is the date (ISO) of the last review; ``families`` are domains whose hosts are apps of their own,
    ``shared`` those on which addresses belong to others and so name only the platform itself; ``service`` is the
    short form of an app: name, category, domains; ``reserved`` ids stay unused.
    """

    reviewed: str
    families: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    app: tuple[CuratedApp, ...] = ()
    service: tuple[tuple[str, ...], ...] = ()
    platform: tuple[Platform, ...] = ()
    reserved: tuple[int, ...] = ()
    fact: tuple[CuratedFact, ...] = ()

    @property
    def apps(self) -> tuple[CuratedApp, ...]:
        """All apps; the link of one in short form is its home page."""
        return self.app + tuple(
            CuratedApp(name=name, category=category, domains=tuple(domains), source=f"https://{domains[0]}")
            for name, category, *domains in self.service
        )


def load(text: str | None = None) -> Curated:
    """Return the reviewed facts of the package, or those of ``text`` (TOML).

    Raises ValueError where a domain is given to two apps, a service is incomplete or a value is none of its factor.
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
    return facts


def _check(fact: CuratedFact) -> None:
    """Raise ValueError if a value is none of its factor."""
    if fact.factor not in FACTORS:
        raise ValueError(f"curated.toml: {fact.domain}: {fact.factor!r} is no factor")
    try:
        checked_value(FACTORS[fact.factor], fact.value)
    except BadValue as error:
        raise ValueError(f"curated.toml: {fact.domain}: {fact.factor}: {error}") from None
