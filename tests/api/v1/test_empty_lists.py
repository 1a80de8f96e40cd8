"""Lists for which the product has no objects (api §15)."""

from __future__ import annotations

import pytest

from opencasb.model.roles import Role
from tests.api.v1.conftest import Client

PATHS = ["app_permissions/", "managed_devices/get_data"]


@pytest.mark.parametrize("path", PATHS)
def test_they_are_empty_in_the_usual_envelope(reader: Client, path: str) -> None:
    """By GET and POST."""
    empty = {"data": [], "total": 0, "hasNext": False, "max": 100, "moreThanTotal": False}
    assert reader.get(path) == reader.post(path, {"skip": 0, "limit": 100}) == empty


def test_oauth_apps_of_an_app_may_be_asked_for(reader: Client) -> None:
    """A client does so for each app; other filters are rejected as usual."""
    body = {"skip": 0, "limit": 100, "filters": {"app": {"eq": 11161}}, "sortField": "userCount"}
    assert reader.post("app_permissions/", body)["data"] == []
    assert "'nonsense' is unknown" in reader.refusal(400, "app_permissions/", {"filters": {"nonsense": {"eq": 1}}})


@pytest.mark.parametrize("path", ["managed_devices/get_data", "agents/siem/"])
def test_a_list_without_filters_says_so(reader: Client, path: str) -> None:
    """None is allowed, and an empty object is fine."""
    given = {"filters": {"name": {"eq": "x"}}, "limit": 1}
    answer = reader.call("GET", path, json=given)
    assert answer.json()["errors"] == [{"error": "filter 'name' is unknown; allowed: none"}]
    assert reader.get(path, json={**given, "filters": {}})["data"] == []


@pytest.mark.parametrize("path", ["managed_devices/1/", "app_permissions/1/"])
def test_no_object_of_an_empty_list_is_found(reader: Client, path: str) -> None:
    """404, never an invented object."""
    for method in ("GET", "POST"):
        assert reader.call(method, path).status_code == 404


def test_empty_lists_need_their_rights(reader: Client) -> None:
    """Investigation for OAuth apps, settings for devices (api §2.3)."""
    for path, status in zip(PATHS, (200, 403), strict=True):
        assert reader.call("GET", path, role=Role.SECURITY_READER).status_code == status
