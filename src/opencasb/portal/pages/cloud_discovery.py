"""Cloud discovery reports: a list of them, and each as a page with charts (portal §2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from opencasb.discovery.html_report import Link, policy, render
from opencasb.identity.administrators import may_see_discovery
from opencasb.model.stream import StreamType, with_sources
from opencasb.portal.page import HEADERS, Page
from opencasb.portal.routes import View
from opencasb.portal.visit import NotFound, Visit
from opencasb.reporting.tenant_report import tenant_report

if TYPE_CHECKING:
    from opencasb.model.stream import Stream

PERIODS: Final = ("7", "30", "90")
"""Days that a report can cover; the first page shows the longest period."""

_KINDS: Final = {
    StreamType.VIEW: "all data sources",
    StreamType.INPUT: "data source",
    StreamType.SNAPSHOT: "snapshot",
}


def show(visit: Visit) -> Page:
    """List the reports that the visitor may see."""
    every = visit.casb.streams.all(visit.tenant_id)
    reports = [(with_sources(each, every), _KINDS[each.stream_type]) for each in _visible(visit)]
    return visit.render("cloud_discovery.html.j2", area="cloud-discovery", reports=reports, periods=PERIODS)


def show_report(visit: Visit) -> Page:
    """Show a report over the last ``days`` days for which it has usage."""
    stream = next((each for each in _visible(visit) if each.stream_id == visit.path["report"]), None)
    days, tenant = visit.query.get("days", PERIODS[-1]), visit.casb.tenants.get(visit.tenant_id)
    if stream is None or tenant is None or days not in PERIODS:
        raise NotFound
    found = tenant_report(visit.casb.reports, stream, int(days), f"{tenant.name}, {stream.display_name}")
    periods = [Link(f"{each} days", None if each == days else f"?days={each}") for each in PERIODS]
    content = render(found, visit.casb.clock(), [Link("← All reports", "/portal/cloud-discovery"), *periods])
    return Page(content, 200, {**HEADERS, "content-security-policy": f"{policy()}; frame-ancestors 'none'"})


def _visible(visit: Visit) -> list[Stream]:
    """Return the tenant's reports; for a report admin, only those assigned."""
    visit.casb.streams.global_view(visit.tenant_id)  # creates it on first use
    allowed = visit.user.stream_ids
    found = visit.casb.streams.all(visit.tenant_id)
    return [each for each in found if allowed is None or each.stream_id in allowed]


VIEWS: Final = (
    View("cloud-discovery", may_see_discovery, show),
    View("cloud-discovery/<report>", may_see_discovery, show_report),
)
