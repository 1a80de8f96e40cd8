"""Infer the administrative roles of accounts from activities that give them and take them away (connectors §7).

Events may arrive in any order: ``roleTimes`` keeps the newest event about each role. The empty name stands for all
roles, and for a role that a scan does not name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from opencasb.activities.entity_keys import LONGEST_NAME
from opencasb.activities.given import Given
from opencasb.activities.invalid import Invalid

ANY: Final = ""

MOST: Final = 100
"""Most roles of an account whose events are kept, the newest."""

_Json = Mapping[str, Any]


class _Event(msgspec.Struct, frozen=True, order=True, rename="camel"):
    """When a role was given or taken away (ms); of two events at the same time, the one that gives it counts."""

    time: int
    is_given: bool


def role_time(account: _Json) -> int:
    """Return since when an account's role is known (ms): from an activity or a scan, whichever is newer."""
    time: int = max(account.get("roleTime", 0), account["sctime"] or 0)
    return time


def learn_role(account: dict[str, Any], role: str, time: int, *, is_given: bool) -> None:
    """Update an account whose role was given or taken away at ``time`` (ms), unless a newer scan has told."""
    if time < (account["sctime"] or 0):
        return
    events = _events(account)
    events[role] = max(_Event(time, is_given), events.get(role, _Event(0, False)))
    events = dict(sorted(events.items(), key=lambda each: (each[1], each[0]))[-MOST:])
    gone = events[ANY].time if ANY in events and not events[ANY].is_given else 0
    held = {name: each for name, each in events.items() if each.is_given and each.time >= gone}
    newest = max(held, key=lambda name: (held[name].time, name), default=ANY)
    acted = account.get("adminTime")
    account |= {
        "isAdmin": bool(held) or (acted is not None and _outlasts(acted, events)),
        "role": newest or None,
        "roleTime": max(each.time for each in events.values()),
        "roleTimes": [{"name": name, **msgspec.to_builtins(each)} for name, each in sorted(events.items())],
    }


def learn_newer_roles(account: dict[str, Any], before: _Json) -> None:
    """Update a scanned account with what activities after the scan told about the account as it was ``before``."""
    if before.get("roleTime", 0) > role_time(account):
        for role, event in _events(before).items():
            learn_role(account, role, event.time, is_given=event.is_given)


def learn_act(account: dict[str, Any], time: int) -> None:
    """Update an account that acted as an administrator at ``time`` (ms), unless it lost a role since."""
    account["adminTime"] = max(time, account.get("adminTime", 0))
    account["isAdmin"] = account["isAdmin"] or _outlasts(time, _events(account))


def _outlasts(time: int, events: Mapping[str, _Event]) -> bool:
    """Return whether acting as an administrator at ``time`` (ms) tells of a role that was not taken away since."""
    return all(each.is_given or each.time <= time for each in events.values())


def role_times(given: Given) -> list[dict[str, Any]]:  # JSON
    """Return the ``roleTimes`` of an exported account. Raises :class:`Invalid`."""
    found = []
    for each in given.items("roleTimes"):
        part = Given(each if isinstance(each, Mapping) else {})
        time = part.time("time")
        if time is None:
            raise Invalid("roleTimes", each, "objects with name, time and isGiven are expected")
        name = part.label("name", longest=LONGEST_NAME) or ANY
        found.append({"name": name, "time": time, "isGiven": part.flag("isGiven") or False})
    return found


def _events(account: _Json) -> dict[str, _Event]:
    """Return the newest event about each role of an account; a role that only a scan states is known since the scan."""
    if "roleTimes" in account:
        return {each["name"]: _Event(each["time"], each["isGiven"]) for each in account["roleTimes"]}
    is_stated = account["isAdmin"] and (account["role"] or not account["isFake"])
    return {account["role"] or ANY: _Event(role_time(account), True)} if is_stated else {}
