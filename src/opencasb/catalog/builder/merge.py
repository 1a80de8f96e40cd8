"""From claims to apps: which domains belong together.

Merging is not transitive. Each further domain goes to exactly one app, and two apps become one only if a source links
them and they bear the same name or the same label; so no chain of lists can glue strangers together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from opencasb.catalog.builder.claims import Claim, compact, label_of
from opencasb.catalog.builder.entry import Role

LARGE_LIST: Final = 30
"""A list with more domains than this is a company's register of brands and misspellings, not one app."""


@dataclass(frozen=True, slots=True)
class Link:
    """A source holds ``domain`` to belong to the app of ``anchor``."""

    anchor: str
    domain: str
    source: str
    size: int
    """How many domains the same record links."""


@dataclass(slots=True)
class Cluster:
    """An app in the making. ``domains`` maps a domain to its source, ``hidden`` those that matter only in matching."""

    anchor: str
    claims: list[Claim] = field(default_factory=list)
    domains: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """The names its sources give it, compacted."""
        return {compact(claim.entry.name) for claim in self.claims if claim.entry.name}


class Merger:
    """Builds clusters from claims and links."""

    def __init__(self, claims: Sequence[Claim], bare: Mapping[str, str], ranks: Mapping[str, int]) -> None:
        """``bare`` are domains that are apps though no record names them, with their source; ``ranks`` popularity."""
        self._ranks = ranks
        self._naming: dict[str, list[Claim]] = defaultdict(list)
        self.clusters: dict[str, Cluster] = {}
        for claim in claims:
            if claim.entry.role is Role.NAMING:
                self._naming[claim.node].append(claim)
            else:
                self._cluster(claim.node, claim.entry.source).claims.append(claim)
        for node, source in bare.items():
            self._cluster(node, source)
        for node, found in self.clusters.items():
            found.claims.extend(self._naming.get(node, ()))

    def _cluster(self, node: str, source: str) -> Cluster:
        if node not in self.clusters:
            self.clusters[node] = Cluster(node, domains={node: source})
        return self.clusters[node]

    def apply(self, links: Iterable[Link], closed: frozenset[str]) -> None:
        """Give linked domains to apps; ``closed`` domains are settled elsewhere and move no more."""
        wishes: dict[str, list[Link]] = defaultdict(list)
        joins: list[Link] = []
        for link in links:
            if link.domain == link.anchor or link.domain in closed or not self._plausible(link):
                continue
            if link.domain in self.clusters:
                joins.append(link)
            elif self._is_another(link):
                self._cluster(link.domain, self._naming[link.domain][0].entry.source).claims.extend(
                    self._naming[link.domain]
                )
            else:
                wishes[link.domain].append(link)
        for domain, wanted in sorted(wishes.items()):
            if domain not in self.clusters:
                best = min(wanted, key=_preference)
                self.clusters[best.anchor].domains[domain] = best.source
                self.clusters[best.anchor].claims.extend(self._naming.get(domain, ()))
        self._join(joins)

    def _plausible(self, link: Link) -> bool:
        if link.size <= LARGE_LIST or label_of(link.domain) == label_of(link.anchor):
            return True
        return link.domain in self._ranks

    def _is_another(self, link: Link) -> bool:
        """Return whether web-site directories know the domain under a name of its own."""
        brand = label_of(link.anchor)
        names = {compact(claim.entry.name) for claim in self._naming.get(link.domain, ())}
        ours = self.clusters[link.anchor].names
        return bool(names) and not any(brand in name or name in ours for name in names)

    def _join(self, links: Sequence[Link]) -> None:
        parent: dict[str, str] = {}

        def root(node: str) -> str:
            while node in parent:
                node = parent[node]
            return node

        for link in sorted(links, key=lambda link: (link.anchor, link.domain)):
            first, second = root(link.anchor), root(link.domain)
            if first == second or not self._same(self.clusters[link.anchor], self.clusters[link.domain]):
                continue
            winner, loser = sorted((first, second), key=self._standing)
            parent[loser] = winner
        for node in sorted(parent):
            gone, kept = self.clusters.pop(node), self.clusters[root(node)]
            kept.claims.extend(gone.claims)
            kept.domains = {**gone.domains, **kept.domains}
            kept.hidden = {**gone.hidden, **kept.hidden}

    def _standing(self, node: str) -> tuple[int, int, bool, int, str]:
        services = sum(claim.entry.role is Role.SERVICE for claim in self.clusters[node].claims)
        return -services, self._ranks.get(node, 1 << 30), not node.endswith(".com"), len(node), node

    @staticmethod
    def _same(one: Cluster, other: Cluster) -> bool:
        return bool(one.names & other.names) or label_of(one.anchor) == label_of(other.anchor)


def _preference(link: Link) -> tuple[bool, bool, int, str, str]:
    brand, label = label_of(link.anchor), label_of(link.domain)
    return label != brand, brand not in label, link.size, link.source, link.anchor
