"""Visibility for scoped roles: random records and scopes, compared with the rules applied to wire records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from random import Random
from typing import Any

import msgspec
import pytest

from opencasb.activities import alert_columns, columns, file_columns
from opencasb.activities.entity_columns import record as entity_record
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.file_wire import file_from
from opencasb.activities.people import ScannedEntities
from opencasb.filters.clauses import clause
from opencasb.filters.predicate import holds
from opencasb.filters.tree import EVERYTHING, Node
from opencasb.governance.visibility import NOTHING, is_limited, visible
from opencasb.model.principal import Principal
from opencasb.model.role_scope import AppInstance, RoleScope
from opencasb.model.roles import Role
from opencasb.store import narrowing
from opencasb.store.activities import Activities
from opencasb.store.alerts import Alerts
from opencasb.store.database import Database
from opencasb.store.files import Files
from opencasb.store.governance import GovernanceLog, governance_tasks
from opencasb.store.records import Records
from opencasb.store.user_groups import UserGroups, group_id
from tests.activities.example import wire
from tests.alerts import alert
from tests.conftest import NOW

SUITE, EXCHANGE, SHAREPOINT, BOX, GOOGLE = 11161, 20893, 20892, 10489, 11770
PARTS = {SUITE: {SUITE, EXCHANGE, SHAREPOINT}}
PEOPLE, NUMBER = 6, 30
Json = Mapping[str, Any]
Seen = Callable[[Json], bool]


class House:
    """Stores of two tenants with random records; the second tenant's duplicate the first's and must stay invisible."""

    def __init__(self, database: Database, random: Random) -> None:
        def clock() -> int:
            return NOW

        self.database, self.random = database, random
        self.groups = tuple(group_id(1, app, "team") for app in (SUITE, BOX))
        self.entities = ScannedEntities(database, clock)
        self.stores: dict[str, Records] = {
            "activities": Activities(database, clock),
            "alerts": Alerts(database),
            "entities": self.entities,
            "files": Files(database),
            "user_groups": UserGroups(database, clock),
        }
        self.log = GovernanceLog(database, clock)
        for tenant_id in (2, 1):
            random.seed(NUMBER)
            self._fill(tenant_id)

    def _fill(self, tenant_id: int) -> None:
        accounts = [self._account(number) for number in range(NUMBER)]
        documents = [entities_from(each, tenant_id, NOW) for each in accounts]
        self.entities.put(tenant_id, [entity_record(each) for each in documents])
        activities = [self._activity(number, accounts) for number in range(NUMBER)]
        self.stores["activities"].add(tenant_id, [columns.to_record(each) for each in activities])
        alerts = [self._alert(number, accounts) for number in range(NUMBER)]
        self.stores["alerts"].put(tenant_id, [alert_columns.record(each) for each in alerts])
        files = [file_from(self._file(number), tenant_id, NOW) for number in range(NUMBER)]
        self.stores["files"].put(tenant_id, [file_columns.record(each) for each in files])
        for app in (SUITE, BOX):
            UserGroups(self.database, lambda: NOW).take_over(tenant_id, app, "team")
        for number in range(NUMBER):
            name = self.random.choice(["DiscoveryTagAppTask", "SuspendUserTask"])
            self.log.add(tenant_id, name, app_id=self._app()["appId"], task_id=f"{number:024x}")

    def _app(self) -> dict[str, int]:
        app = self.random.choice([SUITE, EXCHANGE, SHAREPOINT, BOX, GOOGLE])
        return {"appId": app, "instanceId": self.random.choice([0, 7]) if app in {BOX, GOOGLE} else 0}

    def _account(self, number: int) -> dict[str, Any]:
        person = f"p{self.random.randrange(PEOPLE)}@example.org"
        place = {**self._app(), "groups": self.random.choice([[], [], [], [{"id": "team", "name": "Team"}]])}
        return {**place, "id": f"id-{number}", "email": self.random.choice([person, None])}

    def _activity(self, number: int, accounts: list[dict[str, Any]]) -> dict[str, Any]:
        who, place = self.random.choice(accounts), self._app()
        saas = SUITE if place["appId"] in PARTS[SUITE] else place["appId"]
        actor = {"id": who["id"], "saas": saas, "inst": who["instanceId"]}
        only = {"entityData": {"0": {"id": actor}}, "resolvedActor": {}}
        return wire(number, _id=f"a{number}", appId=place["appId"], saasId=saas, **only)

    def _alert(self, number: int, accounts: list[dict[str, Any]]) -> dict[str, Any]:
        entities: list[dict[str, Any]] = []
        for who in self.random.sample(accounts, self.random.randrange(3)):
            saas = SUITE if who["appId"] in PARTS[SUITE] else who["appId"]
            entities.append({"type": "account", "id": who["id"].upper(), "saas": saas, "inst": who["instanceId"]})
        if self.random.random() < 0.3:
            place = self._app()
            entities.append({"type": "service", "id": place["appId"], "inst": place["instanceId"]})
        if self.random.random() < 0.3:
            entities.append({"type": "discovery_service", "id": self._app()["appId"]})
        return alert(number, entities=entities, stories=[self.random.choice([0, 4])])

    def _file(self, number: int) -> dict[str, Any]:
        return {**self._app(), "id": f"f{number}", "name": f"{number}.txt", "owner": "p1@example.org"}

    def documents(self, resource: str) -> list[Json]:
        """Return every record of the first tenant."""
        if resource == "governance":
            return list(self.log.page(1)[0])
        records = self.stores[resource]
        rows = records.page(1, order=records.kind.order[0], ascending=True, limit=1000)
        return [msgspec.json.decode(row.document) for row in rows]

    def seen(self, resource: str, where: Node) -> tuple[set[str], int]:
        """Return the ids of the first tenant's visible records, and their count."""
        if resource == "governance":
            found, total = self.log.page(1, [clause(where, governance_tasks.c)], limit=1000)
            return {each["_id"] for each in found}, total
        records = self.stores[resource]
        rows = records.page(1, where, order=records.kind.order[0], ascending=False, limit=1000)
        return {row.record_id for row in rows}, records.count(1, where)[0]


