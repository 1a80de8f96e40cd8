"""From findings to the facts of apps: checked, attached, ordered by belief."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from opencasb.catalog.builder.assemble import Assembled
from opencasb.catalog.builder.claims import split_address
from opencasb.catalog.builder.facts.exposure import OWNED
from opencasb.catalog.builder.facts.finding import MEDIUM, FactRow, Finding
from opencasb.catalog.builder.facts.subjects import Closeness, Subjects
from opencasb.catalog.builder.source_table import CURATED, Source
from opencasb.catalog.gold import MFA
from opencasb.model.factor import Kind
from opencasb.model.factor_value import BadValue, checked_value
from opencasb.model.factors import FACTORS

NO_LOGIN: Final = "is_requires_user_authentication"

_ACCOUNTS: Final = {MFA, "account_deletion_effort", "passkey_support", "change_password_url"}
"""Whoever has these has accounts: that some of a service works without one is then no fact about it."""

_CONFIDENCE: Final = {"high": 0, "medium": 1, "low": 2}
_LEAST: Final = {"consumer_popularity"}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A factor about which sources disagree for one app; the first source was believed."""

    app_id: int
    name: str
    factor: str
    values: tuple[tuple[str, str], ...]
    """Source and value (JSON text), the believed one first."""


@dataclass(slots=True)
class Facts:
    """Facts and the conflicts in them; findings about none of the apps; the number of values that are none."""

    rows: list[FactRow] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    strangers: list[Finding] = field(default_factory=list)
    bad_values: int = 0


@dataclass(frozen=True, slots=True)
class _Attached:
    finding: Finding
    closeness: Closeness
    date: str
    text: str


def attach(
    findings: Iterable[Finding], subjects: Subjects, ids: Mapping[str, int], table: Mapping[str, Source]
) -> Facts:
    """Return the facts by app and factor, the most believed first."""
    found: dict[tuple[int, str], list[_Attached]] = defaultdict(list)
    apps: dict[int, Assembled] = {}
    facts = Facts()
    for finding in findings:
        subject = _subject(finding, subjects)
        if subject is None:
            facts.strangers.append(finding)
            continue
        try:
            value = checked_value(FACTORS[finding.factor], finding.value)
        except BadValue:
            facts.bad_values += 1
            continue
        app, closeness = subject
        apps[ids[app.key]] = app
        text = json.dumps(value, ensure_ascii=False)
        date = finding.date or table[finding.source].date
        found[ids[app.key], finding.factor].append(_Attached(finding, closeness, date, text))
    _drop_contradicted(found)
    _drop_products(found)
    order = {source: at for at, source in enumerate(table)}
    for (app_id, factor), said in sorted(found.items()):
        kept = _ordered(factor, said, order)
        facts.rows += [_row(app_id, each) for each in kept]
        if len({each.text for each in kept}) > 1:
            values = tuple((each.finding.source, each.text) for each in kept)
            facts.conflicts.append(Conflict(app_id, apps[app_id].name.value, factor, values))
    return facts


def _subject(finding: Finding, subjects: Subjects) -> tuple[Assembled, Closeness] | None:
    if finding.method == OWNED:
        owner = subjects.owner(split_address(finding.address)[0])
        return None if owner is None else (owner, Closeness.DOMAIN)
    return subjects.of(finding)


def _drop_contradicted(found: dict[tuple[int, str], list[_Attached]]) -> None:
    with_accounts = {app_id for app_id, factor in found if factor in _ACCOUNTS}
    for app_id in with_accounts:
        found.pop((app_id, NO_LOGIN), None)


def _of_product(finding: Finding) -> Finding:
    """Return what is said of the one product of a vendor that is known, as that."""
    method = f"{finding.method}, of {finding.name}" if finding.method else f"said of {finding.name}"
    return msgspec.structs.replace(finding, method=method, confidence=MEDIUM)


def _drop_products(found: dict[tuple[int, str], list[_Attached]]) -> None:
    """Drop what is said of one of several products of a vendor: it does not spread to what they have in common."""
    products: dict[int, set[str]] = defaultdict(set)
    for (app_id, _), said in found.items():
        products[app_id] |= {each.finding.name for each in said if _is_product(each)}
    for key in [key for key in found if len(products[key[0]]) > 1]:
        found[key] = [each for each in found[key] if not _is_product(each)]
        if not found[key]:
            del found[key]


def _is_product(each: _Attached) -> bool:
    return bool(each.finding.vendor) and each.closeness is not Closeness.EXACT


def _ordered(factor: str, said: list[_Attached], order: Mapping[str, int]) -> list[_Attached]:
    """Return one statement of each source, the most believed first; of pages and lists only the most believed."""

    def belief(each: _Attached) -> tuple[bool, int, int, int, int, str]:
        source = each.finding.source
        newer = -int(each.date.replace("-", "")[:8])
        confidence = _CONFIDENCE[each.finding.confidence]
        return source != CURATED, each.closeness, confidence, newer, order[source], each.text

    if factor in _LEAST:
        return [min(said, key=lambda each: (each.closeness, int(each.text)))]
    by_source: dict[str, _Attached] = {}
    for each in sorted(said, key=belief):
        by_source.setdefault(each.finding.source, each)
    kept = list(by_source.values())
    return kept[:1] if FACTORS[factor].kind in {Kind.URL, Kind.LIST} else kept


def _row(app_id: int, each: _Attached) -> FactRow:
    finding = _of_product(each.finding) if _is_product(each) else each.finding
    return FactRow(
        app_id=app_id,
        factor=finding.factor,
        value=each.text,
        source=finding.source,
        date=each.date,
        confidence=finding.confidence,
        method=finding.method,
        evidence=finding.evidence,
    )
