"""Field names and templates."""

from __future__ import annotations

import pytest

from opencasb.discovery.custom.templates import names_of, parts
from tests.discovery.custom.definitions import small


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("host", [("", "host")]),
        ("{scheme}://{host}", [("", "scheme"), ("://", "host")]),
        ("a{b}!", [("a", "b"), ("!", "")]),
        ("{", [("", "{")]),
    ],
)
def test_parts(template: str, found: list[tuple[str, str]]) -> None:
    """Text and fields alternate; a text without braces is a field."""
    assert parts(template) == found


def test_every_field_is_named_once() -> None:
    """Fields in meanings, the time and rules."""
    fields = {"source_ip": ["c", {"field": "d"}], "url": "{c}/{e}"}
    definition = small(fields=fields, time={"fields": ["t"]}, ignore=[{"drop": "x", "field": "r"}])
    assert names_of(definition) == ["c", "d", "e", "t", "r"]
