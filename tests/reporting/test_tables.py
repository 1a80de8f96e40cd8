"""All tables: their days, caching, and ETags."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from opencasb.reporting import tables
from opencasb.reporting.reader import Reader, Wanted
from opencasb.reporting.schema import APP_USAGE, APPS, DAILY_USAGE
from tests.reporting.house import TODAY, House, Used


def test_every_piece_has_the_schema_and_order_of_its_table(filled: House) -> None:
    """This holds with and without users; keys are unique."""
    reader = Reader(filled.tenant_id, sees_users=True)
    for table in filled.casb.report_tables.all.values():
        for users in (False, True):
            pieces = list(filled.casb.report_tables.pieces(reader, table, Wanted(users=users)))
            assert pieces
            for piece in pieces:
                assert piece.schema == table.polars_schema
                keys = piece.select(table.key)
                assert keys.is_unique().all()
                assert keys.equals(keys.sort(table.key))
                assert not any(piece[column.name].has_nulls() for column in table.columns if not column.nullable)


def test_periods_are_of_the_newest_day_unless_days_are_asked_for(filled: House) -> None:
    """Then every day since the first usage is included, even one without usage."""
    found, reader = filled.casb.report_tables, Reader(filled.tenant_id)
    assert found.parts(reader, APPS, Wanted()) == [()]
    assert found.parts(reader, APP_USAGE, Wanted()) == [(TODAY,)]
    assert found.parts(reader, APP_USAGE, Wanted(newest=TODAY - timedelta(days=3))) == [(TODAY - timedelta(days=3),)]
    assert found.parts(reader, APP_USAGE, Wanted(newest=date.max)) == [(TODAY,)]
    days = found.parts(reader, APP_USAGE, Wanted(last=date.max, newest=date.max))
    assert days == [(TODAY - timedelta(days=number),) for number in range(39, -1, -1)]
    assert found.parts(reader, APP_USAGE, Wanted(first=TODAY + timedelta(days=1))) == []
    assert found.parts(Reader(filled.other.tenant_id), APP_USAGE, Wanted()) == []


def test_small_days_are_read_together(filled: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days are joined until there are enough rows; each is there once."""
    found, reader = filled.casb.report_tables, Reader(filled.tenant_id)
    (together,) = found.parts(reader, DAILY_USAGE, Wanted())
    monkeypatch.setattr(tables, "MOST_ROWS", 25)
    some = found.parts(reader, DAILY_USAGE, Wanted())
    assert tuple(day for days in some for day in days) == together
    assert 1 < max(map(len, some)) < len(together)


def test_an_edition_changes_with_what_it_is_of(house: House) -> None:
    """New usage, a renamed stream or a tag changes the ETags of the tables that show it."""
    house.fill(days=3)
    found, reader = house.casb.report_tables, Reader(house.tenant_id)

    def etags() -> dict[str, str]:
        return {name: found.etag(reader, table, Wanted()) for name, table in found.all.items()}

    first = etags()
    assert etags() == first
    assert len(set(first.values())) == len(first)
    house.casb.tags.add(house.tenant_id, 10489, "Unsanctioned")
    tagged = etags()
    assert {"apps", "app_tags"} <= {name for name in first if tagged[name] != first[name]}
    assert tagged["streams"] == first["streams"]
    house.casb.streams.update(house.tenant_id, house.firewall.stream_id, display_name="renamed")
    renamed = etags()
    assert {"streams", "daily_usage"} <= {name for name in first if renamed[name] != tagged[name]}
    house.add([Used(TODAY, house.firewall.stream_id, 10489, "new", "10.0.0.9", None, 1, 1)])
    assert {"app_usage", "app_usage_by_stream", "daily_usage"} <= {
        name for name, etag in etags().items() if etag != renamed[name]
    }
    assert found.etag(Reader(house.tenant_id, frozenset()), APPS, Wanted()) != found.etag(reader, APPS, Wanted())


def test_a_domain_that_becomes_an_app_takes_its_usage_along(house: House) -> None:
    """Logs are not read again; cached pieces are invalid."""
    house.fill(days=3)
    before = {row["AppId"]: row for row in house.rows("app_usage?$filter=Period eq 'P7D'")}
    made = house.casb.custom_apps.create(house.tenant_id, name="Shadow", domains=("shadow.example",))
    after = {row["AppId"]: row for row in house.rows("app_usage?$filter=Period eq 'P7D'")}
    assert after[made.app_id]["TotalBytes"] == before[1_000_000_000]["TotalBytes"]
    assert 1_000_000_000 not in after
    assert house.get(f"/odata/v1/apps({made.app_id})").json()["AppName"] == "Shadow"


def test_when_usage_changed_is_known(filled: House, house: House) -> None:
    """It is None before the first usage."""
    assert house.casb.report_tables.modified(house.tenant_id) is None
    assert filled.casb.report_tables.modified(filled.tenant_id) is not None
