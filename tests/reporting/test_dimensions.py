"""Streams, apps, domains and tags."""

from __future__ import annotations

from tests.reporting.house import House


def test_streams_are_described_in_the_words_of_graph(filled: House) -> None:
    """The global report is omitted, streams are ordered by id, times are UTC."""
    rows = {row["StreamName"]: row for row in filled.rows("streams")}
    assert {name: (row["IsSnapshot"], row["LogDataProvider"]) for name, row in rows.items()} == {
        "endpoints": (False, "microsoftDefenderForEndpoint"),
        "firewall": (False, "paloAlto"),
        "=one-time report": (True, "squidNative"),
    }
    assert all(row["CreatedUtc"] == "2025-11-20T12:00:00.000Z" for row in rows.values())
    assert {row["LastDataUtc"] for row in rows.values()} == {None}


def test_tags_and_verdicts_are_tables_of_their_own(house: House) -> None:
    """An app has one verdict and any number of tags; unused apps have no rows."""
    house.fill(days=20)
    for app_id, tag in ((10489, "Sanctioned"), (10489, "finance"), (11627, "Unsanctioned"), (33626, "Sanctioned")):
        house.casb.tags.add(house.tenant_id, app_id, tag)
    assert {row["AppId"]: row["Sanction"] for row in house.rows("apps")} == {
        10489: "Sanctioned",
        11627: "Unsanctioned",
        28375: "None",
        10980: "None",
        1_000_000_000: "None",
    }
    tags = {(row["AppId"], row["Tag"]) for row in house.rows("app_tags")}
    assert {(10489, "Sanctioned"), (10489, "finance"), (11627, "Unsanctioned")} <= tags
    assert not any(app_id == 33626 for app_id, _ in tags)


def test_domains_are_one_row_each(filled: House) -> None:
    """Those of the catalog, and that of an unlisted app."""
    pairs = [(row["AppId"], row["Domain"]) for row in filled.rows("app_domains")]
    assert pairs == sorted(pairs)
    assert {(10489, "box.com"), (10489, "boxcdn.net"), (1_000_000_000, "shadow.example")} <= set(pairs)
