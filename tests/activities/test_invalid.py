"""The error for rejected records."""

from __future__ import annotations

import pickle

from opencasb.activities.invalid import Invalid


def test_it_names_field_value_and_what_is_allowed() -> None:
    error = Invalid("objects[2].type", "filing cabinet", "allowed: file, folder")
    assert str(error) == "objects[2].type: filing cabinet is not valid; allowed: file, folder"
    assert (error.field, error.value, error.allowed) == (
        "objects[2].type",
        "filing cabinet",
        "allowed: file, folder",
    )
    assert isinstance(error, ValueError)


def test_a_hostile_value_is_short_and_safe_to_show() -> None:
    assert Invalid("user", "\x1b[2J", "text").value == "\\x1b[2J"
    assert len(str(Invalid("user", "x" * 10_000, "text"))) < 200
    assert "an object" in str(Invalid("user", object(), "text"))
    assert str(Invalid("user", "", "text is expected")) == "user: empty text is not valid; text is expected"


def test_an_error_passes_from_one_process_to_another() -> None:
    error = Invalid("user", {"a": 1}, "text is expected")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own
