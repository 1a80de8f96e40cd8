"""The catalog shipped with the program."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.catalog.catalog import Catalog, unlisted_name
from opencasb.catalog.overlay import Overlay
from opencasb.model.app import CustomApp

CATALOG = Catalog.shipped()
OWN = CustomApp(
    app_id=500_000_000,
    name="Expense Desk",
    category="SAASDB_CATEGORY_ACCOUNTING_AND_FINANCE",
    domains=("Dropbox.com", "*.corp.example", "intranet", "bücher.de"),
    networks=("10.1.0.0/16", "8.8.8.0/24", "nonsense"),
    score=8,
)


@pytest.mark.parametrize(
    ("host", "app", "domain", "instance"),
    [
        ("drive.google.com", "Google Drive", "google.com", None),
        ("docs.google.com", "Google Docs", "google.com", None),
        ("www.google.com", "Google", "google.com", None),
        ("www.google.co.uk", "Google", "google.co.uk", None),
        ("teams.microsoft.com", "Microsoft Teams", "microsoft.com", None),
        ("outlook.office.com", "Microsoft Exchange Online", "office.com", None),
        ("contoso.sharepoint.com", "Microsoft SharePoint Online", "sharepoint.com", "contoso.sharepoint.com"),
        ("contoso-my.sharepoint.com", "Microsoft OneDrive for Business", "sharepoint.com", "contoso-my.sharepoint.com"),
        ("aws.amazon.com", "Amazon Web Services", "amazon.com", None),
        ("www.amazon.com", "Amazon", "amazon.com", None),
        ("bucket.s3.amazonaws.com", "Amazon Web Services", "amazonaws.com", "bucket.s3.amazonaws.com"),
        ("acme.slack.com", "Slack", "slack.com", "acme.slack.com"),
        ("app.slack.com", "Slack", "slack.com", None),
        ("foo.github.io", "GitHub", "github.io", "foo.github.io"),
        ("acme.atlassian.net", "Atlassian (Jira, Confluence)", "atlassian.net", "acme.atlassian.net"),
        ("acme.my.salesforce.com", "Salesforce", "salesforce.com", "acme.my.salesforce.com"),
        ("acme.okta.com", "Okta", "okta.com", "acme.okta.com"),
        ("acme.service-now.com", "ServiceNow", "service-now.com", "acme.service-now.com"),
        ("acme.app.box.com", "Box", "box.com", "acme.app.box.com"),
        ("x.blob.core.windows.net", "Microsoft Azure", "windows.net", "x.blob.core.windows.net"),
        ("www.nobody-knows-this.co.uk", None, "nobody-knows-this.co.uk", None),
        ("intranet", None, None, None),
        ("printer.local", None, None, None),
    ],
)
def test_hosts_find_their_app(host: str, app: str | None, domain: str | None, instance: str | None) -> None:
    """Families on one domain, customers on platforms, unlisted domains and internal names."""
    found = CATALOG.match_hosts(pl.Series([host])).row(0, named=True)
    known = None if found["app_id"] is None else CATALOG.app(found["app_id"])
    assert (known and known.name, found["domain"], found["instance"]) == (app, domain, instance)


@pytest.mark.parametrize(
    ("address", "app"),
    [
        ("140.82.112.3", "GitHub"),
        ("8.8.8.8", "Google"),
        ("2001:67c:4e8::1", "Telegram"),
        ("52.94.236.248", "Amazon Web Services"),
        ("13.64.0.1", "Microsoft Azure"),  # also published by GitHub, which runs its builds there
        ("52.112.0.9", "Microsoft Teams"),  # within a network published by Azure
        ("2603:1036:3000::1", "Microsoft Entra ID"),  # within a network used by Exchange
        ("52.97.1.1", "Microsoft Exchange Online"),
        ("13.107.136.8", "Microsoft SharePoint Online"),
        ("170.114.52.2", "Zoom"),
        ("17.57.144.10", "Apple"),
        ("172.224.226.1", "iCloud Private Relay"),
        ("203.0.113.1", None),
        ("10.0.0.1", None),
        ("not an address", None),
        (None, None),
    ],
)
def test_addresses_find_the_app_of_their_provider(address: str | None, app: str | None) -> None:
    """The longest published prefix decides."""
    found = CATALOG.match_addresses(pl.Series([address], dtype=pl.String))
    assert found.schema == {"address": pl.String, "app_id": pl.Int64}
    number = found["app_id"].item()
    known = None if number is None else CATALOG.app(number)
    assert (known and known.name) == app


def test_a_tenants_own_apps_win() -> None:
    """Domains match in any spelling, as do networks; the shared catalog is unchanged."""
    mine = CATALOG.with_overlay(Overlay((OWN,)))
    hosts = pl.Series(["www.dropbox.com", "a.corp.example", "intranet", "xn--bcher-kva.de", "www.box.com"])
    assert mine.match_hosts(hosts)["app_id"].to_list() == [OWN.app_id] * 4 + [10489]
    assert mine.match_hosts(hosts)["domain"].to_list()[1:3] == ["corp.example", "intranet"]
    addresses = pl.Series(["10.1.2.3", "8.8.8.8", "8.8.4.4"])
    assert mine.match_addresses(addresses)["app_id"].to_list() == [OWN.app_id, OWN.app_id, 33626]
    assert CATALOG.match_hosts(hosts)["app_id"].to_list() == [11627, None, None, None, 10489]


def test_a_tenants_own_apps_are_apps_like_others() -> None:
    """They are found by id, in the table and in searches."""
    mine = CATALOG.with_overlay(Overlay((OWN,)))
    app = mine.app(OWN.app_id)
    assert app is not None
    assert (app.name, app.score, app.listed) == ("Expense Desk", 8, True)
    assert mine.search("expense desk")[0] == app
    assert mine.apps.schema == CATALOG.apps.schema
    assert mine.apps.height == CATALOG.apps.height + 1


def test_unknown_ids_have_no_app() -> None:
    """None instead of an error."""
    assert CATALOG.app(-1) is None


def test_search_puts_the_closest_first() -> None:
    """The exact name first, then names beginning with it or containing it, then domains."""
    names = [app.name for app in CATALOG.search(" BOX ")]
    assert names[0] == "Box"
    assert names.index("Dropbox") > 0
    assert CATALOG.search("claudeusercontent")[0].name == "Anthropic Claude"
    assert CATALOG.search("  ") == []
    assert len(CATALOG.search("a")) == 100


@given(st.text(max_size=20))
def test_any_text_can_be_searched(text: str) -> None:
    """Pattern characters are plain text."""
    CATALOG.search(text)


def test_unlisted_apps_are_called_by_their_domain() -> None:
    """Names are shown in Unicode; undecodable ones are unchanged."""
    assert unlisted_name("example.co.uk") == "example.co.uk"
    assert unlisted_name("xn--bcher-kva.de") == "bücher.de"
    assert unlisted_name("xn--\u0000.de") == "xn--\u0000.de"
