"""The demo company's people."""

from __future__ import annotations

from opencasb.activities.demo_people import people
from opencasb.activities.entity_wire import entities_from
from tests.conftest import NOW

USERS = [f"ida.dahl{number}@lindgren-logistics.example" for number in range(6)]


def test_everybody_has_an_account() -> None:
    """They have a name and are active, two of them administrators; only the guest is external."""
    made = [entities_from(each, 1, NOW) for each in people(USERS)]
    assert [each["displayName"] for each in made[:2]] == ["Ida Dahl0", "Ida Dahl1"]
    assert [each["isAdmin"] for each in made] == [True, False, False, True, False, False, False]
    assert [each["isExternal"] for each in made] == [None] * 6 + [True]
    assert {each["status"] for each in made} == {2}


def test_few_users_are_enough() -> None:
    """A company with one user has a guest, too."""
    assert len(list(people(USERS[:1]))) == 2
