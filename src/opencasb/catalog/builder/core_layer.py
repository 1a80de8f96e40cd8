"""The apps of the core layer: those that permissive sources name, and the reviewed ones."""

from __future__ import annotations

from typing import Final

from opencasb.catalog.builder import domain_lists, sets
from opencasb.catalog.builder.assemble import Assembled, assemble
from opencasb.catalog.builder.entry import WEB_SITES, Role
from opencasb.catalog.builder.materials import Materials
from opencasb.catalog.builder.merge import Cluster, Merger

BEST_KNOWN: Final = 5000
"""Web sites up to this rank of popularity are apps though only a directory of sites names them."""


def core_apps(materials: Materials) -> list[Assembled]:
    """Return the apps ordered by key."""
    clusters = _clusters(materials)
    return assemble(clusters, materials.curated, materials.name_only, materials.evidence, materials.table)


def _clusters(materials: Materials) -> dict[str, Cluster]:
    judge, ranks, lists = materials.judge, materials.ranks, materials.lists
    named = {claim.node for claim in materials.claims if claim.entry.role is not Role.NAMING}
    found = list(sets.list_facts(domain_lists.service_lists(lists), judge, ranks, named))
    merger = Merger(materials.claims, _bare(materials, found), ranks)
    closed = frozenset(domain for app in materials.curated.apps for domain in app.domains)
    links = [
        *sets.claim_links(claim for claim in materials.claims if claim.entry.role is not Role.NAMING),
        *sets.list_links(found),
        *sets.variant_links(materials.root, judge, merger.clusters),
    ]
    merger.apply(links, closed)
    homes = {domain: cluster for cluster in merger.clusters.values() for domain in cluster.domains}
    for fact in found:
        homes[fact.anchor].hidden.update(dict.fromkeys(fact.hosts, domain_lists.SOURCE))
    return merger.clusters


def _bare(materials: Materials, found: list[sets.ListFacts]) -> dict[str, str]:
    """Return the domains that are apps though no record names them, with their source."""
    bare = {fact.anchor: domain_lists.SOURCE for fact in found}
    of_lists = sorted(domain_lists.apps_of_lists(materials.lists))
    bare |= dict.fromkeys(filter(None, map(materials.judge.sibling, of_lists)), domain_lists.SOURCE)
    return bare | {
        claim.node: claim.entry.source
        for claim in materials.claims
        if claim.entry.source == WEB_SITES and claim.fit >= 1 and materials.ranks.get(claim.node, 1 << 30) <= BEST_KNOWN
    }
