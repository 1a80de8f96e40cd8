"""Apps as values."""

from __future__ import annotations

import pytest

from opencasb.model.app import UNCLASSIFIED, App


def test_an_app_is_a_value() -> None:
    """Frozen, and equal by content; unscored and listed by default."""
    app = App(app_id=1, name="A", category=UNCLASSIFIED)
    assert app == App(app_id=1, name="A", category=UNCLASSIFIED)
    assert (app.score, app.listed, app.flags) == (None, True, frozenset())
    with pytest.raises(AttributeError):
        app.name = "B"  # type: ignore[misc]  # tested here
