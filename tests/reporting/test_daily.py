"""Daily usage: one row per stream and app, or also per user and address."""

from __future__ import annotations

from opencasb.reporting.reader import Reader, Wanted
from opencasb.reporting.schema import DAILY_USAGE
from tests.reporting.house import TODAY, House, Used


def test_users_of_one_app_are_one_row_until_they_are_asked_for(house: House) -> None:
    """The sums are equal; names are those in the lake."""
    rows = [
        Used(TODAY, house.endpoint.stream_id, 10489, user, address, None, 2, 10)
        for user, address in (("Ana", "10.0.0.1"), ("User_c2VhbGVk", "10.0.0.1"), ("Ana", "10.0.0.2"))
    ]
    house.add(rows)
    reader = Reader(house.tenant_id, sees_users=True)
    (plain,) = house.casb.report_tables.pieces(reader, DAILY_USAGE, Wanted())
    (split,) = house.casb.report_tables.pieces(reader, DAILY_USAGE, Wanted(users=True))
    assert plain.select("AppName", "AppCategory", "AppScore", "TotalEvents", "BlockedEvents", "TotalBytes").rows() == [
        ("Box", "Cloud storage", 8, 6, 3, 90)
    ]
    assert sorted(split.select("UserName", "IpAddress", "TotalEvents").rows()) == [
        ("Ana", "10.0.0.1", 2),
        ("Ana", "10.0.0.2", 2),
        ("User_c2VhbGVk", "10.0.0.1", 2),
    ]
    assert split["RowId"].n_unique() == 3
    assert not any(name in "".join(split["RowId"]) for name in ("Ana", "10.0.0"))
    assert split["EnrichedUserName"].null_count() == 3
