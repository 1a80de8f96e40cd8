"""The share-alike layer: further apps, further domains of core's apps, and what core leaves open about its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from opencasb.catalog.builder import naming, sharealike_readers
from opencasb.catalog.builder.assemble import Assembled, assemble
from opencasb.catalog.builder.claims import AGREES, UNLIKE, Claim, compact, fitness, label_of, split_address
from opencasb.catalog.builder.curated import Curated
from opencasb.catalog.builder.entry import Entry, Role
from opencasb.catalog.builder.materials import Materials
from opencasb.catalog.builder.merge import LARGE_LIST, Cluster, Merger
from opencasb.catalog.builder.naming import Fact
from opencasb.catalog.builder.sets import claim_links
from opencasb.model.app import UNCLASSIFIED
from opencasb.model.categories import PREFIX

_THIRD_PARTY: Final = {PREFIX + "ADVERTISING", PREFIX + "WEB_ANALYTICS"}
_MOST_MORE: Final = 20
"""A service with more domains than this is a network of sites, of which only those with its own brand are taken."""


@dataclass(slots=True)
class Addition:
    """What the layer knows about an app of core."""

    claims: list[Claim] = field(default_factory=list)
    domains: dict[str, str] = field(default_factory=dict)

    def category(self, app: Assembled, materials: Materials) -> Fact:
        """Return the category of an app that core leaves open; what several sources name is more than a tracker."""
        found = naming.category_of(self.claims, materials.table, ())
        unsuitable = app.category.value != UNCLASSIFIED or (found.value in _THIRD_PARTY and app.sources > 1)
        return Fact("", None) if unsuitable or found.source is None else found

    def vendor(self, app: Assembled) -> Fact:
        """Return the vendor of an app of which core names none."""
        return Fact("", None) if app.vendor.value else naming.vendor_of(self.claims)

    def flags(self, app: Assembled, category: str) -> frozenset[str]:
        """Return further marks of an app; one that is known for more than measuring is no tracker."""
        if (category or app.category.value) not in _THIRD_PARTY:
            return frozenset()
        return frozenset().union(*(claim.entry.flags for claim in self.claims)) - app.flags


@dataclass(frozen=True, slots=True)
class ShareAlike:
    """Further apps ordered by key, and what is added to apps of core, by their key."""

    apps: Sequence[Assembled]
    additions: Mapping[str, Addition]


def sharealike(materials: Materials, core: Sequence[Assembled]) -> ShareAlike:
    """Return what the share-alike sources add to the apps of core; core itself is not changed."""
    owners = {domain: app for app in core for domain in app.domains}
    taken = frozenset(owners) | {host for app in core for host in app.hidden}
    claims: list[Claim] = []
    additions: dict[str, Addition] = {}
    for entry in sharealike_readers.read(materials.root):
        nodes = _nodes(entry, materials)
        home = next((owners[node] for node in nodes if node in owners and _is_about(entry, owners[node], node)), None)
        if home is not None:
            addition = additions.setdefault(home.key, Addition())
            addition.claims.append(Claim(entry=entry, node=home.key, fit=AGREES))
            addition.domains.update(dict.fromkeys(_own(entry, nodes, taken), entry.source))
        elif (claim := _claim(entry, [node for node in nodes if node not in taken])) is not None:
            claims.append(claim)
    clusters = _clusters(materials, claims, taken)
    apps = assemble(clusters, Curated(reviewed=""), (), materials.evidence, materials.table)
    _settle(additions, apps, {app.key: app for app in core})
    _make_names_unique(apps, core)
    return ShareAlike(apps, additions)


def _nodes(entry: Entry, materials: Materials) -> list[str]:
    """Return the registrable domains of an entry; the one of its address first, if that is about it at all."""
    judge = materials.judge
    listed = [node for node in map(judge.sibling, entry.more) if judge.is_domain(node)]
    claim = judge.claim(entry) if entry.address else None
    first = [claim.node] if claim is not None and (judge.is_domain(claim.node) or claim.fit >= AGREES) else []
    return list(dict.fromkeys([*first, *listed]))


def _is_about(entry: Entry, app: Assembled, node: str) -> bool:
    """Return whether an entry at a domain of an app is about this app rather than a product of the same house."""
    name, known = compact(entry.name), compact(app.name.value)
    if not name:
        return node == app.key and split_address(entry.address)[0].removeprefix("www.") == node
    return name in {known, label_of(app.key), compact(app.key)} or (node == app.key and known.startswith(name))


def _own(entry: Entry, nodes: Sequence[str], taken: frozenset[str]) -> list[str]:
    free = [node for node in nodes if node not in taken]
    return free if len(free) <= _MOST_MORE else [node for node in free if fitness(entry.name, node) >= AGREES]


def _claim(entry: Entry, nodes: Sequence[str]) -> Claim | None:
    """Return the claim to the domain that agrees best with the name; none does for most places of others."""
    if not nodes:
        return None
    best = max(nodes, key=lambda node: (fitness(entry.name, node) if entry.name else 0.0, -nodes.index(node)))
    fit = fitness(entry.name, best) if entry.name else UNLIKE
    if entry.name and fit < AGREES and not (entry.source == sharealike_readers.ADGUARD and best in entry.more):
        return None
    more = tuple(node for node in _own(entry, nodes, frozenset()) if node != best)
    return Claim(entry=entry, node=best, fit=fit, more=more)


def _clusters(materials: Materials, claims: Sequence[Claim], taken: frozenset[str]) -> dict[str, Cluster]:
    names = [claim for claim in materials.claims if claim.entry.role is Role.NAMING and claim.node not in taken]
    merger = Merger([*claims, *names], {}, materials.ranks)
    merger.apply(claim_links(claims), taken)
    return merger.clusters


def _settle(additions: Mapping[str, Addition], apps: Iterable[Assembled], core: Mapping[str, Assembled]) -> None:
    """Leave each domain to one app: those of the layer's own apps first, then the first app of core by key."""
    seen = {domain for app in apps for domain in app.domains}
    for key in sorted(additions):
        kept = {domain: source for domain, source in sorted(additions[key].domains.items()) if domain not in seen}
        if len({label_of(domain) for domain in (*core[key].domains, *kept)}) > LARGE_LIST:
            brand = label_of(key)
            kept = {domain: source for domain, source in kept.items() if brand in label_of(domain)}
        seen |= set(kept)
        additions[key].domains = kept


def _make_names_unique(apps: Iterable[Assembled], core: Iterable[Assembled]) -> None:
    """Add the domain to names that apps of core bear."""
    names = {app.name.value.casefold() for app in core}
    for app in apps:
        if app.name.value.casefold() in names:
            app.tell_apart()
