"""The repository of entities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from opencasb.activities.entity_columns import record
from opencasb.activities.entity_wire import entities_from
from opencasb.filters.field import Kind, column
from opencasb.filters.fields import ENTITIES
from opencasb.filters.parse import parse
from opencasb.filters.tree import AnyOf, OneOf
from opencasb.store.database import Database
from opencasb.store.entities import ACCOUNT, USER, Entities, KeysOfAccounts, KeysOfMembers, entity_key
from opencasb.store.record_tables import LONGEST_VALUE
from tests.conftest import NOW

TENANT, OTHER = 81_000_001, 81_000_002
DELETED = 4


@pytest.fixture
def entities(database: Database, clock: Callable[[], int]) -> Entities:
    """Ana with one account in each of two apps, and Ben with one in the first; another tenant has an Ana, too."""
    made = Entities(database, clock)
    ana = {"id": "u-1", "appId": 1, "email": "ana@example.org"}
    github = {"id": "ana-s", "appId": 2, "instanceId": 3, "email": "ana@example.org", "groups": ["g"]}
    person = {**ana, "type": "user", "accounts": [ana, {"i": "ana-s", "saas": 2, "inst": 3}], "groups": ["g"]}
    ben = {"id": "u-2", "appId": 1, "groups": ["g"], "aliases": ["ana@example.net"]}
    put(made, TENANT, ana, github, person, ben)
    others = [
        {"type": "user", "id": f"o-{number}", "appId": 1, "aliases": [f"o{number}@else.example"]} for number in range(3)
    ]
    put(made, OTHER, {**ana, "id": "u-9"}, *({**each, "groups": ["h"]} for each in others))
    return made


def put(entities: Entities, tenant_id: int, *flat: dict[str, Any]) -> None:
    """Store flat entities; accounts with an address belong to the user with that address."""
    documents = [entities_from(each, tenant_id, NOW) for each in flat]
    people = {each["email"]: each["_id"] for each in documents if each["type"] == USER}
    for each in documents:
        each["parentId"] = people.get(each["email"]) if each["type"] == ACCOUNT else None
    entities.put(tenant_id, [record(each) for each in documents])


def found(document: dict[str, Any] | None) -> tuple[int, str] | None:
    """Return what identifies an entity."""
    return None if document is None else (document["type"], document["id"])


def test_keys_are_in_lower_case_and_never_too_long() -> None:
    """They have the form that filters compare."""
    assert entity_key("Ana@Example.ORG", 11161, 0) == "ana@example.org|0|11161"
    assert len(entity_key("x" * 5000, 1, 0)) == LONGEST_VALUE


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (("u-1", 1, 0), (USER, "u-1")),
        (("U-1", 1, 0), (USER, "u-1")),
        (("ana-s", 2, 3), (ACCOUNT, "ana-s")),
        (("ana-s",), (ACCOUNT, "ana-s")),
        (("ana-s", 2), (ACCOUNT, "ana-s")),
        (("ana-s", None, 3), (ACCOUNT, "ana-s")),
        (("ana-s", 1, 3), None),
        (("ana@example.org", 1, 0), (USER, "u-1")),
        (("ana@example.net",), (ACCOUNT, "u-2")),
        (("ana",), None),
        (("u-9",), None),
    ],
)
def test_entities_are_found_by_key(entities: Entities, key: tuple[Any, ...], expected: object) -> None:
    """By id or address, in any case, with or without app and instance; the best match of several (api §9.1)."""
    assert found(entities.find(TENANT, *key)) == expected


def test_everybody_with_a_key_is_found(entities: Entities) -> None:
    """An account and the user that owns it, within one tenant."""
    having = entities.having(TENANT, [entity_key("ana-s", 2, 3)])
    assert sorted(map(found, having.values()), key=str) == [(ACCOUNT, "ana-s"), (USER, "u-1")]
    assert entities.having(TENANT, [entity_key("u-9", 1, 0)]) == {}


def test_members_of_groups_are_counted_once(entities: Entities) -> None:
    """A person, and an account without an owner, but not the accounts of a person."""
    counted = [[entities.members(tenant_id).get(group, 0) for group in "gh"] for tenant_id in (TENANT, OTHER)]
    assert counted == [[2, 0], [0, 3]]


def test_a_selected_user_is_replaced_by_all_keys(entities: Entities) -> None:
    """The leaf stays; leaves on other columns, and those that select no user, are unchanged (api §6.6)."""
    tree = parse({"entity": {"eq": [{"id": "u-1", "saas": 1, "inst": 0}]}}, ENTITIES, NOW)
    changed = entities.with_accounts(TENANT, "entities")(tree)
    keys = {value for each in _leaves(changed) for value in each.values}
    assert keys >= {"u-1|0|1", "ana@example.org|0|1", "ana-s|3|2"}
    assert entities.with_accounts(TENANT, "owner_entity")(tree) == tree
    assert entities.with_accounts(OTHER, "entities")(tree) == tree
    for number in range(3):
        theirs = parse({"entity": {"eq": [{"id": f"o-{number}", "saas": 1, "inst": 0}]}}, ENTITIES, NOW)
        assert entities.with_accounts(TENANT, "entities")(theirs) == theirs
    nobody = parse({"entity": {"eq": []}}, ENTITIES, NOW)
    assert entities.with_accounts(TENANT, "entities")(nobody) == nobody
    account = parse({"entity": {"eq": [{"id": "ana-s"}]}}, ENTITIES, NOW)
    assert entities.with_accounts(TENANT, "entities", types=(USER,))(account) == account


def test_outside_of_a_scope_nobody_is_found_or_stands_for_another(entities: Entities) -> None:
    """Neither as someone's account nor in place of a user inside the scope."""
    second, nobody = OneOf(column("saas_id", Kind.INTEGER), (2,)), AnyOf()
    assert found(entities.find(TENANT, "ana@example.org")) == (USER, "u-1")
    assert found(entities.find(TENANT, "ana@example.org", within=second)) == (ACCOUNT, "ana-s")
    assert entities.find(TENANT, "ana-s", within=nobody) is None
    tree = parse({"entity": {"eq": [{"id": "u-1", "saas": 1, "inst": 0}]}}, ENTITIES, NOW)
    assert entities.with_accounts(TENANT, "entities", within=second)(tree) == tree


