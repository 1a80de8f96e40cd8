"""Names of roles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.model.roles import FULL_ACCESS, Role


@pytest.mark.parametrize("role", list(Role))
def test_every_spelling_of_a_role_is_understood(role: Role) -> None:
    """The name, its slug, its upper case and the short form of administrator are accepted."""
    spellings = (role.value, role.slug, role.name, role.value.upper(), role.value.replace("administrator", "admin"))
    assert {Role.parse(spelling) for spelling in spellings} == {role}


@given(st.text())
def test_any_other_text_is_refused_with_the_list_of_roles(text: str) -> None:
    """Other text raises an error that lists all roles."""
    with pytest.raises(ValueError, match=r"Global administrator.*Cloud Discovery report admin"):
        Role.parse(f"no {text}")


def test_three_roles_have_full_access() -> None:
    """Only the global, security and Cloud App Security administrators are unlimited."""
    assert sorted(FULL_ACCESS) == [
        "Cloud App Security administrator",
        "Global administrator",
        "Security administrator",
    ]
