"""Apps as values."""

from __future__ import annotations

import msgspec
import pytest

from opencasb.model.app import UNCLASSIFIED, App, CustomApp


def test_an_app_is_a_value() -> None:
    """Frozen, and equal by content; unscored and listed unless it says otherwise."""
    app = App(app_id=1, name="A", category=UNCLASSIFIED)
    assert app == App(app_id=1, name="A", category=UNCLASSIFIED)
    assert (app.score, app.listed, app.flags) == (None, True, frozenset())
    with pytest.raises(AttributeError):
        app.name = "B"  # type: ignore[misc]  # what the test is about


def test_a_custom_app_survives_json() -> None:
    """It is stored so."""
    app = CustomApp(app_id=500_000_000, name="A", domains=("a.com",), networks=("10.0.0.0/8",))
    assert msgspec.json.decode(msgspec.json.encode(app), type=CustomApp) == app
