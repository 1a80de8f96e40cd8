"""Autocompletion of activity categories (api §15)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.activities.columns import to_record
from opencasb.api.v1.activity_types import SERVICE
from opencasb.governance.closing import BENIGN, TRUE_POSITIVE, Closing
from opencasb.governance.closing_activity import activity_of
from tests.alerts import alert
from tests.api.v1.conftest import Client
from tests.api.v1.installation import BOX
from tests.conftest import NOW

PATH = "autocomplete/activity-types/"
DISMISS, RESOLVE = "EVENT_CATEGORY_DISMISS_ALERT", "EVENT_CATEGORY_RESOLVE_ALERT"
PRODUCT = 20595


@pytest.fixture
def activities(client: Client) -> Client:
    """A client with three activities, one of them in Box."""
    closings = [Closing(verdict=verdict) for verdict in (BENIGN, TRUE_POSITIVE, BENIGN)]
    made = [activity_of(alert(), each, 1, call_id="c", by="x", now=NOW) for each in closings]
    made[2] = {**made[2], "appId": BOX, "saasId": BOX}
    client.casb.activities.add(client.known.tenant_id, [to_record(each) for each in made])
    return client


def items(client: Client, query: str = "") -> list[Any]:
    """Return app and category of each item."""
    (record,) = client.get(f"{PATH}{query}")["records"]
    return [(item["appId"], item["category"]) for item in record["items"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [(BOX, DISMISS), (PRODUCT, DISMISS), (PRODUCT, RESOLVE)]),
        ("?search=&service=", [(BOX, DISMISS), (PRODUCT, DISMISS), (PRODUCT, RESOLVE)]),
        (f"?search=&service=eq(i:{PRODUCT},)", [(PRODUCT, DISMISS), (PRODUCT, RESOLVE)]),
        (f"?service={BOX}", [(BOX, DISMISS)]),
        ("?service=eq(i:1,)", []),
        ("?search=Resolve%20alert", [(PRODUCT, RESOLVE)]),
        ("?search=nothing", []),
    ],
)
def test_what_was_seen_is_offered(activities: Client, query: str, expected: list[tuple[int, str]]) -> None:
    """By app and by part of the name."""
    assert items(activities, query) == expected


def test_a_suite_has_the_kinds_of_its_apps(activities: Client) -> None:
    """Like the filter ``service`` of activities."""
    made = activity_of(alert(), Closing(verdict=BENIGN), 1, call_id="d", by="x", now=NOW)
    suite, part = 11161, 20893
    activities.casb.activities.add(activities.known.tenant_id, [to_record({**made, "appId": part, "saasId": suite})])
    assert items(activities, f"?service=eq(i:{suite},)") == [(part, DISMISS)]
    assert items(activities, f"?service=eq(i:{part},)") == [(part, DISMISS)]


def test_apps_have_their_names(activities: Client) -> None:
    """From the catalog, or the number if there is none."""
    (record,) = activities.get(PATH)["records"]
    assert {item["appId"]: item["service_name"] for item in record["items"]} == {
        BOX: "Box",
        PRODUCT: "Microsoft Cloud App Security",
    }


@pytest.mark.parametrize("service", ["x", "eq(i:x,)", "neq(i:5,)", "-1", "9" * 30])
def test_a_service_is_a_number(reader: Client, service: str) -> None:
    """Anything else is rejected with the reason."""
    answer = reader.call("GET", PATH, params={"service": service})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["error"].startswith(f"service: {service!r} is not valid; an app number")


def test_a_hostile_service_takes_linear_time() -> None:
    """Nothing is tried again and again."""
    assert SERVICE.fullmatch(f"1{' ' * 100_000}x") is None


def test_a_tenant_without_activities_has_no_categories(reader: Client) -> None:
    """No categories are invented."""
    assert reader.get(PATH) == {"records": [{"items": []}]}
