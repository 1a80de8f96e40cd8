"""What an app is called, what kind it is and whose it is, by the vote of its sources."""

from __future__ import annotations

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from opencasb.catalog.builder.claims import Claim, compact
from opencasb.catalog.builder.entry import Level, Role
from opencasb.catalog.builder.source_table import Source
from opencasb.model.app import UNCLASSIFIED

LONGEST_NAME: Final = 48
"""A longer name is a sentence."""

_DECIDED: Final = 1.0
_POSSIBLE: Final = 0.5


class Fact(NamedTuple):
    """A value and the id of the source it comes from; an unknown value has no source."""

    value: str
    source: str | None


def tidy(name: str) -> str:
    """Return a name without markup, emoji, double blanks and trailing remarks."""
    plain = re.sub(r"<[^>]*>|[^\w\s.,:;&+!?'()/|@#\u00b0\u2013\u2019-]", " ", html.unescape(name))
    plain = re.split(r"\s+[|\u2013-]\s+|\s*\(|:\s", plain, maxsplit=1)[0] if len(plain) > 3 else plain
    return re.sub(r"\s+", " ", plain).strip(" ,;-|/\u2013") or name.strip()


def name_of(claims: Sequence[Claim], domain: str, table: Mapping[str, Source]) -> Fact:
    """Return the display name: the name with most weight behind it, in its best source's spelling.

    A name counts by the weight of its source and by how well it agrees with the domain. An app that no source names
    is called by its domain.
    """
    for threshold in (_DECIDED, _POSSIBLE):
        spoken = _spellings(claims, threshold)
        if spoken:
            return _winner(spoken, table)
    return Fact(domain, None)


def _spellings(claims: Iterable[Claim], threshold: float) -> dict[str, list[tuple[str, str, float]]]:
    spoken: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
    for claim in claims:
        name = tidy(claim.entry.name)
        if claim.fit >= threshold and 1 < len(name) <= LONGEST_NAME:
            spoken[compact(name)].append((claim.entry.source, name, claim.fit))
    return spoken


def _winner(spoken: Mapping[str, Sequence[tuple[str, str, float]]], table: Mapping[str, Source]) -> Fact:
    def weight(word: str) -> float:
        best: dict[str, float] = {}
        for source, _, fit in spoken[word]:
            best[source] = max(best.get(source, 0.0), fit * table[source].weight)
        return sum(best.values())

    order = list(table)
    word = min(spoken, key=lambda word: (-weight(word), word))
    # Brand lists spell best; after them the order of belief.
    source, name, _ = min(
        spoken[word], key=lambda said: (said[0] != "simple-icons", order.index(said[0]), said[1].islower(), said[1])
    )
    return Fact(name, source)


def category_of(
    claims: Sequence[Claim], table: Mapping[str, Source], by_domain: Iterable[tuple[Level, str, str]]
) -> Fact:
    """Return the category of the closest level that speaks, by majority of sources, then by order of belief.

    ``by_domain`` are statements about the app's domains: level, category, source.
    """
    order = list(table)
    votes: dict[Level, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for claim in claims:
        # The section in which a list files one product does not speak for the whole site.
        part = claim.entry.role is Role.LISTED and claim.fit < _DECIDED
        for statement in claim.entry.categories:
            if part and statement.level > Level.APP:
                continue
            votes[statement.level][statement.category].add(claim.entry.source)
    for level, category, source in by_domain:
        votes[level][category].add(source)
    if not votes:
        return Fact(UNCLASSIFIED, None)
    closest = votes[min(votes)]
    category = min(closest, key=lambda word: (-len(closest[word]), min(map(order.index, closest[word])), word))
    return Fact(category, min(closest[category], key=order.index))


def vendor_of(claims: Sequence[Claim]) -> Fact:
    """Return the vendor that the sources name most often."""
    said = Counter((claim.entry.vendor, claim.entry.source) for claim in claims if claim.entry.vendor)
    if not said:
        return Fact("", None)
    vendor, source = min(said, key=lambda key: (-said[key], key))
    return Fact(vendor, source)
