"""Calls generated from the contract get the responses it describes; invalid calls are fuzzed elsewhere."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.api.v1.contract import CONTRACT
from tests.conformance.conftest import Shop
from tests.conformance.made_up import NOTHING, AnyOperation, Known, exercise, operations
from tests.conformance.test_endpoint_index import INDEX, Row, filled, keyed

pytestmark = pytest.mark.slow

OPERATIONS: Final = list(operations(CONTRACT))
ROWS: Final = {
    (method, re.sub("<(.+?)>", r"{\1}", row.path)): row
    for row in INDEX
    for method in row.methods.split()
    if row.status == 200
}
NOBODY: Final = Row("GET POST", "", keyed())


@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.label for operation in OPERATIONS])
def test_a_made_up_call_is_answered(show: Shop, operation: AnyOperation) -> None:
    """The response has a status and a body of the contract, never a server error; ids are those of real records."""

    def send(method: str, path: str, body: bytes, kind: str) -> int:
        return show.client.call(method, path, content=body, headers={"Content-Type": kind}).status_code

    exercise(operation, send, lambda: known(show, operation))


def known(show: Shop, operation: AnyOperation) -> Known:
    """Return ids and bodies for an operation, from the endpoint index."""
    row = ROWS.get((operation.method.upper(), operation.path.removeprefix("/api/v1/").rstrip("/")), NOBODY)
    ids = {**show.ids, "global_view": show.client.known.global_view, "target": "geolocation_summary"}
    ids |= row.fresh(show)
    if operation.path.startswith("/upload/log/"):
        url = show.mine.get("discovery/upload_url/?filename=a.log&source=SQUID")["url"]
        ids["secret"] = urlsplit(url).path.rpartition("/")[2]
    if "discovered_apps/{app_id}" in operation.path:
        ids["app_id"] = "10489"
    query = dict(parse_qsl(row.query))
    if "categories" in operation.path and operation.method == "get":
        query["streamId"] = ids["global_view"]
    names = {each.name for each in operation.path_parameters}
    body = NOTHING if row.body is None or operation.method == "get" else filled(row.body, ids)
    if row.body is not None and operation.method == "get":
        query |= {name: str(value) for name, value in filled(row.body, ids).items()}
    return Known({name: ids[name] for name in names}, query, body)
