"""A tenant's HTML report has the numbers of its report."""

from __future__ import annotations

from opencasb.discovery.html_report import render
from opencasb.reporting.tenant_report import tenant_report
from tests.conftest import NOW
from tests.reporting.house import House


def test_the_page_shows_what_the_report_says(house: House) -> None:
    """Apps of every day, verdicts by tags, and hostile names escaped."""
    house.fill(days=10)
    house.casb.tags.add(house.tenant_id, 10489, "Sanctioned")
    house.casb.tags.add(house.tenant_id, 28375, "Unsanctioned")
    found = tenant_report(house.casb.reports, house.endpoint, 30, "<b>Contoso</b>")
    truth = [row for row in house.truth if row.stream_id == house.endpoint.stream_id]
    assert {app.id: app.transactions for app in found.apps} == {
        app_id: sum(row.transactions for row in truth if row.app_id == app_id) for app_id in {r.app_id for r in truth}
    }
    assert {day.day: (day.apps, day.uploaded_bytes) for day in found.daily} == {
        day.isoformat(): (
            len({row.app_id for row in truth if row.day == day}),
            sum(row.size for row in truth if row.day == day),
        )
        for day in {row.day for row in truth}
    }
    assert (found.sanctioned, found.unsanctioned) == (frozenset({10489}), frozenset({28375}))
    page = render(found, NOW)
    assert "&lt;b&gt;Contoso&lt;/b&gt;" in page
    watched = page.partition('id="watched"')[2].partition('id="generative"')[0]
    assert "Microsoft Teams" in watched
    assert "Dropbox" in watched  # its score is 3
    assert "Box</bdi>" not in watched.replace("Dropbox</bdi>", "")
    assert ">Apps</h3>" in page


def test_a_tenant_without_usage_has_a_page(house: House) -> None:
    """The page says that there is none."""
    found = tenant_report(house.casb.reports, house.endpoint, 30, "Contoso")
    assert (found.apps, found.daily, found.first_seen) == ([], [], None)
    assert "Contoso" in render(found, NOW)