def in_apps(apps: Collection[AppInstance]) -> dict[str, Seen]:
    """Return the rules of an App/instance admin."""

    def fits(app: AppInstance, numbers: Collection[int], instance: int) -> bool:
        return app.app_id in numbers and app.instance_id in {None, instance}

    def any_of(places: Collection[tuple[Collection[int], int]]) -> bool:
        return any(fits(app, numbers, instance) for app in apps for numbers, instance in places)

    def suites(number: int) -> set[int]:
        return {number, *(suite for suite, parts in PARTS.items() if number in parts)}

    def of_alert(each: Json) -> bool:
        accounts = [(suites(who["saas"]), who["inst"]) for who in each["entities"] if who["type"] == "account"]
        named = [(suites(what["id"]), what["inst"]) for what in each["entities"] if what["type"] == "service"]
        return 4 not in each["stories"] and any_of(accounts + named)

    def of_entity(each: Json) -> bool:
        app = each["appData"]
        return each["type"] == 1 and any_of([({app["saas"], *each["subApps"]}, app["instance"])])

    return {
        "activities": lambda each: any_of([({each["appId"], each["saasId"]}, each["entityData"]["0"]["id"]["inst"])]),
        "alerts": of_alert,
        "entities": of_entity,
        "files": lambda each: any_of([(suites(each["appId"]), each["instId"])]),
        "governance": lambda each: not each["taskName"].startswith("Discovery") and any_of([({each["appId"]}, 0)]),
        "user_groups": lambda _: False,
    }


