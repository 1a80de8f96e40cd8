"""Extract the accounts that activities show: their actors, and the accounts they are about (connectors §7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from opencasb.activities.categories import PREFIX
from opencasb.activities.columns import is_actor
from opencasb.activities.connected_apps import suite_of
from opencasb.activities.entity_keys import LONGEST_ID, LONGEST_NAME, Key
from opencasb.activities.entity_wire import ACTIVE, DELETED, SUSPENDED
from opencasb.activities.names import address_in, read_name
from opencasb.activities.wire_parts import MOST_OBJECTS, PEOPLE, at, kind, listed, number, object_at, text
from opencasb.model.derived_id import folded_id
from opencasb.model.iso_time import LATEST
from opencasb.store.user_groups import APPLICATIONS, EXTERNAL_USERS

STATUS_OF: Final = {
    f"{PREFIX}CREATE_USER": ACTIVE,
    f"{PREFIX}RESTORE_USER": ACTIVE,
    f"{PREFIX}UNSUSPEND_USER": ACTIVE,
    f"{PREFIX}SUSPEND_USER": SUSPENDED,
    f"{PREFIX}BLOCK_USER": SUSPENDED,
    f"{PREFIX}DELETE_USER": DELETED,
}
"""The status that a successful activity gives the account it is about."""

_NEW_ROLE: Final = f"{PREFIX}ADD_MEMBER_TO_ROLE"
_LOST_ROLE: Final = f"{PREFIX}REMOVE_MEMBER_FROM_ROLE"
_ROLE_KINDS: Final = frozenset({None, "role", "project_role", "property", "object"})
"""Kinds of objects that name a role."""

_FAILURES: Final = (f"{PREFIX}FAILED_LOGIN", f"{PREFIX}FAILED_SSO_LOGIN")
_SHARE: Final = f"{PREFIX}SHARE_FILE"
_INVITATION: Final = f"{PREFIX}INVITE_EXTERNAL_USER"
_ADDRESSED: Final = frozenset({11161, 12260, 10980, 11770, 26069})
"""Microsoft 365, Azure, Okta, Google: users have addresses there, so a name without one is only a display name."""

_NO_PEOPLE: Final = ("nt authority\\", "nt service\\", "sharepoint\\system")

_Json = Mapping[str, Any]

_known_name: Final = lru_cache(maxsize=10_000)(read_name)


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """An account as shown by one activity.

    ``time`` is in ms. ``seen`` tells whether the account itself acted, successfully. ``is_certain`` tells whether the
    app knows the account: a name that failed to sign in may be anything. ``status``, ``role`` and ``is_external`` are
    None if the activity does not state them. ``role`` was given, or taken away; empty, it means all roles.
    """

    key: Key
    time: int
    app_id: int
    email: str | None = None
    name: str | None = None
    seen: bool = False
    is_certain: bool = True
    is_application: bool = False
    is_admin: bool = False
    is_external: bool | None = None
    organization: str | None = None
    status: int | None = None
    role: str | None = None
    is_given: bool = True


def sightings(activity: _Json) -> Iterator[Sighting]:
    """Yield the accounts that a wire-format activity (api §7.4) shows; one of any other shape yields nothing."""
    time, app_id = number(activity.get("timestamp")), number(activity.get("appId"))
    if time is None or app_id is None or time > LATEST:
        return
    actor = _actor(activity, time, app_id)
    if actor is not None:
        yield actor
    yield from _targets(activity, time, app_id)


def _actor(activity: _Json, time: int, app_id: int) -> Sighting | None:
    entities, actor, given = (object_at(activity, name) for name in ("entityData", "resolvedActor", "user"))
    user, account = object_at(entities, "2"), object_at(entities, "0")
    # The app's own id for a user takes precedence over the name typed in.
    keys = [object_at(user, "id"), actor, object_at(account, "id")]
    names = [*(key.get("id") for key in keys), given.get("userName")]
    read = {name: _known_name(name) for each in names if (name := text(each, LONGEST_ID))}
    found = [name for name, each in read.items() if each.user]
    actor_type, tags = at(activity, "collected", "normalised", "actorType"), listed(given.get("userTags"))
    if not found or actor_type == "System" or found[0].lower().startswith(_NO_PEOPLE):
        return None
    by_name = any(each.is_application for each in read.values())
    is_application = by_name or actor_type == "Application" or APPLICATIONS in tags
    success = not _is_failure(activity)
    typed = {str(each).strip().lower() for each in names[2:]}
    shown = [user.get("displayName"), account.get("displayName"), actor.get("name")]
    return Sighting(
        key=_key(found[0], keys, activity, app_id),
        time=time,
        app_id=app_id,
        email=next((address for each in found if "@" in each and (address := address_in(each))), None),
        name=next((name for each in shown if (name := text(each, LONGEST_NAME))), None),
        seen=success and not is_application,
        is_certain=success or found[0].lower() not in typed,
        is_application=is_application,
        is_admin=actor_type == "Admin",
        is_external=True if EXTERNAL_USERS in tags or any(each.is_external for each in read.values()) else None,
        organization=text(given.get("orgUnit"), LONGEST_NAME),
    )


def _targets(activity: _Json, time: int, app_id: int) -> Iterator[Sighting]:
    """Yield the accounts that were created, removed, suspended, invited or shared with, or whose role changed."""
    event = str(activity.get("eventTypeName"))
    status = STATUS_OF.get(event)
    if status is None and event not in {_NEW_ROLE, _LOST_ROLE, _SHARE, _INVITATION}:
        return
    if _is_failure(activity):
        return
    every = listed(at(activity, "mainInfo", "eventObjects"))[:MOST_OBJECTS]
    objects = [each for each in every if isinstance(each, dict) and not is_actor(each, activity)]
    role = _role(objects, is_given=event == _NEW_ROLE) if event in {_NEW_ROLE, _LOST_ROLE} else None
    is_about_strangers = event in {_SHARE, _INVITATION}
    for each in objects if status is not None or role is not None or is_about_strangers else ():
        read = [read_name(text(at(each, part), LONGEST_ID)) for part in ("id", "name")]
        names = [name.user for name in read if name.user]
        addresses = [name for name in names if "@" in name]
        key = _key(names[0], [each], activity, app_id) if names and _is_person(each) else None
        shown = {text(at(each, "name"), LONGEST_ID)}
        is_shown_only = key is not None and key.saas in _ADDRESSED and set(names) == shown
        if key is None or ((is_about_strangers or is_shown_only) and not addresses):
            continue
        yield Sighting(
            key=key,
            time=time,
            app_id=app_id,
            email=next(iter(addresses), None),
            name=read[1].user,
            is_application=any(name.is_application for name in read),
            is_external=True if event == _INVITATION or any(name.is_external for name in read) else None,
            status=status,
            role=role,
            is_given=event != _LOST_ROLE,
        )


def _is_failure(activity: _Json) -> bool:
    """Return whether an activity failed; a failed sign-in did, whatever its result says (connectors §3.5)."""
    is_success = at(activity, "mainInfo", "activityResult", "isSuccess")
    return is_success is False or activity.get("eventTypeName") in _FAILURES


def _is_person(given: _Json) -> bool:
    sort = kind(given)
    return sort in {"user", "account", "emailaddress"} if sort else number(given.get("objType")) in PEOPLE


def _role(objects: Sequence[_Json], *, is_given: bool) -> str | None:
    """Return the name of an administrative role among an activity's objects, or None; empty if all are taken away."""
    roles = [each for each in objects if kind(each) in _ROLE_KINDS and not _is_person(each)]
    for each in roles:
        texts = [text(at(each, name), LONGEST_NAME) for name in ("value", "name")]
        found = next((name for name in texts if name and "admin" in name.lower() and "@" not in name), None)
        if found:
            return found
    return None if is_given or roles else ""


def _key(name: str, keys: list[dict[str, Any]], activity: _Json, app_id: int) -> Key:  # any JSON
    saas, inst = _first(keys, "saas", "saasId"), _first(keys, "inst", "instanceId")
    if saas is None:
        saas = suite_of(app_id, number(activity.get("saasId")))
    return Key(folded_id(name), saas, inst or 0)


def _first(keys: list[dict[str, Any]], *names: str) -> int | None:  # any JSON
    for key in keys:
        for name in names:
            found = number(key.get(name))
            if found is not None:
                return found
    return None
