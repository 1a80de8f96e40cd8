"""Classification of a log's destinations."""

from __future__ import annotations

import polars as pl

from opencasb.catalog.paths import NO_PATHS
from opencasb.discovery.destinations import UNRESOLVED_APP_ID, Destinations
from tests.discovery.stub_catalog import stub_catalog


def test_each_destination_is_an_app_a_domain_or_nothing() -> None:
    """A host takes precedence over its address; without one an address is its owner's app, or unresolved if public."""
    asked = [
        ("www.dropbox.com", "162.125.1.1", (11627, None, None)),
        ("contoso.sharepoint.com", None, (20892, "contoso.sharepoint.com", None)),
        ("a.unknown.example", None, (-1, None, None)),
        ("intranet", "162.125.1.1", (None, None, "internal host")),
        (None, "162.125.1.1", (11627, None, None)),
        (None, "93.184.216.34", (UNRESOLVED_APP_ID, None, None)),
        (None, None, (None, None, "no destination")),
    ]
    destinations = Destinations(stub_catalog(), NO_PATHS)
    hosts, addresses, expected = zip(*asked, strict=True)
    found = destinations.find(pl.Series(hosts, dtype=pl.String), pl.Series(addresses, dtype=pl.String))
    assert found.select("app_id", "instance", "drop").rows() == list(expected)
    assert destinations.domains == ["unknown.example"]
    again = destinations.find(pl.Series(["b.unknown.example", "other.test"]), pl.Series([None, None], dtype=pl.String))
    assert again["app_id"].to_list() == [-1, -2]
