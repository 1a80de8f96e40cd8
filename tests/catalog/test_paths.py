"""Apps distinguished by path."""

from __future__ import annotations

import csv
from importlib.resources import files

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from opencasb.catalog.catalog import Catalog
from opencasb.catalog.paths import PathRule, Paths, shipped_paths

PATHS = Paths([PathRule("acme.com", "/docs", 2, 1), PathRule("acme.com", "/docs/forms", 3, 1)])


def target(host: str, url: str | None) -> str:
    """Return the target of one line."""
    return str(PATHS.targets(pl.Series([host]), pl.Series([url], dtype=pl.String)).item())


def test_the_longest_prefix_wins_and_ends_at_a_slash() -> None:
    """Case, www, query and port do not matter."""
    assert target("acme.com", "https://acme.com/docs/forms/7") == "acme.com/docs/forms"
    assert target("www.acme.com", "http://www.acme.com:8080/Docs?a=/docs/forms") == "acme.com/docs"
    assert target("acme.com", "https://acme.com/docsets") == "acme.com"
    assert target("acme.com", "https://acme.com") == "acme.com"
    assert target("acme.com", None) == "acme.com"
    assert target("x.acme.com", "https://x.acme.com/docs") == "x.acme.com"


def test_a_rule_counts_where_the_host_is_still_of_its_app() -> None:
    """If a tenant assigned the host to another app, the rule does not apply."""
    assert PATHS.app("acme.com/docs", 1) == 2
    assert PATHS.app("acme.com/docs", 500) == 500
    assert PATHS.app("acme.com/docs", None) is None
    assert PATHS.hosts == {"acme.com", "www.acme.com"}


@given(st.text(max_size=20), st.text(max_size=40) | st.none())
def test_any_text_is_a_target(host: str, url: str | None) -> None:
    """Hostile input without a matching rule is counted by its host."""
    assert target(host, url) in {host, "acme.com/docs", "acme.com/docs/forms"}


def test_the_shipped_rules_name_apps_of_the_catalog() -> None:
    """They have an app's id and name; the host itself belongs to the app they expect."""
    catalog = Catalog.shipped()
    text = files("opencasb.catalog").joinpath("data", "paths.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) > 20
    for row in rows:
        app = catalog.app(int(row["app_id"]))
        assert app is not None
        assert app.name == row["app"]
        assert catalog.match_hosts(pl.Series([row["host"]]))["app_id"].to_list() == [int(row["of"])]
    assert shipped_paths().app("google.com/maps", 33626) == 40717
    search = catalog.app(shipped_paths().app("google.com/search", 33626) or 0)
    assert search is not None
    assert search.category == "SAASDB_CATEGORY_CONSUMER"


def test_the_pixel_of_a_network_is_no_visit_of_it() -> None:
    """Other sites' pages fetch it from the network's main host."""
    (facebook,) = Catalog.shipped().match_hosts(pl.Series(["www.facebook.com"]))["app_id"]
    found = shipped_paths().targets(
        pl.Series(["www.facebook.com", "www.facebook.com"]),
        pl.Series(["https://www.facebook.com/tr/?id=1&ev=PageView", "https://www.facebook.com/travel"]),
    )
    pixel, page = (shipped_paths().app(target, facebook) for target in found)
    app = Catalog.shipped().app(pixel or 0)
    assert app is not None
    assert (app.name, page) == ("Meta Pixel", facebook)
