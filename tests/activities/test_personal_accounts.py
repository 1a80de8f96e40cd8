"""Likely owners of personal addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.personal_accounts import free_mail, likely_addresses, likely_names, names_in


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("Ana.Silva83+news@gmail.com", ["ana", "silva"]),
        ("ana_silva-x@gmail.com", ["ana", "silva", "x"]),
        ("1234@qq.com", []),
        ("@gmail.com", []),
        ("ana", []),
    ],
)
def test_names_are_the_parts_without_digits(address: str, names: list[str]) -> None:
    """The part before ``@`` and plus, split at dots, underscores and hyphens."""
    assert names_in(address) == names


def test_the_usual_forms_of_addresses_are_tried() -> None:
    """They have each of the organisation's domains; a first name alone is not enough."""
    found = likely_addresses("ana.silva@gmail.com", ["b.example", "a.example"])
    assert {"ana.silva@a.example", "asilva@b.example", "anasilva@a.example", "silva.ana@b.example"} <= set(found)
    assert likely_names("ana.silva@gmail.com") == ["ana silva", "silva ana"]
    assert likely_names("ana@gmail.com") == []
    assert likely_addresses("123@gmail.com", ["a.example"]) == []


@given(st.text())
def test_anything_may_be_an_address(address: str) -> None:
    """Any collaborator's text is accepted."""
    assert all(each.endswith("@a.example") for each in likely_addresses(address, ["a.example"]))
    assert all(each == each.lower() for each in free_mail())