def in_groups(groups: Collection[str], entities: Collection[Json]) -> dict[str, Seen]:
    """Return the rules of a User group admin."""

    def accounts(each: Json) -> set[tuple[str, int, int]]:
        own = (each["id"].lower(), each["appData"]["saas"], each["appData"]["instance"])
        return {own, *((item["i"].lower(), item["saas"], item["inst"]) for item in each["accounts"])}

    people = [each for each in entities if any(group["_id"] in groups for group in each["userGroups"])]
    ids, keys = {each["_id"] for each in people}, {key for each in people for key in accounts(each)}

    def of_alert(each: Json) -> bool:
        named = {(who["id"].lower(), who["saas"], who["inst"]) for who in each["entities"] if who["type"] == "account"}
        return 4 not in each["stories"] and bool(named & keys)

    def of_activity(each: Json) -> bool:
        actor = each["entityData"]["0"]["id"]
        return (actor["id"].lower(), actor["saas"], actor["inst"]) in keys

    return {
        "activities": of_activity,
        "alerts": of_alert,
        "entities": lambda each: each["_id"] in ids or (each["type"] == 1 and bool(accounts(each) & keys)),
        "files": lambda _: False,
        "governance": lambda _: False,
        "user_groups": lambda each: each["_id"] in groups,
    }


def scopes(house: House) -> Iterator[tuple[Role, RoleScope | None, dict[str, Seen]]]:
    """Yield random scopes with their rules."""
    entities = house.documents("entities")
    choice = [AppInstance(SUITE), AppInstance(EXCHANGE), AppInstance(SHAREPOINT, 0), AppInstance(BOX)]
    choice += [AppInstance(BOX, 7), AppInstance(GOOGLE, 0), AppInstance(7), AppInstance(0, 11161)]
    for _ in range(12):
        apps = tuple(house.random.sample(choice, house.random.randrange(1, 4)))
        yield Role.APP_INSTANCE_ADMIN, RoleScope(apps=apps), in_apps(apps)
    for groups in (house.groups[:1], house.groups[1:], house.groups):
        yield Role.USER_GROUP_ADMIN, RoleScope(groups=groups), in_groups(groups, entities)
    yield Role.APP_INSTANCE_ADMIN, None, in_apps(())
    yield Role.APP_INSTANCE_ADMIN, RoleScope(groups=house.groups), in_apps(())
    yield Role.USER_GROUP_ADMIN, None, in_groups((), entities)
    yield Role.USER_GROUP_ADMIN, RoleScope(apps=(AppInstance(SUITE),)), in_groups((), entities)


def test_a_scoped_role_sees_what_its_rules_say(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """This holds for every resource, in lists and counts, with few records or many; never for another tenant.

    Nothing of a resource without rules is visible.
    """
    house, some = House(database, Random(1)), 0  # noqa: S311 -- reproducible
    for role, scope, rules in scopes(house):
        principal = Principal(1, "x", frozenset(), role=role, scope=scope)
        for resource, rule in rules.items():
            expected = {each["_id"] for each in house.documents(resource) if rule(each)}
            for few in (0, 4000):
                monkeypatch.setattr(narrowing, "FEW", few)
                found = house.seen(resource, visible(principal, resource, database))
                assert found == (expected, len(expected)), (role, scope, resource)
            some += 0 < len(expected) < len(house.documents(resource))
        assert visible(principal, "policies", database) == NOTHING
    assert some > 40  # many results are neither empty nor complete


def test_the_interpreter_in_python_says_the_same(database: Database) -> None:
    """It evaluates conditions on the stored keys."""
    house = House(database, Random(2))  # noqa: S311 -- reproducible
    principal = Principal(1, "x", frozenset(), role=Role.USER_GROUP_ADMIN, scope=RoleScope(groups=house.groups))
    rule = visible(principal, "activities", database)
    records = [columns.to_record(each) for each in house.documents("activities")]
    found = {each.record_id for each in records if holds(rule, {**each.columns, **each.values})}
    assert found == house.seen("activities", rule)[0] != set()


def test_other_roles_are_not_limited(database: Database) -> None:
    """Report administrators see only their own reports' alerts and tasks; applications have no role."""
    for role in {None, *Role} - {Role.APP_INSTANCE_ADMIN, Role.USER_GROUP_ADMIN}:
        principal = Principal(1, "x", frozenset(), role=role)
        assert (visible(principal, "alerts", database), is_limited(principal)) == (EVERYTHING, False)
        reports = Principal(1, "x", frozenset(), role=role, stream_ids=frozenset())
        assert (visible(reports, "entities", database), is_limited(reports)) == (NOTHING, True)
