"""Actor and objects of activities in wire form."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.activities.activity import read_activity
from opencasb.activities.event_objects import event_objects
from opencasb.activities.fields import Fields
from tests.activities.normalised_example import normalised


def objects(**changes: Any) -> list[dict[str, Any]]:
    """Return the example's wire objects, with changes."""
    return event_objects(read_activity(Fields(normalised(**changes))))


def test_the_actor_comes_first() -> None:
    actor, file, folder = objects()
    assert (actor["objType"], actor["role"], actor["name"]) == (23, 4, "ana@example.org")
    assert (file["objType"], file["role"], file["id"], file["name"], file["serviceObjectType"]) == (
        1,
        3,
        "F1",
        "plan.xlsx",
        "file",
    )
    assert (folder["id"], folder["saasId"], folder["instanceId"], folder["tags"]) == ("", 11161, 0, [])


@pytest.mark.parametrize(
    ("changes", "kind", "actor_id"),
    [({"userId": ...}, 21, "ana@example.org"), ({"userId": ..., "user": "root"}, 2, "root"), ({"user": ...}, 23, None)],
)
def test_accounts_are_told_apart_by_what_is_known(changes: dict[str, Any], kind: int, actor_id: str | None) -> None:
    actor = objects(**changes)[0]
    assert actor["objType"] == kind
    assert actor_id in {None, actor["id"]}


def test_an_anonymous_activity_has_no_actor() -> None:
    assert objects(user="anonymous", userId=..., objects=[]) == []


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"type": "site", "name": "Team"}, 1),
        ({"type": "file", "name": "a", "value": "b"}, 1),
        ({"type": "user", "name": "eva@example.org"}, 21),
        ({"type": "user", "name": "eva"}, 2),
        ({"type": "user", "name": "eva", "id": "5"}, 23),
        ({"type": "oauthApp", "name": "Mailer"}, 6),
        ({"type": "property", "name": "RuleName", "value": "hide"}, 7),
        ({"type": "policy", "name": "P", "value": "on"}, 7),
        ({"type": "group", "name": "G"}, 1),
    ],
)
def test_an_object_has_the_number_of_its_type(given: dict[str, Any], kind: int) -> None:
    assert objects(objects=[given])[1]["objType"] == kind


def test_a_person_is_found_by_name() -> None:
    """The filter by object finds a person known only by name."""
    assert objects(objects=[{"type": "user", "name": "eva@example.org"}])[1]["id"] == "eva@example.org"
