"""Source types by name and number."""

from __future__ import annotations

import pytest

from opencasb.model.source_types import LOG_TYPES, log_type, source_type


def test_names_of_any_case_and_numbers_are_understood() -> None:
    """A name, a number as text, and what has no number."""
    assert source_type(" squid_native ") == "SQUID_NATIVE"
    assert source_type("155") == "SQUID_NATIVE"
    assert log_type("SQUID_NATIVE") == 155
    assert log_type("") == 0
    assert len(LOG_TYPES) == 72


@pytest.mark.parametrize("text", ["", "banana", "0", "²", "99999"])
def test_anything_else_is_named_with_what_is_allowed(text: str) -> None:
    """The error says the value and the allowed names."""
    with pytest.raises(ValueError, match="SQUID_NATIVE"):
        source_type(text)
