"""Paths: aliases, slashes, literal names before ids, methods (api §1.1)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.v1.errors import MethodNotAllowed, NotFound
from opencasb.api.v1.resources import ROUTES
from opencasb.api.v1.routes import Router, canonical
from opencasb.model.rights import OPERATIONS
from tests.api.v1.conftest import Client

ROUTER = Router(ROUTES)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/discovery/streams/",
        "/api/v1/discovery/streams",
        "/api/discovery/streams/",
        "/cas/api/v1/discovery/streams/",
        "/cas/api/discovery/streams",
        "//api//v1//discovery///streams//",
        "/CAS/API/V1/discovery/streams",
    ],
)
def test_every_alias_is_the_same_resource_and_no_answer_is_a_redirect(reader: Client, path: str) -> None:
    """A redirect would turn many clients' POST into a GET."""
    assert reader.get(path).keys() == {"streams"}


@pytest.mark.parametrize("path", ["/", "/api", "/api/v1/", "/cas", "/cas/cas/api/v1/discovery/streams/", "/upload"])
def test_other_paths_are_not_found(reader: Client, path: str) -> None:
    """An unknown path is 404, with or without credentials."""
    for role in (None, next(iter(reader.known.tokens))):
        assert reader.call("GET", path, role=role).json() == {"detail": "Not found."}


def test_a_wrong_method_is_405_with_the_right_ones(reader: Client) -> None:
    """The header Allow has every method of the path, across all of its routes."""
    answer = reader.call("PUT", "discovery/data_sources/")
    assert answer.status_code == 405
    assert answer.json() == {"detail": 'Method "PUT" not allowed.'}
    assert answer.headers["allow"] == "GET, POST"


def test_a_literal_path_is_never_an_id() -> None:
    """``categories`` is not an app id, whatever the method."""
    assert ROUTER.find("POST", "discovery/discovered_apps/categories").variables == {}
    assert ROUTER.find("GET", "discovery/discovered_apps/11627").variables == {"app_id": "11627"}
    with pytest.raises(MethodNotAllowed):
        ROUTER.find("DELETE", "discovery/discovered_apps/categories")


def test_an_escaped_slash_belongs_to_its_segment() -> None:
    """It does not separate segments; variables are decoded."""
    assert ROUTER.find("GET", canonical("/api/v1/activities/a%2Ffeedback/")).variables == {"activity_id": "a/feedback"}
    assert ROUTER.find("POST", canonical("/api/activities/a%2Fb/feedback")).variables == {"activity_id": "a/b"}
    assert ROUTER.find("GET", canonical("/%61pi/v1/files/a%2F%2Fb%25/")).variables == {"file_id": "a//b%"}
    with pytest.raises(NotFound):
        ROUTER.find("GET", canonical("/api/v1/files/a/b/"))


def test_every_operation_of_the_table_exists() -> None:
    """Routes name only defined permissions; only the caller's own tokens need none."""
    assert {route.operation for route in ROUTES if route.operation} <= OPERATIONS.keys()
    assert {route.path for route in ROUTES if route.operation is None} == {"api_tokens", "api_tokens/<token_id>"}


@given(st.text("/cas apiv1<>x\0é", max_size=30))
def test_any_path_is_found_or_not(path: str) -> None:
    """Only the rejections are raised."""
    with suppress(NotFound, MethodNotAllowed):
        ROUTER.find("GET", canonical(path))
