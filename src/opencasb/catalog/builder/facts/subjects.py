"""Whom a finding is about: by its address and its name, one app or none.

What is said of a domain is said of the app whose main domain it is. A product page, a sub-host, a further domain under
another brand and a place on a shared platform say nothing, unless the name says which app is meant. So what is known of
one product does not spread to its siblings, and what is known of a customer's host not to the platform.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final

from opencasb.catalog.builder.assemble import Assembled
from opencasb.catalog.builder.claims import GENERIC, Judge, compact, label_of, split_address
from opencasb.catalog.builder.facts.finding import Finding

SHORT: Final = 5
"""Names of up to so many letters are borne by many: only a reviewed app is found by one."""

_SHORTEST_LABEL: Final = 3


class Closeness(IntEnum):
    """How surely a finding is about an app; the closest is believed first."""

    EXACT = 0
    """Main domain and name agree."""
    DOMAIN = 1
    """The main domain, under a name that may be another."""
    NAME = 2
    """A further domain, or a product page, under the app's name; or the name alone."""


class Subjects:
    """The apps by domain and by name."""

    def __init__(self, apps: Sequence[Assembled], more: Iterable[tuple[str, Assembled]], judge: Judge) -> None:
        """``more`` are further domains with their app."""
        self._judge = judge
        self._by_domain: dict[str, Assembled] = {domain: app for app in apps for domain in app.domains} | dict(more)
        self._names = {app.key: _names(app) for app in apps}
        self._by_name: dict[str, list[Assembled]] = {}
        for app in apps:
            for name in self._names[app.key]:
                self._by_name.setdefault(name, []).append(app)

    def of(self, finding: Finding) -> tuple[Assembled, Closeness] | None:
        """Return the app that a finding is about."""
        if finding.address:
            found = self._at(finding)
            if found is not None or not self._judge.is_shared(split_address(finding.address)[0]):
                return found
        app = self.named(finding.name)
        return None if app is None else (app, Closeness.NAME)

    def owner(self, host: str) -> Assembled | None:
        """Return the app that holds a host, whatever is said of it."""
        return self._by_domain.get(self._held(host))

    def _held(self, host: str) -> str:
        """Return the domain of an app that a host is at or below, empty if none is."""
        while host and host not in self._by_domain:
            host = host.partition(".")[2]
        return host

    def named(self, name: str) -> Assembled | None:
        """Return the one app of exactly this name; of namesakes the reviewed one."""
        word = compact(name)
        bearers = self._by_name.get(word, [])
        reviewed = [app for app in bearers if app.evidence is not None]
        if len(reviewed) == 1:
            return reviewed[0]
        return bearers[0] if len(bearers) == 1 and len(word) > SHORT else None

    def _at(self, finding: Finding) -> tuple[Assembled, Closeness] | None:
        host, path = split_address(finding.address)
        host = host.removeprefix("www.")
        domain = self._held(host)
        app = self._by_domain.get(domain)
        if app is None:
            return None
        same = bool(finding.name) and self._bears(app, finding.name)
        below = host.removesuffix(domain).rstrip(".")
        if self._judge.is_shared(host) and (below or path) and not same:
            return None
        aside = not set(below.split(".")) <= {"", *GENERIC} or (bool(path) and bool(finding.name))
        if (aside and not same) or (below and self._judge.is_tenant(host)):
            return None
        if domain == app.key:
            return self._main(finding, app, same=same)
        alike = label_of(domain) == label_of(app.key)
        return (app, Closeness.NAME) if same or (alike and not finding.name) else None

    def _bears(self, app: Assembled, name: str) -> bool:
        """Return whether an app is known by a name: as it stands, or with more words to it ("Enterprise")."""
        word, names = compact(name), self._names[app.key]
        if word in names or compact(app.key) == word:
            return True
        long = [known for known in names if len(known) > SHORT]
        return not self._judge.is_family(app.key) and any(
            word.startswith(known) or (len(word) > SHORT and known.startswith(word)) for known in long
        )

    def _main(self, finding: Finding, app: Assembled, *, same: bool) -> tuple[Assembled, Closeness] | None:
        """At the main domain of a family with many products only the family's own name is about the family."""
        if same:
            return app, Closeness.EXACT
        if finding.name and self._judge.is_family(app.key):
            return None
        return app, Closeness.DOMAIN


def _names(app: Assembled) -> set[str]:
    names = {compact(app.title or app.name.value), *map(compact, app.aliases)}
    label = label_of(app.key)
    return names | ({label} if len(label) >= _SHORTEST_LABEL else set())
