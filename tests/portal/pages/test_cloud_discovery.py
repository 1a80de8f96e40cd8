"""Cloud discovery reports in the portal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from opencasb.discovery.html_report import policy
from opencasb.model.roles import Role
from opencasb.model.stream import Stream, StreamType
from tests.portal.site import Site, Visitor

LINE = "{time}.000 120 10.0.0.7 TCP_MISS/200 5000 GET http://{host}/ ana HIER_DIRECT/192.0.2.9 text/html\n"


def source(site: Site, name: str, tmp_path: Path, *, host: str) -> Stream:
    """Return a data source with one visit to ``host``."""
    tenant_id = site.contoso.tenant_id
    stream = site.casb.streams.create(tenant_id, name, StreamType.INPUT, source="SQUID_NATIVE")
    log = tmp_path / f"{name}.log"
    log.write_text(LINE.format(time=site.clock() // 1000 - 3600, host=host))
    site.casb.intake.enqueue(stream, log, origin="cli", filename=log.name)
    upload = site.casb.uploads.lease("test")
    assert upload is not None
    site.casb.processing.run(upload)
    return stream


def report(visitor: Visitor, stream: Stream, query: str = "") -> str:
    """Return a report's page."""
    return visitor.page(f"cloud-discovery/{stream.stream_id}{query}")


def test_a_visitor_finds_the_apps_in_use(site: Site, tmp_path: Path) -> None:
    """The start page leads through the list to the charts, for a data source and for all together."""
    edge = source(site, "edge", tmp_path, host="www.dropbox.com")
    source(site, "branch", tmp_path, host="app.nobody-knows.io")
    visitor = site.visitor(Role.SECURITY_READER)
    assert 'href="/portal/cloud-discovery"' in visitor.page("")
    listed = visitor.page("cloud-discovery")
    rows = re.findall(r'scope="row"><a [^>]*>([^<]*)</a></th><td>([^<]*)</td>\s*<td>(\d+)</td>', listed)
    assert sorted(rows) == [
        ("Global View", "all data sources", "2"),
        ("branch", "data source", "1"),
        ("edge", "data source", "1"),
    ]
    page = report(visitor, edge)
    assert "Dropbox" in page
    assert "nobody-knows.io" not in page
    assert "Contoso, edge" in page
    whole = report(visitor, site.casb.streams.global_view(site.contoso.tenant_id))
    assert "Dropbox" in whole
    assert "nobody-knows.io" in whole


def test_who_finds_nothing_is_told_why(site: Site, tmp_path: Path) -> None:
    """Commands that bring in logs as long as none came; that no report was assigned, if none was."""
    visitor = site.visitor(Role.SECURITY_READER)
    assert "opencasb source create" in visitor.page("cloud-discovery")
    source(site, "edge", tmp_path, host="www.dropbox.com")
    assert "opencasb source create" not in visitor.page("cloud-discovery")
    role = Role.CLOUD_DISCOVERY_REPORT_ADMIN
    user = site.casb.users.create(site.contoso.tenant_id, "auditor@contoso.example", role, stream_ids=[])
    listed = site.sign_in(user).page("cloud-discovery")
    assert "No report is assigned to you." in listed
    assert "<table>" not in listed


def test_a_report_leads_back_and_to_its_other_periods(site: Site, tmp_path: Path) -> None:
    """The current period is not a link."""
    edge, visitor = source(site, "edge", tmp_path, host="www.dropbox.com"), site.visitor()
    page = report(visitor, edge, "?days=30")
    assert re.findall(r'<a href="(/portal/cloud-discovery|\?days=\d+)">', page) == [
        "/portal/cloud-discovery",
        "?days=7",
        "?days=90",
    ]
    assert '<span aria-current="page">30 days</span>' in page


def test_nothing_but_its_own_style_sheet_runs_in_a_report(site: Site, tmp_path: Path) -> None:
    """Another site cannot frame it, and caches do not store it."""
    edge = source(site, "edge", tmp_path, host="www.dropbox.com")
    headers = site.visitor().open(f"cloud-discovery/{edge.stream_id}").headers
    assert headers["content-security-policy"] == f"{policy()}; frame-ancestors 'none'"
    assert headers["x-frame-options"] == "DENY"
    assert "no-store" in headers["cache-control"]


@pytest.mark.parametrize("days", ["8", "", "-30", "7;", "ninety"])
def test_a_period_that_is_not_offered_is_not_found(site: Site, days: str) -> None:
    """It gets the same response as any other unknown URL."""
    stream = site.casb.streams.global_view(site.contoso.tenant_id)
    assert site.visitor().open(f"cloud-discovery/{stream.stream_id}?days={days}").status_code == 404


def test_an_empty_tenant_has_a_page(site: Site) -> None:
    """The page says that there are no data."""
    visitor = site.visitor()
    assert "none yet" in visitor.page("cloud-discovery")
    assert "Contoso, Global View" in report(visitor, site.casb.streams.global_view(site.contoso.tenant_id))


def test_a_report_admin_sees_the_assigned_reports_only(site: Site, tmp_path: Path) -> None:
    """Others are neither listed nor found by id."""
    edge = source(site, "edge", tmp_path, host="www.dropbox.com")
    branch = source(site, "branch", tmp_path, host="www.box.com")
    user = site.casb.users.create(
        site.contoso.tenant_id,
        "auditor@contoso.example",
        Role.CLOUD_DISCOVERY_REPORT_ADMIN,
        stream_ids=[edge.stream_id],
    )
    visitor = site.sign_in(user)
    assert "branch" not in visitor.page("cloud-discovery")
    assert "Dropbox" in report(visitor, edge)
    assert visitor.open(f"cloud-discovery/{branch.stream_id}").status_code == 404
