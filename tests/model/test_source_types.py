"""Source types by name and number."""

from __future__ import annotations

import pytest

from opencasb.model.source_types import CUSTOM, LOG_TYPES, TWINS, UNREAD, log_type, source_type


def test_names_of_any_case_and_numbers_are_understood() -> None:
    """A name, a number as text, and types without a number."""
    assert source_type(" squid_native ") == "SQUID_NATIVE"
    assert source_type("155") == "SQUID_NATIVE"
    assert log_type("SQUID_NATIVE") == 155
    assert log_type("") == 0
    assert len(LOG_TYPES) == 72


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("CLAVISTER", 164, "CLAVISTER_SYSLOG"),
        ("juniper_srx", 129, "JUNIPER_SRX_SYSLOG"),
        ("ZSCALER_CEF", 196, "ZSCALER_CEF_SYSLOG"),
        ("SQUID_SYSLOG", 146, "SQUID"),
        ("CUSTOM_PARSER", 167, CUSTOM),
    ],
)
def test_a_log_type_is_the_source_type_of_the_same_lines(name: str, number: int, expected: str) -> None:
    """It may be of a file or of syslog, a name or a number: clients also use log types (api §12.1)."""
    assert source_type(name) == source_type(str(number)) == expected


def test_every_twin_has_a_source_type_and_a_number_of_its_own() -> None:
    """No twin is a source type itself."""
    assert {source_type(name) for name in TWINS} <= LOG_TYPES.keys()
    assert not TWINS.keys() & LOG_TYPES.keys()
    assert not set(TWINS.values()) & set(LOG_TYPES.values())


@pytest.mark.parametrize(
    ("text", "expected"), [("LOG_3COM", "LOG_3COM"), ("100", "LOG_3COM"), ("suricata", "SURICATA")]
)
def test_a_log_type_without_a_parser_is_taken(text: str, expected: str) -> None:
    """It may be a name or a number (api §12.1); the governance log has the outcome for its logs."""
    assert source_type(text) == expected
    assert log_type(expected) == UNREAD[expected]
    assert not UNREAD.keys() & (LOG_TYPES | TWINS).keys()
    assert not set(UNREAD.values()) & set((LOG_TYPES | TWINS).values())


@pytest.mark.parametrize("text", ["", "banana", "0", "²", "99999"])
def test_anything_else_is_named_with_what_is_allowed(text: str) -> None:
    """The error has the value and the allowed names."""
    with pytest.raises(ValueError, match="SQUID_NATIVE"):
        source_type(text)
