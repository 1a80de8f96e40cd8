"""Evidence about domains rather than about apps: popularity, shared credentials, related sites, lists of domains."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from opencasb.catalog.builder import domain_lists
from opencasb.catalog.builder.claims import Claim, Judge, compact, label_of
from opencasb.catalog.builder.domain_lists import ADS, Rule
from opencasb.catalog.builder.merge import Link

_SHORTEST_BRAND: Final = 4


def popularity(root: Path) -> dict[str, int]:
    """Return the rank of the most linked domains, 1 the first."""
    path = root / "majestic-million-top15k/top15k.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["domain"]: int(row["rank"]) for row in csv.DictReader(file)}


def _site_sets(root: Path) -> Iterator[tuple[str, list[str]]]:
    shared = root / "apple-password-manager-resources/shared-credentials.json"
    if shared.exists():
        for group in msgspec.json.decode(shared.read_bytes()):
            yield "apple-password-manager-resources", group.get("shared") or [*group["from"], *group["to"]]
    related = root / "related-website-sets/sets.json"
    if related.exists():
        for group in msgspec.json.decode(related.read_bytes())["sets"]:
            variants = [site for sites in group.get("ccTLDs", {}).values() for site in sites]
            yield "related-website-sets", [group["primary"], *group.get("associatedSites", []), *variants]


def variant_links(root: Path, judge: Judge, anchors: Iterable[str]) -> Iterator[Link]:
    """Yield links between domains of one label that a source holds to belong together: country variants.

    Other domains of such a set share a log-in, which does not make them one app.
    """
    known = set(anchors)
    for source, addresses in _site_sets(root):
        nodes = list(dict.fromkeys(filter(None, map(judge.sibling, addresses))))
        for anchor in (node for node in nodes if node in known):
            alike = [node for node in nodes if node != anchor and label_of(node) == label_of(anchor)]
            yield from (Link(anchor, node, source, 1) for node in alike)


def claim_links(claims: Iterable[Claim]) -> Iterator[Link]:
    """Yield the further domains of the entries themselves."""
    for claim in claims:
        yield from (Link(claim.node, node, claim.entry.source, len(claim.more)) for node in claim.more)


class ListFacts(msgspec.Struct, frozen=True):
    """What a service's domain list says: its main domain, further domains, and its hosts on others' platforms."""

    anchor: str
    more: tuple[str, ...]
    hosts: tuple[str, ...]


def list_facts(
    services: Mapping[str, Sequence[Rule]], judge: Judge, ranks: Mapping[str, int], named: Iterable[str]
) -> Iterator[ListFacts]:
    """Yield the facts of each list whose name is the brand in one of its domains; others are not about one app."""
    known = set(named)
    for name, rules in services.items():
        own = [rule for rule in rules if ADS not in rule.attributes]
        nodes = [node for node in dict.fromkeys(judge.sibling(rule.host) for rule in own) if judge.is_domain(node)]
        anchor = _anchor(compact(name), nodes, ranks, known)
        if anchor is not None:
            hosts = tuple(sorted({rule.host for rule in own if judge.is_tenant(rule.host)}))
            yield ListFacts(anchor, tuple(node for node in nodes if node != anchor), hosts)


def _anchor(brand: str, nodes: Sequence[str], ranks: Mapping[str, int], known: set[str]) -> str | None:
    exact = [node for node in nodes if label_of(node) == brand or compact(node) == brand]
    near = [node for node in nodes if len(brand) >= _SHORTEST_BRAND and brand in label_of(node)]
    wanted = exact or near
    if not wanted:
        return None
    return min(wanted, key=lambda node: (node not in known, ranks.get(node, 1 << 30), not node.endswith(".com"), node))


def list_links(facts: Iterable[ListFacts]) -> Iterator[Link]:
    """Yield the further domains of the lists."""
    for fact in facts:
        yield from (Link(fact.anchor, node, domain_lists.SOURCE, len(fact.more)) for node in fact.more)
