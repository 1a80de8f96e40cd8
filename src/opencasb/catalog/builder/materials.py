"""Everything the build reads before it decides anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from opencasb.catalog.builder import curated as reviewed
from opencasb.catalog.builder import domain_lists, readers, sets
from opencasb.catalog.builder.assemble import DomainEvidence
from opencasb.catalog.builder.claims import Claim, Judge
from opencasb.catalog.builder.domain_lists import DomainList
from opencasb.catalog.builder.entry import Entry, Role
from opencasb.catalog.builder.source_table import Source, sources
from opencasb.catalog.gold import NO_GOLD, GoldSet, gold_set
from opencasb.catalog.suffixes import PublicSuffixes, punycode

Rules = tuple[tuple[str, ...], tuple[str, ...]]
"""The public and the private suffix rules."""


@dataclass(frozen=True, slots=True)
class Materials:
    """The sources below ``root`` as far as the core layer uses them, and what we have reviewed and read ourselves.

    ``claims`` are those of the entries that have an address, ``name_only`` the entries without one; ``ranks`` is
    popularity by domain.
    """

    root: Path
    curated: reviewed.Curated
    gold: GoldSet
    table: Mapping[str, Source]
    rules: Rules
    suffixes: PublicSuffixes
    judge: Judge
    entries: Sequence[Entry]
    claims: Sequence[Claim]
    name_only: Sequence[Entry]
    lists: Mapping[str, DomainList]
    evidence: DomainEvidence
    ranks: Mapping[str, int]


def gather(root: Path, curated: reviewed.Curated | None = None) -> Materials:
    """Read the sources below ``root``; ``curated`` are the reviewed facts instead of all that the package has."""
    facts = curated or reviewed.load()
    rules = suffix_rules()
    suffixes = PublicSuffixes(*rules)
    judge = Judge(suffixes, facts.families, facts.shared)
    entries = readers.read(root)
    lists = domain_lists.read_lists(root)
    return Materials(
        root=root,
        curated=facts,
        gold=gold_set() if curated is None else NO_GOLD,
        table=sources(),
        rules=rules,
        suffixes=suffixes,
        judge=judge,
        entries=entries,
        claims=[claim for claim in map(judge.claim, entries) if claim is not None],
        name_only=[entry for entry in entries if entry.role is Role.NAME_ONLY],
        lists=lists,
        evidence=DomainEvidence(domain_lists.categories(lists), frozenset(domain_lists.trackers(lists))),
        ranks=sets.popularity(root),
    )


@cache
def suffix_rules() -> Rules:
    """Return the public and the private rules bundled with tldextract, in ASCII, each sorted; nothing is fetched."""
    import tldextract

    public = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None).tlds
    everything = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True).tlds
    ascii_public = set(map(_ascii_rule, public))
    return tuple(sorted(ascii_public)), tuple(sorted(set(map(_ascii_rule, everything)) - ascii_public))


def _ascii_rule(rule: str) -> str:
    mark = next((mark for mark in ("*.", "!") if rule.startswith(mark)), "")
    return mark + punycode(rule[len(mark) :])
