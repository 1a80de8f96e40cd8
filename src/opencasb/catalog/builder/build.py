"""The build: a folder of open data in, the files of the catalog out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from opencasb.catalog.builder import curated as reviewed
from opencasb.catalog.builder import domain_lists, ip_ranges, readers, sets
from opencasb.catalog.builder.assemble import Assembled, DomainEvidence, assemble
from opencasb.catalog.builder.claims import Judge, label_of
from opencasb.catalog.builder.domain_rows import domain_rows
from opencasb.catalog.builder.entry import WEB_SITES, Entry, Role
from opencasb.catalog.builder.id_registry import IdRegistry
from opencasb.catalog.builder.merge import LARGE_LIST, Cluster, Merger
from opencasb.catalog.builder.source_table import CURATED, sources
from opencasb.catalog.builder.write import apps_frame, domains_frame, networks_frame, write
from opencasb.catalog.networks import disjoint
from opencasb.catalog.suffixes import PublicSuffixes, punycode
from opencasb.model.app import UNCLASSIFIED

BEST_KNOWN: Final = 5000
"""Web sites up to this rank of popularity are apps though only a directory of sites names them."""


class BuildReport(NamedTuple):
    """Counts of a build. ``suspects`` are apps with many domains of unlike labels: to be looked at."""

    apps: int
    domains: int
    hidden_hosts: int
    classified: int
    intervals: int
    suspects: tuple[tuple[str, int], ...]


def suffix_rules() -> tuple[list[str], list[str]]:
    """Return the public and the private rules bundled with tldextract, in ASCII, each sorted; nothing is fetched."""
    import tldextract

    public = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None).tlds
    everything = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True).tlds
    ascii_public = set(map(_ascii_rule, public))
    return sorted(ascii_public), sorted(set(map(_ascii_rule, everything)) - ascii_public)


def _ascii_rule(rule: str) -> str:
    mark = next((mark for mark in ("*.", "!") if rule.startswith(mark)), "")
    return mark + punycode(rule[len(mark) :])


def build(root: Path, folder: Path, curated: reviewed.Curated | None = None) -> BuildReport:
    """Build the catalog from the sources below ``root`` into ``folder``, keeping the ids registered there.

    ``curated`` are the reviewed facts, those of the package by default. Raises ValueError where a well-known id is
    registered for another app.
    """
    facts = curated or reviewed.load()
    rules = suffix_rules()
    suffixes = PublicSuffixes(*rules)
    judge = Judge(suffixes, facts.families, facts.shared)
    entries = readers.read(root)
    lists = domain_lists.read_lists(root)
    evidence = DomainEvidence(domain_lists.categories(lists), frozenset(domain_lists.trackers(lists)))
    clusters = _clusters(root, judge, entries, lists, facts)
    table = sources()
    name_only = [entry for entry in entries if entry.role is Role.NAME_ONLY]
    apps = assemble(clusters, facts, name_only, evidence, table)
    register = IdRegistry.read(folder / "ids.csv", facts.reserved)
    for app in apps:
        if app.known_id is not None:
            register.claim(app.key, app.known_id)
    ids = register.assign([(app.key, tuple(app.domains)) for app in apps])
    rows = domain_rows(apps, ids, facts.platform, [rule for rule in rules[1] if rule[0] not in "*!"], suffixes)
    owners = {row.domain: row.app_id for row in rows}
    intervals = disjoint(ip_ranges.prefixes(ip_ranges.read_ranges(root), owners))
    frames = {
        "apps": apps_frame(apps, ids),
        "domains": domains_frame(rows),
        "networks": networks_frame(intervals),
    }
    used = [
        msgspec.structs.replace(source, date=facts.reviewed) if source.id == CURATED else source
        for source in table.values()
    ]
    write(folder, frames, used, rules, register.text())
    return _report(apps, len(rows), len(intervals))


def _clusters(
    root: Path,
    judge: Judge,
    entries: Sequence[Entry],
    lists: dict[str, domain_lists.DomainList],
    facts: reviewed.Curated,
) -> dict[str, Cluster]:
    claims = [claim for claim in map(judge.claim, entries) if claim is not None]
    ranks = sets.popularity(root)
    named = {claim.node for claim in claims if claim.entry.role is not Role.NAMING}
    found = list(sets.list_facts(domain_lists.service_lists(lists), judge, ranks, named))
    bare = {fact.anchor: domain_lists.SOURCE for fact in found}
    bare |= dict.fromkeys(
        filter(None, map(judge.sibling, sorted(domain_lists.apps_of_lists(lists)))), domain_lists.SOURCE
    )
    bare |= {
        claim.node: claim.entry.source
        for claim in claims
        if claim.entry.source == WEB_SITES and claim.fit >= 1 and ranks.get(claim.node, 1 << 30) <= BEST_KNOWN
    }
    merger = Merger(claims, bare, ranks)
    closed = frozenset(domain for app in facts.apps for domain in app.domains)
    links = [
        *sets.claim_links(claim for claim in claims if claim.entry.role is not Role.NAMING),
        *sets.list_links(found),
        *sets.variant_links(root, judge, merger.clusters),
    ]
    merger.apply(links, closed)
    homes = {domain: cluster for cluster in merger.clusters.values() for domain in cluster.domains}
    for fact in found:
        homes[fact.anchor].hidden.update(dict.fromkeys(fact.hosts, domain_lists.SOURCE))
    return merger.clusters


def _report(apps: Sequence[Assembled], rows: int, intervals: int) -> BuildReport:
    domains = sum(len(app.domains) for app in apps)
    suspects = []
    for app in apps:
        labels = {label_of(domain) for domain in app.domains}
        if len(labels) > LARGE_LIST:
            suspects.append((app.name.value, len(app.domains)))
    return BuildReport(
        apps=len(apps),
        domains=domains,
        hidden_hosts=rows - domains,
        classified=sum(app.category.value != UNCLASSIFIED for app in apps),
        intervals=intervals,
        suspects=tuple(suspects),
    )
