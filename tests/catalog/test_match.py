"""Matching hosts by their longest suffix."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from opencasb.catalog.match import DomainRow, HostTable, match_hosts, normalised
from opencasb.catalog.suffixes import PublicSuffixes

SUFFIXES = PublicSuffixes(["com", "net", "io"], ["pages.io"])
ROWS = [
    DomainRow("acme.com", 1, tenants=False, registrable="acme.com"),
    DomainRow("drive.acme.com", 2, tenants=False, registrable="acme.com"),
    DomainRow("share.com", 3, tenants=True, registrable="share.com"),
    DomainRow("*-my.share.com", 4, tenants=True, registrable="share.com"),
    DomainRow("hooks.share.com", 3, tenants=False, registrable="share.com"),
    DomainRow("pages.io", 5, tenants=True, registrable="pages.io"),
    DomainRow("acmebrand", 1, tenants=False, registrable=None),
]
TABLE = HostTable(ROWS)
labels = st.sampled_from("acme drive share hooks x com net io pages acmebrand www corp-my".split())  # noqa: SIM905


def matched(*hosts: str | None) -> list[tuple[object, ...]]:
    """Return the rows (app, domain, instance) of hosts."""
    return match_hosts(pl.Series(hosts, dtype=pl.String), TABLE, SUFFIXES).select("app_id", "domain", "instance").rows()


def test_the_longest_suffix_wins() -> None:
    """A host of a family before its domain; a suffix ends at a dot."""
    assert matched("acme.com", "x.drive.acme.com", "notacme.com") == [
        (1, "acme.com", None),
        (2, "acme.com", None),
        (None, "notacme.com", None),
    ]


def test_customers_of_a_platform_are_instances() -> None:
    """Its own service hosts are not; deeper hosts belong to the same customer."""
    assert matched("corp.share.com", "a.b.corp.share.com", "www.share.com", "hooks.share.com", "share.com") == [
        (3, "share.com", "corp.share.com"),
        (3, "share.com", "corp.share.com"),
        (3, "share.com", None),
        (3, "share.com", None),
        (3, "share.com", None),
    ]


def test_a_pattern_gives_some_customers_to_another_app() -> None:
    """Personal storage on the domain of a team product."""
    assert matched("corp-my.share.com") == [(4, "share.com", "corp-my.share.com")]


def test_places_on_a_listed_suffix_belong_to_the_platform_others_to_themselves() -> None:
    """The same private rule gives an unlisted place its own domain."""
    assert matched("me.pages.io") == [(5, "pages.io", "me.pages.io")]
    assert match_hosts(pl.Series(["a.me.pages.io"]), HostTable([]), SUFFIXES)["domain"].to_list() == ["me.pages.io"]


def test_names_inside_the_house_have_no_domain() -> None:
    """Nor have addresses and nonsense; a brand's top-level domain needs a name below it."""
    inside = ("intranet", "printer.local", "192.0.2.1", "2001:db8::1", "", None, "..", "acmebrand")
    assert matched(*inside) == [(None, None, None)] * len(inside)
    assert matched("tools.acmebrand")[0][0] == 1


def test_hosts_are_normalised_before_they_are_matched() -> None:
    """Case, blanks, ports and final dots say nothing; Unicode and punycode are one name."""
    given_hosts = pl.Series([" ACME.com:443 ", "acme.com.", "Bücher.com", "xn--bcher-kva.com"])
    assert normalised(given_hosts).to_list() == ["acme.com", "acme.com", "xn--bcher-kva.com", "xn--bcher-kva.com"]


def test_a_tenants_own_table_is_asked_first() -> None:
    """Even where the other one has a longer suffix."""
    own = HostTable([DomainRow("acme.com", 500, tenants=False, registrable="acme.com")])
    found = match_hosts(pl.Series(["x.drive.acme.com", "corp.share.com"]), TABLE, SUFFIXES, own)
    assert found["app_id"].to_list() == [500, 3]
    assert found["instance"].to_list() == [None, "corp.share.com"]


def test_every_host_has_its_row_in_order() -> None:
    """Also when there are none, and when they repeat."""
    assert matched() == []
    found = match_hosts(pl.Series("h", ["acme.com", "acme.com", None]), TABLE, SUFFIXES)
    assert found["host"].to_list() == ["acme.com", "acme.com", None]
    assert found.schema == {"host": pl.String, "app_id": pl.Int64, "domain": pl.String, "instance": pl.String}


@given(st.lists(st.text() | st.none(), max_size=5))
def test_any_text_can_be_matched(hosts: list[str | None]) -> None:
    """Hostile input is normal: nothing raises."""
    assert len(matched(*hosts)) == len(hosts)


@given(st.lists(labels, min_size=2, max_size=5))
def test_no_other_suffix_is_longer_than_the_one_that_matched(parts: list[str]) -> None:
    """Compared with trying every row on the host."""
    host = ".".join(parts)
    candidates = [row for row in ROWS if host == row.domain or host.endswith("." + row.domain)]
    longest = max(candidates, key=lambda row: len(row.domain), default=None)
    ((app_id, _, instance),) = matched(host)
    if longest is None:
        assert app_id is None
    elif app_id == 4:
        assert longest.domain == "share.com"
        assert isinstance(instance, str)
        assert instance.endswith("-my.share.com")
    else:
        assert app_id == longest.app_id
