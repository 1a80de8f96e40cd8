"""Reading delivered records: both forms of activities, and entities."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.activities.invalid import Invalid
from opencasb.activities.ip_ranges import Range
from opencasb.activities.places import Place
from opencasb.activities.readers import activities, entities, files, is_normalised
from opencasb.store.records import Record
from tests.activities.example import TENANT, wire
from tests.conftest import NOW

TAG = "0000002a0000000000000000"


class Office:
    """The ranges of a tenant: one address is its office."""

    def find(self, address: str, /) -> Range | None:
        """Return the office."""
        return Range("office", 1, (TAG,)) if address == "192.0.2.10" else None


class Portugal:
    """A database that knows one country."""

    def find(self, address: str, /) -> Place:
        """Return the country."""
        return Place(country_code="PT" if address else "")


def read(given: dict[str, Any]) -> Record:
    """Read an activity of the tenant whose office is known."""

    def ranges(tenant_id: int) -> Office:
        assert tenant_id == TENANT
        return Office()

    return activities(ranges, Portugal())(TENANT, NOW)(given)


def test_a_normalised_activity_is_stored_in_wire_form() -> None:
    """It is completed, enriched, and given the columns that filters compare (connectors §2)."""
    found = read(
        {
            "id": "a1",
            "timestamp": "2025-11-20T11:59:00.000Z",
            "app": "okta",
            "rawOperation": "user.session.start",
            "eventTypeName": "EVENT_CATEGORY_LOGIN",
            "user": "Ana@example.org",
            "ip": "192.0.2.10",
            "isAdmin": True,
        }
    )
    assert found.record_id == found.document["_id"] == "a1"
    assert (found.columns["timestamp"], found.columns["created"]) == (NOW - 60_000, NOW)
    assert (found.columns["app_id"], found.columns["action_type"]) == (10980, "user.session.start")
    assert (found.columns["user_domain"], found.columns["is_admin"]) == ("example.org", True)
    assert (found.columns["country"], found.columns["ip_category"]) == ("pt", 1)
    assert found.values["ip_tags"] == [TAG]


def test_a_wire_activity_is_completed() -> None:
    """What clients index without asking is there; the tenant is the one it was delivered to."""
    found = read({"_id": "a2", "appId": 10489, "timestamp": NOW, "device": {"clientIP": "192.0.2.10"}, "tenantId": 7})
    assert (found.record_id, found.document["tenantId"], found.document["appName"]) == ("a2", TENANT, "Box")
    assert found.document["location"]["countryCode"] == "PT"
    assert found.document["entityData"] == {"0": None, "1": None, "2": None}
    assert found.values["ips"] == ["192.0.2.10"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [(wire(), False), ({}, False), ({"app": "box"}, True), ({"rawOperation": "x", "_id": "y"}, True)],
)
def test_the_form_is_told_by_its_own_keys(given: dict[str, Any], expected: bool) -> None:
    """Of a wire record none has these keys."""
    assert is_normalised(given) is expected


@pytest.mark.parametrize("given", [{"appId": "box"}, {}, {"app": 7, "rawOperation": "x"}, {"rawOperation": []}])
def test_what_is_wrong_is_named(given: dict[str, Any]) -> None:
    """Readers raise what deliveries count as rejected."""
    with pytest.raises(Invalid, match="is not valid"):
        read(given)


def test_an_entity_is_read() -> None:
    """A flat record becomes a wire record with its columns."""
    found = entities()(TENANT, NOW)({"id": "ana@example.org", "appId": 11161, "status": "active"})
    assert found.record_id == found.document["_id"]
    assert (found.columns["saas_id"], found.columns["status"], found.columns["domain"]) == (11161, 2, "example.org")
    with pytest.raises(Invalid):
        entities()(TENANT, NOW)({})


def test_a_file_is_read() -> None:
    """A flat record becomes a wire record with its columns."""
    found = files(TENANT, NOW)({"id": "f1", "appId": 10489, "name": "Plan.xlsx"})
    assert found.record_id == found.document["_id"]
    assert (found.columns["name"], found.columns["extension"], found.columns["app_id"]) == ("plan.xlsx", "xlsx", 10489)
    with pytest.raises(Invalid):
        files(TENANT, NOW)({})


def test_own_domains_tell_who_is_external() -> None:
    """Only where the record does not say it itself, and not of programs."""
    read_entity = entities(lambda _: {"example.org"})(TENANT, NOW)

    def external(**given: Any) -> Any:
        return read_entity({"appId": 11161, **given}).document["isExternal"]

    assert external(id="ana@example.org") is False
    assert external(id="7", email="eve@else.example") is True
    assert external(id="eve@else.example", isExternal=False) is False
    assert external(id="7") is None
    assert external(id="bot@else.example", idType="application") is None
    assert entities()(TENANT, NOW)({"id": "a@else.example", "appId": 1}).document["isExternal"] is None
