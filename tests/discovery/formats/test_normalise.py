"""From text fields to the normalised transaction."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from opencasb.discovery.formats.base import ParseContext, nothing
from opencasb.discovery.formats.normalise import authorities, finished, normalise
from opencasb.model.transaction import COLUMNS
from tests.discovery.formats.parsed import RECEIVED


def normalised(want_url: bool = True, **fields: Any) -> dict[str, Any]:
    """Return the row of one line with these fields."""
    given = {"line": 1, "timestamp": RECEIVED, "source": "10.0.0.1", **fields}
    flags = {"blocked", "tunnel"}
    schema = {
        name: pl.Boolean if name in flags else pl.Int64 if name in {"line", "timestamp"} else pl.String
        for name in given
    }
    rows = pl.DataFrame({name: [value] for name, value in given.items()}, schema=schema)
    (row,) = normalise(rows, ParseContext(RECEIVED, want_url=want_url)).to_dicts()
    return dict(row)


def test_a_rejected_line_is_not_ignored_too() -> None:
    """It would be counted twice."""
    row = normalised(ignored="authentication challenge", rejected="not a line of this log")
    assert (row["ignored"], row["rejected"]) == (None, "not a line of this log")


@pytest.mark.parametrize("word", ["-", "N/A", "None", "null", "Unknown", "unknown"])
def test_words_for_no_host(word: str) -> None:
    """The URL tells the host, otherwise only the address is known."""
    row = normalised(authority=word, url="https://www.example.com/a", server="203.0.113.9")
    assert (row["destination_host"], row["url"]) == ("www.example.com", "https://www.example.com/a")
    row = normalised(authority=word, path="/a", server="203.0.113.9")
    assert (row["destination_host"], row["url"], row["destination_ip"]) == (None, None, "203.0.113.9")


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"url": "http://Example.com:8080/a?b#c"}, "http://Example.com:8080/a?b#c"),
        ({"url": "ftp://example.com/a"}, "ftp://example.com/a"),
        ({"url": "example.com/a"}, "http://example.com/a"),
        ({"url": "example.com:8443/a", "scheme": "HTTPS"}, "https://example.com:8443/a"),
        ({"url": "[2001:db8::1]/a"}, "http://[2001:db8::1]/a"),
        ({"url": "[2001:db8::1]:8443/a", "scheme": "https"}, "https://[2001:db8::1]:8443/a"),
        ({"url": "example.com:443"}, None),
        ({"url": "[2001:db8::1]:443"}, None),
        ({"url": "https://example.com/", "tunnel": True}, None),
        ({"authority": "example.com"}, None),
        (
            {"authority": "example.com", "scheme": "https", "port": "443", "path": "/a", "query": "?b"},
            "https://example.com/a?b",
        ),
        ({"authority": "Example.com", "scheme": "http", "port": "81", "path": "/"}, "http://example.com:81/"),
        ({"authority": "example.com:81", "path": "/a"}, "http://example.com/a"),
        ({"authority": "[2001:db8::1]", "scheme": "http", "path": "/"}, "http://[2001:db8::1]/"),
        ({"authority": "example.com", "path": "no-slash"}, None),
    ],
)
def test_urls(fields: dict[str, Any], url: str | None) -> None:
    """A URL is as logged, completed, composed of its parts, or absent if only a host is known."""
    assert normalised(**fields)["url"] == url
    assert normalised(want_url=False, **fields)["url"] is None


@pytest.mark.parametrize(
    ("fields", "host", "address"),
    [
        ({"url": "http://example.com/", "server": "203.0.113.9"}, "example.com", "203.0.113.9"),
        ({"url": "http://example.com/", "authority": "other.example"}, "other.example", None),
        ({"url": "http://203.0.113.9/"}, None, "203.0.113.9"),
        ({"url": "http://203.0.113.9/", "server": "203.0.113.10"}, None, "203.0.113.10"),
        ({"authority": "example.com:443", "server": "parent.example"}, "example.com", None),
    ],
)
def test_destinations(fields: dict[str, Any], host: str | None, address: str | None) -> None:
    """The host's name and the origin's address; an address in place of a host is an address."""
    row = normalised(**fields)
    assert (row["destination_host"], row["destination_ip"], row["rejected"]) == (host, address, None)


@pytest.mark.parametrize(
    ("fields", "total"),
    [
        ({"sent": "1", "received": "2"}, 3),
        ({"sent": "1"}, 1),
        ({"received": "0"}, 0),
        ({}, None),
        ({"sent": "1", "received": "2", "total": "9"}, 9),
        ({"sent": "-", "received": "x"}, None),
    ],
)
def test_totals(fields: dict[str, Any], total: int | None) -> None:
    """The logged total, else the sum of the known sizes, else unknown, which is not 0."""
    assert normalised(authority="example.com", **fields)["total_bytes"] == total


def test_counts_and_actions() -> None:
    """A line is one allowed transaction, unless it says otherwise."""
    row = normalised(authority="example.com")
    assert (row["transactions"], row["action"]) == (1, "allow")
    row = normalised(authority="example.com", count="7", blocked=True)
    assert (row["transactions"], row["action"]) == (7, "block")
    assert normalised(authority="example.com", count="0")["transactions"] == 1
    assert normalised(authority="example.com", device="pc-1 ")["source_device"] == "pc-1"
    for unknown in ("-", "00:00:00:00:00:00"):
        assert normalised(authority="example.com", device=unknown)["source_device"] is None


def test_rejections() -> None:
    """A line needs a client and a destination, unless it is ignored or rejected for another reason."""
    assert normalised(authority="example.com", source="-")["rejected"] == "no source address"
    assert normalised(authority="-")["rejected"] == "no destination"
    assert normalised(authority="-", rejected="torn")["rejected"] == "torn"
    row = normalised(authority="-", ignored="login")
    assert (row["ignored"], row["rejected"]) == ("login", None)
    row = normalised(authority="-", ignored="login", rejected="torn")
    assert (row["ignored"], row["rejected"]) == (None, "torn")


def test_authorities() -> None:
    """The authority of a URL ends where its path begins."""
    urls = pl.Series(["http://a/b", "https://a?b", "FTP://u@a:1/b", "a:1", "a/b", "//a/b", "mailto:x", "/path", None])
    assert authorities(urls).to_list() == ["a", "a?b", "u@a:1", "a:1", "a", "a", "mailto:x", None, None]


def test_frames_without_transactions() -> None:
    """Lines that are not transactions have the same columns, too."""
    frame = finished(pl.DataFrame({"line": [3, 4]}), ignored="comment")
    assert tuple(frame.columns) == COLUMNS
    assert frame.select("line", "ignored", "rejected").rows() == [(3, "comment", None), (4, "comment", None)]
    assert frame.schema == nothing().schema
    assert nothing().is_empty()
