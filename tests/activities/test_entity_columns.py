"""Conversion of wire records of entities to records."""

from __future__ import annotations

from opencasb.activities.entity_columns import record
from opencasb.activities.entity_keys import item_keys, own_keys
from opencasb.activities.entity_wire import account_item, entities_from
from opencasb.store.entities import ENTITIES
from tests.activities.entity_example import FLAT, GUID, TENANT
from tests.conftest import NOW


def test_a_record_has_its_columns() -> None:
    """Exactly those of the table; filter strings in lower case, keys by id and by every address."""
    ana = record(entities_from(FLAT, TENANT, NOW))
    own = {"tenant_id", "record_id", "seq", "changed", "document"}
    assert set(ana.columns) == {column.name for column in ENTITIES.table.c} - own
    assert (ana.columns["display_name"], ana.columns["user_name"]) == ("ana silva", "ana@example.org")
    assert ana.columns["last_seen"] == NOW - 3_600_000
    keys = {f"{name}|0|11161" for name in (GUID, "ana@example.org", "a.silva@example.org")}
    assert ana.values["entities"] == ana.values["own_entities"] == keys
    assert ana.values["apps"] == {"11161", "20893", "28375", "15600"}
    assert {"g-1", "g-2"} <= set(ana.values["user_groups"])
    assert len(ana.values["user_groups"]) == 4


def test_a_group_is_found_by_its_id_in_any_case() -> None:
    """Hex ids are compared in lower case (api §6.4), which is how a filter asks for them."""
    group = "66F0A1B2C3D4E5F60718293A"
    found = record(entities_from({**FLAT, "groups": [group]}, TENANT, NOW))
    assert group.lower() in found.values["user_groups"]
    assert group in {each["id"] for each in found.document["userGroups"]}


def test_a_user_is_found_by_the_accounts() -> None:
    """It also has the keys and apps of its accounts."""
    account = entities_from(FLAT, TENANT, NOW)
    user = entities_from({"id": "u", "appId": 5, "type": 2, "accounts": [account_item(account, None)]}, TENANT, NOW)
    found = record(user)
    assert found.values["own_entities"] == own_keys(user) == {"u|0|5"}
    assert found.values["entities"] == {"u|0|5"} | item_keys(user["accounts"][0])
    assert item_keys(user["accounts"][0]) == own_keys(account)
    assert found.values["apps"] == {"5", "11161", "20893", "28375", "15600"}
