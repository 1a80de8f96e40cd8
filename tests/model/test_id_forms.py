"""Formats of ids."""

from __future__ import annotations

import pytest

from opencasb.model.id_forms import is_guid, is_object_id

GUID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


@pytest.mark.parametrize("text", ["", GUID.upper(), f"{{{GUID}}}", GUID.replace("-", ""), f"{GUID}\n", f" {GUID}"])
def test_a_guid_is_in_lower_case_with_hyphens(text: str) -> None:
    """Nothing may precede or follow it."""
    assert is_guid(GUID)
    assert not is_guid(text)


@pytest.mark.parametrize(
    "text", ["", "66F0A1B2C3D4E5F607182930", "66f0a1b2c3d4e5f60718293", "66f0a1b2c3d4e5f607182930\n"]
)
def test_an_object_id_is_24_hex_characters(text: str) -> None:
    """They are in lower case (api §1.2)."""
    assert is_object_id("66f0a1b2c3d4e5f607182930")
    assert not is_object_id(text)
