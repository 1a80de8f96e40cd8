"""The enumerations in the contract."""

from __future__ import annotations

import pytest

from opencasb.api.graph import enums
from opencasb.api.graph.edm import UNKNOWN_FUTURE, Enum
from tests.api.graph.contract import CONTRACT


@pytest.mark.parametrize("enum", enums.ALL, ids=lambda enum: enum.name)
def test_each_enumeration_is_in_the_contract(enum: Enum) -> None:
    """The OpenAPI file lists the same members in the same order."""
    schema = CONTRACT.document["components"]["schemas"][enum.name]
    if enum.flags:
        members = "|".join(enum.members)
        assert schema["pattern"] == f"^({members})(,({members}))*$"
    else:
        assert tuple(schema["enum"]) == enum.members


@pytest.mark.parametrize("enum", enums.ALL, ids=lambda enum: enum.name)
def test_late_members_stand_behind_the_sentinel(enum: Enum) -> None:
    """Every enumeration has the sentinel, and exactly the members after it are late."""
    after = enum.members[enum.members.index(UNKNOWN_FUTURE) + 1 :]
    assert frozenset(after) == enum.late


def test_members_are_told_apart_whatever_their_spelling() -> None:
    """No two members are equal when case and punctuation are ignored."""
    for enum in enums.ALL:
        assert [enum.member(member) for member in enum.members] == list(enum.members)


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("Generative AI", "generativeAi"),
        ("AI Model Provider", "aiModelProvider"),
        ("Webmail", "webemail"),
        ("human-resource management", "humanResourceManagement"),
        ("E-commerce", "eCommerce"),
    ],
)
def test_categories_go_by_their_display_names(text: str, member: str) -> None:
    """Users filter by the names shown in the portal."""
    assert enums.APP_CATEGORY.member(text) == member
