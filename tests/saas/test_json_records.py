"""JSON output for programs."""

from __future__ import annotations

from opencasb.saas import json_records
from tests.saas.conftest import House
from tests.saas.standin import endpoint


def test_runs_apps_and_changes(house: House) -> None:
    """Internal fields are omitted; times of apps have the Graph's format."""
    house.vendor.streams = {"s1": ("Endpoints", [endpoint(1)])}
    house.authorized()
    house.run()
    house.vendor.streams = {"s1": ("Endpoints", [endpoint(2)])}
    run = house.run()
    told = json_records.run(run, house.saas.runs.streams(run))
    assert told["streams"] == [
        {
            "stream_id": "s1",
            "name": "Endpoints",
            "snapshot": False,
            "state": "read",
            "pages": 1,
            "rows": 1,
            "skipped_rows": 0,
            "odd_values": 0,
            "message": "",
        }
    ]
    assert {"tenant_id", "integration"} & set(told) == set()
    total, rows = house.saas.usage.page(house.integration, limit=5)
    one = json_records.app(rows[0])
    assert (total, one["app_id"], one["last_seen"], one["first_seen"]) == (1, "10002", "2026-03-04T00:00:00Z", None)
    assert (one["streams"], one["device_count"], one["domains"]) == (1, 2, ["app2.example"])
    found = [json_records.change(number, each) for number, each in house.saas.usage.changes(house.integration)]
    facts = {"run": 2, "field": "", "before": None, "after": None}
    assert found == [
        facts | {"app_id": "10001", "kind": "gone", "display_name": "App 1"},
        facts | {"app_id": "10002", "kind": "new", "display_name": "App 2"},
    ]
