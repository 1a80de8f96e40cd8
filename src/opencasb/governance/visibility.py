"""Which records a scoped role may see: one rule per role and resource (identity §11, api §2.3).

A scoped role sees nothing of a resource without a rule. A rule is a filter tree that is ANDed with every query on
behalf of the caller, so records outside it are neither listed nor counted nor found by id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from opencasb.filters.field import RECORD_ID, Field, Kind, column
from opencasb.filters.tables import activities, alerts, entities, files
from opencasb.filters.tree import EVERYTHING, AllOf, Among, AnyOf, Like, Node, Not, OneOf, either
from opencasb.model.roles import Role

if TYPE_CHECKING:
    from opencasb.model.principal import Principal
    from opencasb.model.role_scope import AppInstance
    from opencasb.store.database import Database

NOTHING: Final = AnyOf()

DISCOVERY: Final = 4
"""The risk category of alerts that discovery permissions give access to."""

DISCOVERY_TASKS: Final = "Discovery"
"""Prefix of the names of discovery tasks."""

_ACCOUNT: Final = 1
_STORIES: Final = column("stories", Kind.INTEGER, many=True)
_STREAMS: Final = column("streams", many=True)
_OWN_KEYS: Final = column("own_entities", many=True, folded=True)
_ACCOUNT_APPS: Final = column("apps", Kind.INTEGER, many=True)
_GROUPS: Final = column("user_groups", many=True)
_TASK: Final = column("task_name")
_TASK_APP: Final = column("app_id", Kind.INTEGER)
_TASK_STREAM: Final = column("stream_id")

OF_DISCOVERY: Final = OneOf(_STORIES, (DISCOVERY,))
"""Discovery alerts."""

DISCOVERY_TASK: Final = Like(_TASK, "starts", (DISCOVERY_TASKS,))
"""Discovery tasks."""


def visible(principal: Principal, resource: str, database: Database) -> Node:
    """Return the filter for the records of ``resource`` (the name of its kind) that a caller may see.

    It depends on the role alone; whether the caller has permission for the resource is checked before.
    """
    if principal.stream_ids is not None:
        rule = _OF_REPORTS.get(resource)
        return NOTHING if rule is None else OneOf(rule, tuple(sorted(principal.stream_ids)))
    rules = _RULES.get(Role(principal.role)) if principal.role is not None else None
    if rules is None:
        return EVERYTHING
    return rules[resource](principal, database) if resource in rules else NOTHING


def is_limited(principal: Principal) -> bool:
    """Return whether the caller's role sees only some records."""
    return principal.stream_ids is not None or (principal.role is not None and Role(principal.role) in _RULES)


def _of_apps(rule: Callable[[AppInstance, tuple[int, ...]], Node], principal: Principal, _: Database) -> Node:
    """Return the union of a rule for each chosen app, given with the app's id and those of its parts."""
    from opencasb.activities.connected_apps import parts_of

    chosen = () if principal.scope is None else principal.scope.apps
    return either([rule(each, (each.app_id, *parts_of(each.app_id))) for each in chosen]) if chosen else NOTHING


def _activities_of(app: AppInstance, _: tuple[int, ...]) -> Node:
    """Return the activities in an app or, for a suite, in its parts; the instance is that of the actor (api §7.5)."""
    within = AnyOf(tuple(OneOf(each, (app.app_id,)) for each in (activities.APP, activities.PARENT_APP)))
    return _in_instance(app, within, activities.INSTANCE)


def _alerts_of(app: AppInstance, numbers: tuple[int, ...]) -> Node:
    """Return the alerts that name the app or one of its accounts."""
    if app.instance_id is None:
        return Like(alerts.INSTANCES, "starts", tuple(f"{number}|" for number in numbers))
    return OneOf(alerts.INSTANCES, tuple(f"{number}|{app.instance_id}" for number in numbers))


def _accounts_of(app: AppInstance, _: tuple[int, ...]) -> Node:
    """Return the accounts in an app, but no users, because those also show their accounts in other apps."""
    used = AnyOf((OneOf(entities.APP, (app.app_id,)), OneOf(_ACCOUNT_APPS, (app.app_id,))))
    return _in_instance(app, AllOf((OneOf(entities.TYPE, (_ACCOUNT,)), used)), entities.INSTANCE)


def _files_of(app: AppInstance, numbers: tuple[int, ...]) -> Node:
    return _in_instance(app, OneOf(files.APP, numbers), files.INSTANCE)


def _tasks_of(app: AppInstance, _: tuple[int, ...]) -> Node:
    """Return the tasks about an app; all belong to its first or only instance (api §1.2)."""
    return NOTHING if app.instance_id else OneOf(_TASK_APP, (app.app_id,))


def _in_instance(app: AppInstance, within: Node, instance: Field) -> Node:
    return within if app.instance_id is None else AllOf((within, OneOf(instance, (app.instance_id,))))


def _of_members(rule: Callable[[Among, tuple[str, ...]], Node], principal: Principal, database: Database) -> Node:
    """Return a rule for the chosen groups, given the lookup of their members' keys and the groups."""
    from opencasb.store.entities import KeysOfMembers

    groups = () if principal.scope is None else principal.scope.groups
    if not groups:
        return NOTHING
    return rule(Among(_OWN_KEYS, KeysOfMembers(database, principal.tenant_id, groups)), groups)


def _activities_by(members: Among, _: tuple[str, ...]) -> Node:
    return Among(activities.ENTITIES, members.lookup)


def _alerts_about(members: Among, _: tuple[str, ...]) -> Node:
    return Among(alerts.ENTITIES, members.lookup)


def _people_in(members: Among, groups: tuple[str, ...]) -> Node:
    """Return the members of a group, and their accounts."""
    return AnyOf((OneOf(_GROUPS, groups), AllOf((OneOf(entities.TYPE, (_ACCOUNT,)), members))))


def _own_groups(_: Among, groups: tuple[str, ...]) -> Node:
    return OneOf(RECORD_ID, groups)


Rule = Callable[["Principal", "Database"], Node]


def _except(left_out: Node, rule: Rule) -> Rule:
    return lambda principal, database: AllOf((Not(left_out), rule(principal, database)))


_RULES: Final[Mapping[Role, Mapping[str, Rule]]] = MappingProxyType(
    {
        Role.APP_INSTANCE_ADMIN: {
            "activities": partial(_of_apps, _activities_of),
            "alerts": _except(OF_DISCOVERY, partial(_of_apps, _alerts_of)),
            "entities": partial(_of_apps, _accounts_of),
            "files": partial(_of_apps, _files_of),
            "governance": _except(DISCOVERY_TASK, partial(_of_apps, _tasks_of)),
        },
        Role.USER_GROUP_ADMIN: {
            "activities": partial(_of_members, _activities_by),
            "alerts": _except(OF_DISCOVERY, partial(_of_members, _alerts_about)),
            "entities": partial(_of_members, _people_in),
            "user_groups": partial(_of_members, _own_groups),
        },
    }
)
_OF_REPORTS: Final = MappingProxyType({"alerts": _STREAMS, "governance": _TASK_STREAM})
"""The fields that name the report of a record."""
