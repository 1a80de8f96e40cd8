"""From clusters and reviewed facts to finished apps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from opencasb.catalog.builder import domain_lists, naming
from opencasb.catalog.builder.claims import AGREES, Claim, compact
from opencasb.catalog.builder.curated import Curated, CuratedApp
from opencasb.catalog.builder.entry import Entry, Level
from opencasb.catalog.builder.merge import Cluster
from opencasb.catalog.builder.naming import Fact
from opencasb.catalog.builder.source_table import CURATED, Source
from opencasb.model.app import TRACKER


@dataclass(slots=True)
class Assembled:
    """A finished app without its id.

    ``domains`` and ``hidden`` map a domain to its source; ``title`` is the name before one was added to tell it from
    namesakes; ``aliases`` are names that sources give to its main domain.
    """

    key: str
    name: Fact
    category: Fact
    vendor: Fact
    flags: frozenset[str]
    domains: dict[str, str]
    hidden: dict[str, str]
    evidence: str | None = None
    known_id: int | None = None
    sources: int = 0
    title: str = ""
    aliases: frozenset[str] = frozenset()

    def tell_apart(self) -> None:
        """Add the domain to a name that another app bears, too."""
        self.title = self.name.value
        self.name = Fact(f"{self.name.value} ({self.key})", self.name.source)


@dataclass(frozen=True, slots=True)
class DomainEvidence:
    """What lists of domains say: categories of hosts, and which hosts are trackers."""

    categories: Mapping[str, set[str]]
    trackers: frozenset[str]


def assemble(
    clusters: Mapping[str, Cluster],
    curated: Curated,
    name_only: Sequence[Entry],
    evidence: DomainEvidence,
    table: Mapping[str, Source],
) -> list[Assembled]:
    """Return the apps ordered by key, the reviewed ones first in any conflict of names."""
    owner = {domain: app for app in curated.apps for domain in app.domains}
    absorbed: dict[str, list[Cluster]] = {}
    free: list[Cluster] = []
    for anchor in sorted(clusters):
        reviewed = owner.get(anchor) or owner.get(anchor.rpartition(".")[2])  # a brand's own top-level domain
        if reviewed is not None:
            absorbed.setdefault(reviewed.key, []).append(clusters[anchor])
        else:
            free.append(clusters[anchor])
    apps = [_reviewed(app, absorbed.get(app.key, []), owner) for app in curated.apps]
    names = {cluster.anchor: naming.name_of(cluster.claims, cluster.anchor, table) for cluster in free}
    extra = _by_name(name_only, names)
    voted = [_voted(cluster, names[cluster.anchor], extra.get(cluster.anchor, []), evidence, table) for cluster in free]
    # A domain of which neither name nor kind is known is no more than an unlisted app.
    apps += [app for app in voted if app.name.source or app.category.source]
    apps = _without_namesakes_below(apps)
    _make_names_unique(apps)
    return sorted(apps, key=lambda app: app.key)


def _reviewed(app: CuratedApp, clusters: Sequence[Cluster], owner: Mapping[str, CuratedApp]) -> Assembled:
    domains = dict.fromkeys(app.domains, CURATED)
    hidden: dict[str, str] = {}
    for cluster in clusters:
        hidden |= cluster.hidden
        if not app.whole:
            domains = {**{name: source for name, source in cluster.domains.items() if name not in owner}, **domains}
    ordered = {name: domains[name] for name in (*app.domains, *sorted(set(domains) - set(app.domains)))}
    claims = [claim for cluster in clusters for claim in cluster.claims]
    return Assembled(
        key=app.key,
        name=Fact(app.name, CURATED),
        category=Fact(app.category_id, CURATED),
        vendor=Fact(app.vendor, CURATED) if app.vendor else naming.vendor_of(claims),
        flags=frozenset(app.flags),
        domains=ordered,
        hidden=hidden,
        evidence=app.source,
        known_id=app.id,
        sources=len({claim.entry.source for claim in claims}) + 1,
        aliases=_aliases(claims, app.key),
    )


def _voted(
    cluster: Cluster, name: Fact, more: Sequence[Claim], evidence: DomainEvidence, table: Mapping[str, Source]
) -> Assembled:
    claims = [*cluster.claims, *more]
    by_domain = [
        (Level.DOMAIN_LIST, category, domain_lists.SOURCE)
        for category in sorted(evidence.categories.get(cluster.anchor, ()))
    ]
    flags = frozenset().union(*(claim.entry.flags for claim in claims))
    ordered = (cluster.anchor, *sorted(set(cluster.domains) - {cluster.anchor}))
    return Assembled(
        key=cluster.anchor,
        name=name,
        category=naming.category_of(claims, table, by_domain),
        vendor=naming.vendor_of(claims),
        flags=flags | ({TRACKER} if cluster.anchor in evidence.trackers else set()),
        domains={domain: cluster.domains[domain] for domain in ordered},
        hidden=dict(cluster.hidden),
        sources=len({claim.entry.source for claim in claims}),
        aliases=_aliases(claims, cluster.anchor),
    )


def _aliases(claims: Iterable[Claim], domain: str) -> frozenset[str]:
    """Return the names that agree with the main domain."""
    return frozenset(naming.tidy(claim.entry.name) for claim in claims if claim.node == domain and claim.fit >= AGREES)


def _by_name(entries: Iterable[Entry], names: Mapping[str, Fact]) -> dict[str, list[Claim]]:
    """Return the claims of entries without an address, for the one app that bears exactly their name."""
    bearers: dict[str, list[str]] = {}
    for anchor, name in names.items():
        bearers.setdefault(compact(name.value), []).append(anchor)
    found: dict[str, list[Claim]] = {}
    for entry in entries:
        anchors = bearers.get(compact(entry.name), [])
        if len(anchors) == 1:
            found.setdefault(anchors[0], []).append(Claim(entry=entry, node=anchors[0], fit=0.0))
    return found


def _without_namesakes_below(apps: Sequence[Assembled]) -> list[Assembled]:
    """Leave out an app at a host of a family that only bears the name of the family's own app."""
    names = {domain: compact(app.name.value) for app in apps for domain in app.domains}
    return [
        app
        for app in apps
        if app.evidence or names.get(app.key.partition(".")[2]) != compact(app.name.value) or "." not in app.key
    ]


def _make_names_unique(apps: Sequence[Assembled]) -> None:
    """Add the domain to a name that a better known app bears too."""
    bearers: dict[str, list[Assembled]] = {}
    for app in apps:
        bearers.setdefault(app.name.value.casefold(), []).append(app)
    for group in bearers.values():
        group.sort(key=lambda app: (app.evidence is None, -app.sources, not app.key.endswith(".com"), app.key))
        for app in group[1:]:
            app.tell_apart()
