"""The meaning of W3C log fields."""

from __future__ import annotations

import polars as pl
import pytest

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.normalise import RAW
from opencasb.discovery.formats.w3c_fields import BLUECOAT, GENERIC, Dialect, lacking, mapped
from tests.discovery.formats.parsed import RECEIVED


@pytest.mark.parametrize("dialect", [BLUECOAT, GENERIC])
def test_dialects(dialect: Dialect) -> None:
    """A dialect maps to known columns; its fields are in lower case, as in layouts, and unique."""
    assert set(dialect.names) <= set(RAW)
    assert [name.lower() for name in dialect.wanted(with_url=True)] == list(
        dict.fromkeys(dialect.wanted(with_url=True))
    )
    assert lacking(dialect.default or dialect.wanted(with_url=True), dialect) is None


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (("date", "time", "cs-host"), "client address"),
        (("date", "time", "c-ip"), "no host, URL or server address"),
        (("c-ip", "s-ip"), None),
        (("c-ip", "cs-uri"), None),
        (("c-ip", "r-ip"), None),
    ],
)
def test_lacking(names: tuple[str, ...], what: str | None) -> None:
    """A file must have a client and a destination."""
    found = lacking(names, GENERIC)
    assert found is None if what is None else what in str(found)


def test_only_what_is_given_is_mapped() -> None:
    """Fields that a file lacks give no columns, nor do parts of URLs if no URL is requested."""
    fields = pl.DataFrame(
        {
            "line": [1],
            "header": [None],
            "rejected": [None],
            "c-ip": ["10.0.0.1"],
            "cs-host": ["a.example"],
            "cs-uri-path": ["/"],
        },
        schema_overrides={"header": pl.String, "rejected": pl.String},
    )
    without = mapped(fields, BLUECOAT, ParseContext(RECEIVED, want_url=False))
    wanted = mapped(fields, BLUECOAT, ParseContext(RECEIVED))
    assert set(wanted.columns) - set(without.columns) == {"path"}
    assert {"source", "authority", "blocked", "tunnel", "timestamp"} <= set(without.columns)
    assert "user" not in without.columns
