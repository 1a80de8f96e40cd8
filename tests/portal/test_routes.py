"""Routes: every page is listed once, and only matching paths are found."""

from __future__ import annotations

from collections import Counter

from opencasb.portal.pages.table import ACTIONS, VIEWS
from opencasb.portal.routes import match


def test_an_address_fits_its_template_only() -> None:
    """Segments are compared one by one; a variable is never empty."""
    assert match("", "") == {}
    assert match("users/<user_id>/role", "users/7/role") == {"user_id": "7"}
    for path in ("x", "users", "users//role", "users/7/role/x", "users/7/Role"):
        assert match("users/<user_id>/role", path) is None
    assert match("", "x") is None


def test_no_address_is_there_twice() -> None:
    """This holds for pages and for forms."""
    for routes in (VIEWS, ACTIONS):
        assert max(Counter(route.path for route in routes).values()) == 1
