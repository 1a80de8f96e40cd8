"""Managed, unmanaged and unused applications, and overlaps."""

from __future__ import annotations

from opencasb.model.managed_app import ManagedApp
from opencasb.reporting.managed_view import ManagedView, view
from opencasb.reporting.reader import Reader
from tests.reporting.house import TODAY, House, Used


def seen(house: House, *managed: ManagedApp, period: str = "P90D") -> ManagedView:
    """Return the view of a list."""
    return view(house.casb.report_tables, house.casb.reports, Reader(house.tenant_id), managed, period)


def statuses(found: ManagedView) -> dict[tuple[str, int | None], str]:
    """Return the status of each name and app."""
    return {(row["Name"], row["AppId"]): row["Status"] for row in found.apps.iter_rows(named=True)}


def test_apps_are_found_by_number_and_by_domain(filled: House) -> None:
    """They need not be in the catalog; one entry may match several apps, and each app counts once."""
    found = seen(
        filled,
        ManagedApp(name="Files", app_id=11627, domains=("box.com",), owner="Ana", yearly_cost="10"),
        ManagedApp(name="Shadow", domains=("shadow.example",)),
        ManagedApp(name="Box again", domains=("boxcdn.net",)),
        ManagedApp(name="Google", app_id=33626),
        ManagedApp(name="Nobody knows", domains=("nobody.example",)),
    )
    assert statuses(found) == {
        ("Files", 11627): "managed",
        ("Files", 10489): "managed",
        ("Shadow", 1_000_000_000): "managed",
        ("Box again", None): "unused",
        ("Google", 33626): "unused",
        ("Nobody knows", None): "unused",
        ("Microsoft Teams", 28375): "unmanaged",
        ("Okta", 10980): "unmanaged",
    }
    usage = {row["AppId"]: row for row in filled.rows("app_usage?$filter=Period eq 'P90D'")}
    for row in found.apps.iter_rows(named=True):
        if row["Status"] != "unused":
            assert row["TotalBytes"] == usage[row["AppId"]]["TotalBytes"]


def test_an_application_that_was_used_before_is_unused_now(house: House) -> None:
    """Usage must be within the period; without a list, every app is unmanaged."""
    house.add(
        [
            Used(TODAY, house.endpoint.stream_id, 10489, "a", "10.0.0.1", None, 1, 1),
            Used(TODAY.replace(day=1), house.endpoint.stream_id, 11627, "a", "10.0.0.1", None, 1, 1),
        ]
    )
    listed = ManagedApp(name="Dropbox", app_id=11627)
    assert statuses(seen(house, listed, period="P7D"))["Dropbox", 11627] == "unused"
    assert statuses(seen(house, listed, period="P30D"))["Dropbox", 11627] == "managed"
    assert set(statuses(seen(house)).values()) == {"unmanaged"}


def test_categories_with_several_used_apps_overlap(filled: House) -> None:
    """The unknown category, and apps that are only in the list, do not count."""
    found = seen(filled, ManagedApp(name="Box", app_id=10489), ManagedApp(name="Google", app_id=33626)).overlap
    (row,) = found.iter_rows(named=True)
    assert (row["CategoryKey"], row["AppNames"], row["AppCount"], row["ManagedCount"]) == (
        "cloudStorage",
        "Box, Dropbox",
        2,
        1,
    )
    counts = [
        each["UserCount"] for each in filled.rows("app_usage?$filter=Period eq 'P90D' and AppId in (10489,11627)")
    ]
    assert row["UserCount"] == max(counts)
