"""No answer gets past the check against the contracts, whatever its client is."""

from __future__ import annotations

import httpx
import pytest

from opencasb.api.asgi import Dispatcher
from opencasb.app import Casb
from tests.api.admin import contract as admin
from tests.api.answers import PROBLEMS
from tests.api.feed import contract as feed
from tests.api.graph import contract as graph
from tests.api.openapi import Contract
from tests.api.reporting import contract as reporting
from tests.api.v1 import contract as v1
from tests.api.v1.serving import serving
from tests.wire import send

REFUSED = [
    (v1.CONTRACT, "/api/v1/alerts/", "/api/v1/alerts/", "401"),
    (admin.CONTRACT, "/admin/v1/users", "/admin/v1/users", "401"),
    (feed.CONTRACT, "/feed/v1/alerts", "/feed/v1/alerts", "401"),
    (graph.CONTRACT, "/beta/security", "/security", "default"),
    (reporting.CONTRACT, "/odata/v1/apps", "/odata/v1/{table}", "401"),
]


@pytest.mark.parametrize(("contract", "path", "template", "status"), REFUSED)
def test_an_answer_that_its_contract_does_not_have_fails(
    casb: Casb, monkeypatch: pytest.MonkeyPatch, contract: Contract, path: str, template: str, status: str
) -> None:
    """Through the front door, for somebody without credentials."""
    assert send(Dispatcher(casb), "GET", path).status_code == 401
    monkeypatch.delitem(contract.document["paths"][template]["get"]["responses"], status)
    with pytest.raises(AssertionError, match=rf"{contract.file.name}: GET .* 401 .*the status is not in the contract"):
        send(Dispatcher(casb), "GET", path)


def test_compressed_answers_are_read(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a client of the Graph API unpacks is held against the contract."""
    metadata = graph.CONTRACT.document["paths"]["/$metadata"]["get"]["responses"]["200"]["content"]["application/xml"]
    answer = send(Dispatcher(casb), "GET", "/beta/$metadata", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    monkeypatch.setitem(metadata, "schema", {"type": "string", "maxLength": 10})
    with pytest.raises(AssertionError, match=r"graph\.yaml: GET .* 200 "):
        send(Dispatcher(casb), "GET", "/beta/$metadata", headers={"Accept-Encoding": "gzip"})


def test_a_server_in_another_thread_is_checked(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """It only logs what goes wrong; the test fails when it ends."""
    monkeypatch.delitem(v1.CONTRACT.document["paths"]["/api/v1/alerts/"]["get"]["responses"], "401")
    with serving(Dispatcher(casb)) as port, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"http://127.0.0.1:{port}/api/v1/alerts/")
    assert len(PROBLEMS) == 1
    PROBLEMS.clear()
