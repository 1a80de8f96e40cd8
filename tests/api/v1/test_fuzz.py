"""Hostile input never causes a server error: any bytes, headers and queries get a status below 500 (design rule 6)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opencasb.api.v1.resources import ROUTES
from opencasb.filters.fields import DISCOVERED_APPS, GOVERNANCE
from tests.api.v1.conftest import Client
from tests.filters import resources
from tests.filters.test_parse import json, operators

LISTS = sorted({route.path for route in ROUTES if "GET" in route.handlers and "<" not in route.path})
KINDS = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=X", "", "x/y"]
NAMES = ["filters", "skip", "limit", "sortField", "sortDirection", "isScan", "streamId", "timeframe", "format", "type"]
STORED = {**{name: f"{name}/" for name in resources.TABLES}, "ip_ranges": "subnet/", "user_groups": "user_tags/"}
FUZZ = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

visible = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
bodies = st.binary(max_size=60) | st.builds(lambda value: b'{"filters":' + value + b"}", st.binary(max_size=40))


@FUZZ
@given(st.sampled_from(LISTS), bodies, st.sampled_from(KINDS), visible, visible | st.binary(max_size=30).map(quote))
def test_any_bytes_are_answered(reader: Client, path: str, body: bytes, kind: str, token: str, query: str) -> None:
    """For any body, content type, credentials and query string."""
    url = f"{path}?{query.replace('#', '')}"
    for headers in ({"Content-Type": kind}, {"Content-Type": kind, "Authorization": token}):
        answer = reader.call("GET", url, content=body, headers=headers)
        assert answer.status_code in {200, 400, 401}


@FUZZ
@given(
    st.sampled_from(["discovery/discovered_apps/", "discovery/discovered_apps/categories/", "discovery/app_catalog/"]),
    st.dictionaries(st.sampled_from(NAMES), json),
    st.dictionaries(st.sampled_from([*DISCOVERED_APPS, "scanCursor"]), json | operators, max_size=3),
)
def test_any_parameters_of_app_lists_are_answered(
    reader: Client, path: str, given_: dict[str, Any], filters: dict[str, Any]
) -> None:
    """For any JSON in any parameter and any filter."""
    answer = reader.call("POST", path, content=_encoded({"streamId": reader.known.proxy, "filters": filters, **given_}))
    assert answer.status_code in {200, 400}


@FUZZ
@given(
    st.dictionaries(st.sampled_from(NAMES), json),
    st.dictionaries(st.sampled_from([*GOVERNANCE, "scanCursor"]), json | operators, max_size=3),
)
def test_any_parameters_of_the_log_are_answered(
    reader: Client, given_: dict[str, Any], filters: dict[str, Any]
) -> None:
    """For any JSON in any parameter and any filter, including the database."""
    answer = reader.call("POST", "governance/", content=_encoded({"filters": filters, **given_}))
    assert answer.status_code in {200, 400}


@pytest.mark.parametrize("resource", STORED)
@FUZZ
@given(data=st.data(), given_=st.dictionaries(st.sampled_from(NAMES), json))
def test_any_parameters_of_stored_records_are_answered(
    reader: Client, resource: str, data: st.DataObject, given_: dict[str, Any]
) -> None:
    """For any JSON in any parameter and filter, including the database; a valid filter is never rejected."""
    names = st.sampled_from([*resources.TABLES[resource], "scanCursor"])
    filters = data.draw(st.dictionaries(names, json | operators, max_size=3))
    wrong = reader.call("POST", STORED[resource], content=_encoded({"filters": filters, **given_}))
    assert wrong.status_code in {200, 400}
    drawn = data.draw(st.lists(resources.conditions(resource), max_size=3))
    right = {name: {operator: operand} for name, operator, operand in drawn}
    answer = reader.call("POST", STORED[resource], content=_encoded({"filters": right, "isScan": bool(drawn)}))
    assert answer.status_code == 200, answer.text


@FUZZ
@given(st.sampled_from(ROUTES), st.text(min_size=1, max_size=12), st.sampled_from(["GET", "POST", "DELETE", "PUT"]))
def test_any_path_segment_is_answered(reader: Client, route: Any, text: str, method: str) -> None:
    """For any text in place of an id."""
    path = "/".join(quote(text, safe="") if part.startswith("<") else part for part in route.path.split("/"))
    answer = reader.call(method, f"{path}/")
    assert answer.status_code < 500


@pytest.mark.parametrize("name", ["discovery/data_sources/", "discovery/custom_apps/", "api_tokens/"])
@FUZZ
@given(given_=json | st.dictionaries(st.sampled_from(["name", "displayName", "logType", "port", "domains"]), json))
def test_any_object_that_is_to_be_made_is_answered(reader: Client, name: str, given_: Any) -> None:
    """Objects that are created are valid; a refusal says why."""
    answer = reader.call("POST", name, content=_encoded(given_))
    assert answer.status_code in {200, 400}


def _encoded(value: Any) -> bytes:
    import json as standard

    return standard.dumps(value).encode()
