"""Cloud discovery reports: a list of them, and each as a page with charts (portal §2.2)."""

from __future__ import annotations

from typing import Final

from opencasb.discovery.html_report import Link, policy, render
from opencasb.identity.administrators import may_see_discovery
from opencasb.model.stream import StreamType, limited_to, with_sources
from opencasb.portal.page import HEADERS, Page
from opencasb.portal.routes import View
from opencasb.portal.visit import NotFound, Visit
from opencasb.reporting.tenant_report import tenant_report

PERIODS: Final = ("7", "30", "90")
"""Days that a report can cover; the first page shows the longest period."""

_KINDS: Final = {
    StreamType.VIEW: "all data sources",
    StreamType.INPUT: "data source",
    StreamType.SNAPSHOT: "snapshot",
}


def show(visit: Visit) -> Page:
    """List the reports that the visitor may see."""
    every = visit.casb.streams.reports(visit.tenant_id)
    visible = limited_to(visit.user.stream_ids, every)
    reports = [(with_sources(each, every), _KINDS[each.stream_type]) for each in visible]
    has_data = any(each.last_data_received for each, _ in reports)
    return visit.render(
        "cloud_discovery.html.j2", area="cloud-discovery", reports=reports, periods=PERIODS, has_data=has_data
    )


def show_report(visit: Visit) -> Page:
    """Show a report over the last ``days`` days for which it has usage."""
    visible = limited_to(visit.user.stream_ids, visit.casb.streams.reports(visit.tenant_id))
    stream = next((each for each in visible if each.stream_id == visit.path["report"]), None)
    days, tenant = visit.query.get("days", PERIODS[-1]), visit.casb.tenants.get(visit.tenant_id)
    if stream is None or tenant is None or days not in PERIODS:
        raise NotFound
    found = tenant_report(visit.casb.reports, stream, int(days), f"{tenant.name}, {stream.display_name}")
    periods = [Link(f"{each} days", None if each == days else f"?days={each}") for each in PERIODS]
    content = render(found, visit.casb.clock(), [Link("← All reports", "/portal/cloud-discovery"), *periods])
    return Page(content, 200, {**HEADERS, "content-security-policy": f"{policy()}; frame-ancestors 'none'"})


VIEWS: Final = (
    View("cloud-discovery", may_see_discovery, show),
    View("cloud-discovery/<report>", may_see_discovery, show_report),
)
