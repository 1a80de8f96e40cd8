"""Matching hosts by their longest suffix."""

from __future__ import annotations

import random
import re
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.catalog.match import SERVICE_LABELS, DomainRow, HostTable, compiled, match_hosts, rows_frame
from opencasb.catalog.shipped import HOSTS, CatalogFiles
from opencasb.catalog.suffixes import PublicSuffixes, punycode
from opencasb.model.layer import Layer

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
TABLE = HostTable(compiled(rows_frame(ROWS), SUFFIXES), SUFFIXES)
labels = st.sampled_from("acme drive share hooks x com net io pages acmebrand www corp-my".split())  # noqa: SIM905


def matched(*hosts: str | None) -> list[tuple[object, ...]]:
    """Return the rows (app, domain, instance) of hosts."""
    return match_hosts(pl.Series(hosts, dtype=pl.String), TABLE).select("app_id", "domain", "instance").rows()


def test_the_longest_suffix_wins() -> None:
    """A host of a family precedes its domain; a suffix begins at a dot."""
    assert matched("acme.com", "x.drive.acme.com", "notacme.com") == [
        (1, "acme.com", None),
        (2, "acme.com", None),
        (None, "notacme.com", None),
    ]


def test_customers_of_a_platform_are_instances() -> None:
    """The platform's service hosts are not; deeper hosts belong to the same customer."""
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
    assert match_hosts(pl.Series(["a.me.pages.io"]), HostTable(compiled(rows_frame([]), SUFFIXES), SUFFIXES))[
        "domain"
    ].to_list() == ["me.pages.io"]


def test_names_inside_the_house_have_no_domain() -> None:
    """IP addresses and invalid names have none either; a brand's top-level domain needs a name below it."""
    inside = ("intranet", "printer.local", "192.0.2.1", "2001:db8::1", "", None, "..", "acmebrand")
    assert matched(*inside) == [(None, None, None)] * len(inside)
    assert matched("tools.acmebrand")[0][0] == 1


def test_hosts_are_normalised_before_they_are_matched() -> None:
    """Case, blanks, ports and final dots are ignored; Unicode and punycode are equivalent."""
    assert matched(" ACME.com:443 ", "acme.com.", "Bücher.com", "xn--bcher-kva.com") == [
        *[(1, "acme.com", None)] * 2,
        *[(None, "xn--bcher-kva.com", None)] * 2,
    ]


def test_a_tenants_own_table_is_asked_first() -> None:
    """It wins even if the catalog has a longer suffix."""
    own = HostTable(compiled(rows_frame([DomainRow("acme.com", 500, tenants=False, registrable="acme.com")])))
    found = match_hosts(pl.Series(["x.drive.acme.com", "corp.share.com"]), TABLE, own)
    assert found["app_id"].to_list() == [500, 3]
    assert found["instance"].to_list() == [None, "corp.share.com"]


def test_every_host_has_its_row_in_order() -> None:
    """There may be no hosts, or repeated ones."""
    assert matched() == []
    found = match_hosts(pl.Series("h", ["acme.com", "acme.com", None]), TABLE)
    assert found["host"].to_list() == ["acme.com", "acme.com", None]
    assert found.schema == {"host": pl.String, "app_id": pl.Int64, "domain": pl.String, "instance": pl.String}


@given(st.lists(st.text() | st.none(), max_size=5))
def test_any_text_can_be_matched(hosts: list[str | None]) -> None:
    """Hostile input raises nothing."""
    assert len(matched(*hosts)) == len(hosts)


def normalised(host: str) -> str:
    """Return the normalised host: lower-case ASCII without blanks, port and outer dots."""
    return punycode(re.sub(r":\d+$", "", host.strip()).strip("."))


def walked(host: str, rows: list[DomainRow], suffixes: PublicSuffixes) -> tuple[int | None, str | None, str | None]:
    """Return the result of removing label after label from a host in plain Python."""
    host = normalised(host)
    at = {row.domain: row for row in reversed(rows) if not row.domain.startswith("*")}
    parts = host.split(".")
    known = next((n for n in range(len(parts)) if ".".join(parts[n:]) in at), None)
    if known is None:
        return None, suffixes.registrable(host), None
    row = at[".".join(parts[known:])]
    if row.registrable is None and len(parts) == 1:
        return None, None, None
    domain = row.registrable or suffixes.registrable(host)
    if not row.tenants or known == 0 or parts[known - 1] in {*SERVICE_LABELS, ""}:
        return row.app_id, domain, None
    label = parts[known - 1]
    patterns = [each for each in rows if each.domain.startswith("*") and each.domain.endswith("." + row.domain)]
    fitting = [each for each in patterns if label.endswith(each.domain[1:].partition(".")[0])]
    app_id = fitting[0].app_id if fitting else row.app_id
    return app_id, domain, ".".join(parts[known - 1 :])


names = st.lists(labels | st.sampled_from(["my.share", "", "é", "a\nb"]), min_size=1, max_size=6).map(".".join)


@given(st.lists(names, max_size=8))
def test_a_batch_is_matched_as_host_by_host_in_plain_python(hosts: list[str]) -> None:
    """The sorted search finds the same as removing label after label, whatever other hosts are in the batch."""
    assert matched(*hosts) == [walked(host, ROWS, SUFFIXES) for host in hosts]


SHIPPED = CatalogFiles(Path(str(files("opencasb.catalog").joinpath("data"))))
DOMAINS = pl.read_parquet(Path(str(files("opencasb.catalog").joinpath("data", "core", "domains.parquet"))))


def test_the_shipped_domains_are_matched_as_in_plain_python() -> None:
    """Every domain and rule, alone and with prefixes, and unrelated names that look similar."""
    draw = random.Random(5)  # noqa: S311 -- reproducible
    ends = [*DOMAINS["domain"], *SHIPPED.suffixes.bases["name"], "unknown", "local"]
    shapes = ("{}", "www.{}", "x{}", "a-b.c.{}", "corp-my.{}", ".{}", "{}.", "a..{}", "{}.com", "{}/")
    hosts = pl.Series([draw.choice(shapes).format(draw.choice(ends)) for _ in range(20_000)])
    rows = {row.domain: row for row in map(DomainRow._make, DOMAINS.select(DomainRow._fields).iter_rows())}
    patterns = [row for row in rows.values() if row.domain.startswith("*")]
    found = match_hosts(hosts, HostTable(compiled(DOMAINS, SHIPPED.suffixes), SHIPPED.suffixes)).select(
        "app_id", "domain", "instance"
    )
    for host, row in zip(hosts, found.iter_rows(), strict=True):
        parts = normalised(host).split(".")
        near = [rows[end] for n in range(len(parts)) if (end := ".".join(parts[n:])) in rows]
        assert row == walked(host, [*near, *patterns], SHIPPED.suffixes), host


@pytest.mark.parametrize("layers", [("core",), ("core", "sharealike")])
def test_the_shipped_table_is_compiled_from_the_shipped_domains(layers: tuple[Layer, ...]) -> None:
    """Every build writes it."""
    shipped = CatalogFiles(Path(str(files("opencasb.catalog").joinpath("data"))), layers)
    written = pl.read_parquet(Path(str(files("opencasb.catalog").joinpath("data", layers[-1], HOSTS))))
    assert written.equals(shipped.compiled_hosts())
