"""Bare addresses get the names found on other lines of the log."""

from __future__ import annotations

import polars as pl
import pytest

from opencasb.discovery import named_addresses
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.named_addresses import NamedAddresses
from opencasb.discovery.recognise import format_of
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.stub_catalog import StubCatalog

Line = tuple[str | None, str | None, str | None]


def frame(*lines: Line) -> pl.DataFrame:
    """Return rows with host, address and the rule by which they are ignored."""
    rows = [(host, address, ignored, None) for host, address, ignored in lines]
    names = ("destination_host", "destination_ip", "ignored", "rejected")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def named(*batches: list[Line]) -> list[str | None]:
    """Return the hosts of the last batch."""
    names = NamedAddresses(StubCatalog().registrable)
    for lines in batches:
        rows = frame(*lines)
        used = names.name(rows, rows.filter(pl.col("ignored").is_null()))
    return used["destination_host"].to_list()


BARE: Line = (None, "203.0.113.9", None)
DROPBOX: Line = ("www.dropbox.com", "203.0.113.9", None)


def test_a_name_of_the_log_is_given_to_its_address() -> None:
    """In any order, within a batch or from an earlier one; existing names are kept."""
    assert named([BARE, DROPBOX]) == ["www.dropbox.com", "www.dropbox.com"]
    assert named([DROPBOX, BARE], [BARE, (None, "203.0.113.10", None)]) == ["www.dropbox.com", None]
    assert named([("a.dropbox.com", "203.0.113.9", None), BARE, DROPBOX]) == [
        "a.dropbox.com",
        "a.dropbox.com",
        "www.dropbox.com",
    ]


def test_a_shared_address_stays_an_address() -> None:
    """Names in several domains are ambiguous, whatever follows."""
    other: Line = ("cdn.example.net", "203.0.113.9", None)
    assert named([DROPBOX, other, BARE]) == ["www.dropbox.com", "cdn.example.net", None]
    assert named([DROPBOX, other, BARE], [DROPBOX, BARE]) == ["www.dropbox.com", None]


def test_a_dns_answer_is_no_traffic_and_names_an_address() -> None:
    """An ignored line may still name an address."""
    assert named([("www.dropbox.com", "203.0.113.9", "DNS record"), BARE]) == ["www.dropbox.com"]


def test_not_more_names_than_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the limit, addresses are not named."""
    monkeypatch.setattr(named_addresses, "MOST", 1)
    later: Line = ("box.example", "203.0.113.10", None)
    assert named([DROPBOX, later, BARE, (None, "203.0.113.10", None)])[2:] == ["www.dropbox.com", None]


def test_fortigate_tells_its_dns_answers() -> None:
    """In both forms of the record; the first address counts."""
    head = 'date=2025-11-20 time=11:00:00 devid="FG1" logid="1501054802" '
    lines = [
        f'{head}type="utm" subtype="dns" qname="WWW.Dropbox.com" ipaddr="203.0.113.9, 203.0.113.10" action="pass"',
        f'{head}type="dns" subtype="dns-response" qname="box.example" ipaddr="203.0.113.11"',
        f'{head}type="utm" subtype="dns" qname="no.answer.example"',
    ]
    parser = format_of("FORTIGATE").open(ParseContext(RECEIVED, want_url=False))
    rows = parser.end(parser.begin(pl.DataFrame({"line": [1, 2, 3], "text": lines}))()).sort("line")
    assert rows["ignored"].to_list() == ["DNS record"] * 3
    assert rows["destination_host"].to_list() == ["www.dropbox.com", "box.example", "no.answer.example"]
    assert rows["destination_ip"].to_list() == ["203.0.113.9", "203.0.113.11", None]