def test_keys_of_the_members_of_groups(entities: Entities) -> None:
    """All keys of the members, including those of their accounts, within one tenant."""
    keys = KeysOfMembers(entities.database, TENANT, ("g",)).values()
    assert set(keys) == {"u-1|0|1", "ana@example.org|0|1", "ana-s|3|2", "ana@example.org|3|2"} | {
        "u-2|0|1",
        "ana@example.net|0|1",
    }
    theirs = {f"{key}|0|1" for number in range(3) for key in (f"o-{number}", f"o{number}@else.example")}
    assert KeysOfMembers(entities.database, OTHER, ("h",)).values() == theirs
    for tenant_id, groups in ((OTHER, ("g",)), (TENANT, ("h",)), (TENANT, ())):
        assert KeysOfMembers(entities.database, tenant_id, groups).values() == set()


def test_keys_of_accounts_are_those_of_a_tenant(entities: Entities) -> None:
    """Accounts in given states; another tenant has a deleted account with the number of an existing one."""
    gone = {"id": "o-9", "appId": 1, "status": "deleted"}
    put(entities, OTHER, gone, {**gone, "id": "o-10"})
    put(entities, TENANT, {"id": "u-3", "appId": 1}, {**gone, "id": "u-4"})
    keys = [KeysOfAccounts(entities.database, tenant_id, (DELETED,)).values() for tenant_id in (TENANT, OTHER)]
    assert keys == [{"u-4|0|1"}, {"o-9|0|1", "o-10|0|1"}]


def _leaves(node: Any) -> list[OneOf]:
    inner = getattr(node, "nodes", None)
    return [node] if inner is None else [leaf for each in inner for leaf in _leaves(each)]
