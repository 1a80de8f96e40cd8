"""What the papers say: terms, privacy, ownership, deletion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from opencasb.catalog.builder.claims import split_address
from opencasb.catalog.builder.facts.finding import MEDIUM, Finding, page
from opencasb.catalog.builder.json_lines import Record, lines
from opencasb.model.factor import Value

ERASURE: Final = "is_gdpr_right_to_erasure"
ACCESS: Final = "is_gdpr_right_to_access"
PORTABILITY: Final = "is_gdpr_right_to_data_portability"

_DELETION: Final = {"easy": True, "medium": True, "hard": True, "impossible": False}
"""Effort → whether an account can be deleted; what is limited to some places says neither."""

_FINDINGS: Final[Mapping[str, Mapping[str, Value]]] = {
    "you maintain ownership of your data": {"is_data_ownership": True},
    "request access and deletion of personal data": {ACCESS: True, ERASURE: True},
    "retrieve an archive of your data": {ACCESS: True, PORTABILITY: True},
    "a way for you to export your data": {PORTABILITY: True},
    "how to submit a copyright claim": {"is_dmca": True},
    "holds onto content that you've deleted": {"data_retention_policy": "dataRetained"},
}
"""Words in the few kinds of finding that mean just one thing, whoever reads them."""

_TERMS: Final = {"Terms of Service": "terms_of_service", "Privacy Policy": "privacy_policy"}


def deletion(root: Path) -> Iterator[Finding]:
    """Yield how hard it is to delete an account, and whether it can be done."""
    for record in lines(root / "justdeleteme/sites.jsonl"):
        if not record["domains"]:
            continue
        about = {
            "name": record["name"],
            "address": record["domains"][0],
            "source": "justdeleteme",
            "evidence": page(record["url"]),
        }
        yield Finding(factor="account_deletion_effort", value=record["difficulty"], **about)
        if record["difficulty"] in _DELETION:
            method = "an account can be deleted" if _DELETION[record["difficulty"]] else "no account can be deleted"
            yield Finding(
                factor=ERASURE, value=_DELETION[record["difficulty"]], confidence=MEDIUM, method=method, **about
            )


def privacy(root: Path) -> Iterator[Finding]:
    """Yield privacy policies of connectors: certified by the vendor, or others that lead to the vendor's own site."""
    for record in lines(root / "powerplatform-connectors/connectors.jsonl"):
        site = split_address(record.get("website") or "")[0].removeprefix("www.")
        own = site and split_address(record.get("privacy_policy") or "")[0].endswith(site)
        if record.get("privacy_policy") and (own or record["kind"] == "certified"):
            yield Finding(
                factor="privacy_policy",
                value=record["privacy_policy"],
                name=record["title"],
                address=record.get("website") or "",
                source="powerplatform-connectors",
            )


def archived(root: Path) -> Iterator[Finding]:
    """Yield the documents that an archive of terms follows."""
    for record in lines(root / "open-terms-archive/declarations-contrib.jsonl"):
        pages = {kind: page(given) for kind, given in record["terms"].items()}
        about = {"name": record["name"], "source": "open-terms-archive"}
        for kind, url in pages.items():
            if url is None:
                continue
            if kind in _TERMS:
                yield Finding(factor=_TERMS[kind], value=url, address=url, **about)
            elif kind == "Copyright Claims Policy":
                yield Finding(factor="is_dmca", value=True, address=url, evidence=url, **about)
            elif kind == "Vulnerability Disclosure Policy":
                yield Finding(factor="vulnerability_disclosure", value=url, address=url, **about)


def read_terms(root: Path) -> Iterator[Finding]:
    """Yield what volunteers found in the terms of services; years old, and dated so."""
    path = root / "tosdr/cases.json"
    if not path.exists():
        return
    titles = [title.lower() for title, _ in msgspec.json.decode(path.read_bytes())]
    meaning = {at: facts for at, title in enumerate(titles) for words, facts in _FINDINGS.items() if words in title}
    for record in lines(root / "tosdr/services.jsonl"):
        yield from _service(record, meaning)


def _service(record: Record, meaning: Mapping[int, Mapping[str, Value]]) -> Iterator[Finding]:
    about = {
        "name": record["name"],
        "address": next(filter(None, record["urls"]), ""),
        "source": "tosdr",
        "evidence": f"https://tosdr.org/en/service/{record['slug']}" if record["slug"] else None,
    }
    found = {factor: value for case in record.get("cases", ()) for factor, value in meaning.get(case, {}).items()}
    for factor, value in found.items():
        yield Finding(
            factor=factor, value=value, confidence=MEDIUM, method="read out of the terms by volunteers", **about
        )
    if record["rated"] in {"A", "B", "C", "D", "E"}:
        yield Finding(factor="terms_grade", value=record["rated"], **about)
    documents = record.get("docs") or {}
    for kind, factor in (("terms", "terms_of_service"), ("privacy", "privacy_policy")):
        if documents.get(kind):
            yield Finding(factor=factor, value=documents[kind], **about)
