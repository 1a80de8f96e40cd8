"""The model of entity types."""

from __future__ import annotations

import pytest

from opencasb.api.graph.edm import EntityType, Enum, Primitive, Property, squeezed

COLOURS = Enum(
    "colours",
    ("darkRed", "tls1_2", "unknownFutureValue", "pink"),
    late=frozenset({"pink"}),
    labels={"darkRed": "Deep red"},
)


@pytest.mark.parametrize("text", ["darkRed", "DARKRED", "dark red", "Dark-Red", "Deep red", "deep RED"])
def test_a_member_is_found_by_name_and_label_in_any_spelling(text: str) -> None:
    """Case, blanks and punctuation are ignored."""
    assert COLOURS.member(text) == "darkRed"


def test_digits_count_and_strangers_are_none() -> None:
    """Versions differ by their digits; unknown text gives None."""
    assert COLOURS.member("TLS 1.2") == "tls1_2"
    assert COLOURS.member("tls1_3") is None
    assert squeezed("TLS 1.2!") == "tls12"


def test_late_members_are_hidden_unless_asked_for() -> None:
    """A late member is shown as the sentinel, also among flags, unless the client asks for late members."""
    assert COLOURS.shown("pink", include_late=False) == "unknownFutureValue"
    assert COLOURS.shown("darkRed,pink", include_late=False) == "darkRed,unknownFutureValue"
    assert COLOURS.shown("pink", include_late=True) == "pink"


def test_types_inherit_and_hidden_properties_are_only_filterable() -> None:
    """A derived type has the base's properties first; hidden ones are never sent."""
    base = EntityType("base", (Property("id", Primitive.STRING),), hidden=(Property("secret", Primitive.INT64),))
    derived = EntityType("derived", (Property("size", Primitive.INT64),), base=base)
    assert list(derived.properties) == ["id", "size"]
    assert set(derived.filterable) == {"id", "size", "secret"}
    assert derived.full_name == "microsoft.graph.security.derived"
