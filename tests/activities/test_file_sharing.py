"""How far files are shared."""

from __future__ import annotations

from opencasb.activities.file_sharing import reach, with_sharing
from opencasb.activities.file_wire import file_from
from tests.activities.file_example import TENANT
from tests.conftest import NOW


def test_sharing_reaches_as_far_as_the_farthest() -> None:
    """Whoever's reach nobody knows is inside; nobody at all is private."""
    assert reach([]) == 0
    assert reach([{"accessLevel": None}]) == 1
    assert reach([{"accessLevel": 1}, {"accessLevel": 2}]) == 2
    shared = with_sharing(file_from({"id": "x", "appId": 1}, TENANT, NOW), 3, {"domains": ["else.example"]})
    assert (shared["fileAccessLevel"], shared["domains"]) == ([3, "PUBLIC"], ["else.example"])
