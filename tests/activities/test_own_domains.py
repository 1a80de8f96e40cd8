"""External users."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from opencasb.activities.own_domains import is_external, with_tag
from opencasb.store.user_groups import APPLICATIONS, EXTERNAL_USERS
from tests.activities.anything import damaged
from tests.activities.example import wire

OWN = frozenset({"example.org", "contoso.co.example"})


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("ana@example.org", False),
        ("Ana@EU.Example.ORG", False),
        ("ana@notexample.org", True),
        ("ana@example.org.evil.example", True),
        ("ana_else.example#EXT#@example.org", True),
        ("ana@org", None),
        ("ana", None),
        ("@", None),
        ("", None),
        (None, None),
    ],
)
def test_the_domain_of_an_address_decides(address: str | None, expected: object) -> None:
    """Own domains and their subdomains are internal; for anything but an address it is unknown."""
    assert is_external(address, OWN) is expected
    assert is_external(address, frozenset()) is None


def test_the_user_of_an_activity_is_put_among_the_external_ones() -> None:
    """The tag is added once, and neither to programs nor to internal users."""

    def tags(name: str, *before: str) -> list[str]:
        activity = with_tag(wire(user={"userName": name, "userTags": [*before]}), OWN)
        return list(activity["user"]["userTags"])

    assert tags("eve@else.example", "a") == ["a", EXTERNAL_USERS]
    assert tags("eve@else.example", EXTERNAL_USERS) == [EXTERNAL_USERS]
    assert tags("eve@else.example", APPLICATIONS) == [APPLICATIONS]
    assert tags("ana@example.org") == []


@given(damaged(wire()))
def test_no_shape_is_too_odd(activity: dict[str, Any]) -> None:
    """The user may have any shape."""
    with_tag(activity, OWN)
