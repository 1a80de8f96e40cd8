"""Report feed calls that schemathesis generates from the contract get the responses it describes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.api.feed import contract as feed
from tests.api.graph import contract as graph
from tests.api.reporting import contract as reporting
from tests.api.reporting.test_contract import KEYS
from tests.api.v1.installation import BOX
from tests.conformance.made_up import NOTHING, AnyOperation, Known, exercise, operations
from tests.reporting.house import House
from tests.wire import send

pytestmark = pytest.mark.slow

((TABLE, KEY),) = KEYS.items()
BATCH: Final = {"requests": [{"id": "1", "method": "GET", "url": "/security/dataDiscovery"}]}
IN_CONTRACT: Final = {
    "": [*operations(reporting.CONTRACT), *operations(feed.CONTRACT)],
    "/beta": list(operations(graph.CONTRACT)),
}
CALLS: Final = [(prefix, each) for prefix, found in IN_CONTRACT.items() for each in found]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation with usage."""
    made = House(tmp_path_factory.mktemp("made-up") / "data")
    made.fill()
    yield made
    made.casb.close()


@pytest.fixture(scope="module")
def authorizations(house: House) -> dict[str, str]:
    """The credentials for each prefix: of an administrator, and of an application."""
    client_id, secret = house.application("CloudApp-Discovery.Read.All")
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": secret,
        "scope": "https://graph.microsoft.com/.default",
    }
    answer = send(house.app, "POST", f"/{house.tenant.guid}/oauth2/v2.0/token", data=form)
    return {"": f"Token {house.token()}", "/beta": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize(("prefix", "operation"), CALLS, ids=[operation.label for _, operation in CALLS])
def test_a_made_up_call_is_answered(
    house: House, authorizations: dict[str, str], prefix: str, operation: AnyOperation
) -> None:
    """The response has a status and a body of the contract and is never a server error; some succeed."""

    def sent(method: str, path: str, body: bytes, kind: str) -> int:
        headers = {"Authorization": authorizations[prefix], "Content-Type": kind}
        return send(house.app, method, prefix + path, content=body, headers=headers).status_code

    exercise(operation, sent, lambda: known(house, operation))


def known(house: House, operation: AnyOperation) -> Known:
    """Return ids that the installation has, and a valid batch."""
    people = {"userIdentifier": "User1@contoso.example", "ipAddress": "10.0.0.1", "deviceName": "laptop-1"}
    ids = {**graph.SAMPLES, **people, "streamId": house.endpoint.stream_id, "appId": str(BOX)}
    ids |= {"table": TABLE, "key": KEY}
    names = {each.name for each in operation.path_parameters}
    return Known({name: ids[name] for name in names}, body=BATCH if operation.method == "post" else NOTHING)
