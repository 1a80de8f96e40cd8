"""Who stands behind an app: country, age, listing at an exchange, popularity, home page."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from opencasb.catalog.builder.claims import compact, label_of, split_address
from opencasb.catalog.builder.company_names import company
from opencasb.catalog.builder.entry import Entry, Role
from opencasb.catalog.builder.facts.finding import MEDIUM, Finding
from opencasb.catalog.builder.json_lines import lines

LISTED: Final = "us-listed-companies"
BY_VENDOR: Final = "said of the company of the vendor's name"
"""The method of a finding about a company rather than about one app."""

_FLAG: Final = 0x1F1E6
_SHARE: Final = re.compile(
    r"\s+-?\s*(class [a-z]\b|common (stock|shares?)|ordinary shares?|american depositary|depositary sh|capital stock"
    r"|subordinate).*",
    re.IGNORECASE,
)
_FORM: Final = re.compile(
    r"[,.]?\s+(inc|incorporated|corp|corporation|company|co|ltd|limited|plc|n\.?v|s\.?a|ag|se|llc|l\.?p|holdings?|group"
    r"|technologies|software|communications|platforms)\b\.?",
    re.IGNORECASE,
)


_BESIDE: Final = re.compile(
    r"(?:api|docs?|apidocs|api-docs|documentation|developers?|mcp|status)\.[^.]+\.", re.IGNORECASE
)
"""Hosts for who builds on an app or watches it, which lists of interfaces and of outages have in place of its own."""


@cache
def _countries() -> tuple[Mapping[str, str], frozenset[str]]:
    document = tomllib.loads(files(__package__).joinpath("countries.toml").read_text("utf-8"))
    return document["names"], frozenset(document["us_states"])


def country_at_end(address: str) -> str | None:
    """Return the two-letter code of the country whose name an address ends with."""
    names, _ = _countries()
    found = [name for name in names if address.strip(" .").lower().endswith(name.lower())]
    return names[max(found, key=len)] if found else None


def countries(root: Path) -> Iterator[Finding]:
    """Yield headquarters: flags of a list of European services, and the addresses of payment providers."""
    for record in lines(root / "awesome-lists/entries.jsonl"):
        flag = [ord(sign) - _FLAG for sign in record.get("flag", "")]
        if record["list"] == "uscneps/Awesome-European-Tech" and len(flag) == 2 and all(0 <= at < 26 for at in flag):
            code = "".join(chr(ord("A") + at) for at in flag)
            yield Finding(
                factor="headquarters", value=code, name=record["name"], address=record["url"], source=record["list"]
            )
    for record in lines(root / "openfintech/vendors.jsonl"):
        country = country_at_end(record.get("address", ""))
        if country:
            yield Finding(
                factor="headquarters",
                value=country,
                name=record["name"],
                address=record["website"],
                source="openfintech",
                confidence=MEDIUM,
                method="the country of its postal address",
            )


def popularity(ranks: Mapping[str, int]) -> Iterator[Finding]:
    """Yield the rank of each domain that is ranked."""
    for domain, rank in ranks.items():
        yield Finding(factor="consumer_popularity", value=rank, address=domain, source="majestic-million")


def listed(root: Path, vendors: Iterable[str]) -> dict[str, list[Finding]]:
    """Return what exchanges say about vendors, by vendor: only for names that are just one company's."""
    wanted = {vendor: _plain(vendor) for vendor in sorted(set(vendors)) if vendor}
    big = {_plain(row["Security"]): row for row in _rows(root, "sp500-constituents.csv")}
    traded = {_plain(row["Security Name"]) for row in _rows(root, "nasdaq-listed.csv")}
    traded |= {_plain(row["Company Name"]) for row in _rows(root, "nyse-listed.csv")}
    found: dict[str, list[Finding]] = {}
    for vendor, plain in wanted.items():
        if plain in big:
            found[vendor] = [_said("holding", "public"), *_head_office(big[plain])]
        elif plain in traded:
            found[vendor] = [_said("holding", "public")]
    return found


def _plain(name: str) -> str:
    return compact(_FORM.sub("", company(_SHARE.sub("", name))))


def _rows(root: Path, file: str) -> Iterator[dict[str, str]]:
    path = root / LISTED / file
    if path.exists():
        with path.open(encoding="utf-8", newline="") as text:
            yield from csv.DictReader(text)


def _said(factor: str, value: str | int) -> Finding:
    return Finding(factor=factor, value=value, source=LISTED, confidence=MEDIUM, method=BY_VENDOR)


def _head_office(row: Mapping[str, str]) -> Iterator[Finding]:
    names, states = _countries()
    place = re.sub(r"\[\d+\]", "", row["Headquarters Location"]).rpartition(", ")[2]
    country = "US" if place in states else names.get(place)
    if country:
        yield _said("headquarters", country)
    # "2013 (1888)": the year of the present company is no year of founding everybody would name.
    if re.fullmatch(r"\d{4}", row["Founded"]):
        yield _said("founded", int(row["Founded"]))


def home_pages(entries: Iterable[Entry]) -> Iterator[Finding]:
    """Yield the web sites that sources give as addresses without a path, but those beside an app for its developers."""
    for entry in entries:
        host, path = split_address(entry.address)
        if _BESIDE.match(host):
            continue
        if "://" in entry.address and not path and entry.name and entry.role in {Role.SERVICE, Role.LISTED}:
            scheme = entry.address.split("://", 1)[0].lower()
            if scheme in {"http", "https"}:
                yield Finding(
                    factor="home_page",
                    value=f"{scheme}://{host}/",
                    name=entry.name,
                    address=entry.address,
                    source=entry.source,
                )


def about(found: Iterable[Finding], vendor: str, domain: str, name: str) -> Iterator[Finding]:
    """Yield findings about a vendor as those about an app of its; only the app of its own name is as old as it is."""
    namesake = _plain(vendor) in {_plain(name), label_of(domain)}
    for finding in found:
        if namesake or finding.factor != "founded":
            yield msgspec.structs.replace(finding, address=domain, name=name)
