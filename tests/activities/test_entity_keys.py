"""Keys of entities."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.activities.entity_wire import entities_from
from tests.activities.entity_example import TENANT
from tests.conftest import NOW


@pytest.mark.parametrize(
    "given_",
    [
        {"id": "x", "appId": "38536", "instanceId": 2},
        {"id": "x", "saas": 38536, "inst": 2},
        {"id": "x", "app": "GitHub", "instId": "2"},
        {"ii": "38536|2|x"},
        {"username": '{"id": "x", "inst": 2, "saas": 38536}', "id": "other", "appId": 5},
        {"i": "x", "appData": {"saas": 38536, "instance": 2}},
    ],
)
def test_the_key_may_stand_in_many_places(given_: dict[str, Any]) -> None:
    """It always means the same entity."""
    assert entities_from(given_, TENANT, NOW)["ii"] == "38536|2|x"
