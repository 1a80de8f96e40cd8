"""Readers of the share-alike sources: identities only. A source whose folder is absent yields nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from opencasb.catalog.builder import category_rules as rules
from opencasb.catalog.builder.entry import Entry, Level, Role, stated
from opencasb.catalog.builder.json_lines import lines
from opencasb.model.app import TRACKER

ADGUARD: Final = "adguard-companiesdb"
UT1: Final = "ut1-categories"

_NOT_APPS: Final = {"pornvertising", "extensions"}
_THIRD_PARTIES: Final = {"advertising", "site_analytics", "mobile_analytics", "telemetry"}
_WITHOUT_NAME: Final = {"unknown", "misc", "essential", "cdn", "hosting"}
"""Kinds in which the database keeps many domains that it knows by no other name."""
_UT1_APPS: Final = ("ai", "filehosting", "remote-control", "translation", "chat")
"""Lists of domains that a company wants to see in its traffic by kind, though nobody names them."""


def _json(path: Path) -> Any:  # a document of a source: its shape is the source's own
    return msgspec.json.decode(path.read_bytes()) if path.exists() else {}


def _trackers(root: Path) -> Iterator[Entry]:
    """Yield the services of the tracker database, each with its domains."""
    found = _json(root / ADGUARD / "trackers.json")
    companies = _json(root / ADGUARD / "companies.json").get("companies", {})
    domains: dict[str, list[str]] = {}
    for domain, tracker in found.get("trackerDomains", {}).items():
        domains.setdefault(tracker, []).append(domain)
    for key, tracker in found.get("trackers", {}).items():
        entry = _tracker(tracker, found["categories"], companies, domains.get(key, []))
        if entry is not None:
            yield entry


def _tracker(
    tracker: Mapping[str, Any], kinds: Mapping[str, str], companies: Mapping[str, Any], domains: list[str]
) -> Entry | None:
    kind = kinds[str(tracker["categoryId"])]
    name, address = tracker["name"].strip(), tracker["url"] or ""
    if kind in _NOT_APPS or (kind in _WITHOUT_NAME and name in domains):
        return None
    company = companies.get(tracker["companyId"] or "", {}).get("name", "")
    return Entry(
        source=ADGUARD,
        role=Role.LISTED,
        name=name,
        address=address,
        more=tuple(domains),
        categories=stated(Level.SECTION, rules.mapped("adguard", kind)),
        vendor="" if company == name else company.strip(),
        flags=frozenset({TRACKER} if kind in _THIRD_PARTIES else ()),
    )


def _families(root: Path) -> Iterator[Entry]:
    for service in _json(root / ADGUARD / "vpn_services.json") or ():
        yield Entry(
            source=ADGUARD,
            role=Role.SERVICE,
            name=service["service_name"],
            address=service["icon_domain"],
            more=tuple(service["domains"]),
            categories=stated(Level.APP, rules.first_mapped("adguard-services", service["categories"])),
        )


def _terms(root: Path) -> Iterator[Entry]:
    for record in lines(root / "tosdr/services.jsonl"):
        addresses = [address for address in record["urls"] if address]
        if addresses:
            yield Entry(
                source="tosdr",
                role=Role.LISTED,
                name=record["name"],
                address=addresses[0],
                more=tuple(addresses[1:4]),
            )


def _archived_terms(root: Path) -> Iterator[Entry]:
    for record in lines(root / "open-terms-archive/declarations-contrib.jsonl"):
        address = next((url for url in record["terms"].values() if isinstance(url, str)), "")
        yield Entry(source="open-terms-archive", role=Role.LISTED, name=record["name"], address=address)


def _classified(root: Path) -> Iterator[Entry]:
    for kind in _UT1_APPS:
        for domain in ut1(root, kind):
            yield Entry(
                source=UT1,
                role=Role.LISTED,
                address=domain,
                categories=stated(Level.DOMAIN_LIST, rules.mapped("ut1", kind)),
            )


def ut1(root: Path, kind: str) -> list[str]:
    """Return the hosts of one list, none where it is absent."""
    path = root / UT1 / f"{kind}.txt"
    return path.read_text("utf-8").split() if path.exists() else []


READERS: Final[tuple[Callable[[Path], Iterator[Entry]], ...]] = (
    _families,
    _trackers,
    _terms,
    _archived_terms,
    _classified,
)
"""The readers; each takes the folder of sources."""


def read(root: Path) -> list[Entry]:
    """Return the entries of every share-alike source below ``root``."""
    return [entry for reader in READERS for entry in reader(root)]
