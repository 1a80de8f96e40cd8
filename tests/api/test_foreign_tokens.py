"""Tokens of a trusted directory over HTTP, at every API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from opencasb.api.asgi import Dispatcher
from opencasb.app import Casb
from opencasb.identity.trust.configuration import Given
from opencasb.identity.trust.foreign_tokens import FOR_GRAPH
from opencasb.identity.trust.trust import Trust
from opencasb.model.permissions import MDCA
from opencasb.settings import Settings
from opencasb.store.trusted_issuers import TrustedIssuers
from tests.conftest import NOW, create_schema
from tests.identity.trust.directory import APP, USER, Directory
from tests.wire import send

STREAMS = "/api/v1/discovery/streams/"
UPLOADED = "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams"


@pytest.fixture
def directory() -> Directory:
    """A directory."""
    return Directory()


@pytest.fixture
def casb(tmp_path: Path, directory: Directory) -> Iterator[Casb]:
    """An installation whose tenant trusts the directory, with one of the directory's users as global administrator."""
    opened = Casb(Settings(data=tmp_path, requests_per_minute=0), lambda: NOW)
    create_schema(opened.database)
    tenant = opened.tenants.create("Contoso")
    trust = Trust(TrustedIssuers(opened.database, opened.clock), opened.tenants, opened.clock, directory.fetch)
    opened.identity.__dict__["trust"] = trust
    mapped = [f"oid:{USER}=global-administrator"]
    given = Given(directory.guid, audiences=[APP], graph_audiences=[f"api://{APP}"], role_mapping=mapped, anywhere=True)
    trust.put(tenant.tenant_id, given, by="test")
    yield opened
    opened.close()


def get(casb: Casb, path: str, token: str) -> httpx.Response:
    """GET a path with a bearer token."""
    return send(Dispatcher(casb), "GET", path, headers={"Authorization": f"Bearer {token}"})


def test_an_application_reads_what_its_app_roles_allow(casb: Casb, directory: Directory) -> None:
    """At the REST API and at Graph; without a matching role the response is 403, not 401."""
    token = directory.sign(directory.claims(NOW, roles=["Discovery.Read", "CloudApp-Discovery.Read.All"]))
    assert get(casb, STREAMS, token).status_code == 200
    assert get(casb, UPLOADED, token).status_code == 200
    assert get(casb, "/api/v1/activities/", token).status_code == 403
    assert get(casb, UPLOADED, directory.sign(directory.claims(NOW))).status_code == 403


def test_a_token_for_graph_is_refused_and_says_why(casb: Casb, directory: Directory) -> None:
    """In body and challenge of both APIs, with the text that clients look for."""
    token = directory.sign(directory.claims(NOW, aud="https://graph.microsoft.com"), nonce="x")
    rest, graph = get(casb, STREAMS, token), get(casb, UPLOADED, token)
    assert (rest.status_code, rest.json()) == (401, {"detail": f"Invalid token. {FOR_GRAPH}"})
    assert rest.headers["www-authenticate"].endswith(f'error="invalid_token", error_description="{FOR_GRAPH}"')
    assert (graph.status_code, graph.json()["error"]["message"]) == (401, FOR_GRAPH)
    forged = get(casb, STREAMS, directory.sign(directory.claims(NOW, exp=1)))
    assert forged.json() == {"detail": "Invalid token."}


def test_an_administrator_of_a_directory_does_not_administer_identity(casb: Casb, directory: Directory) -> None:
    """Even with every permission and the highest role: that requires a user of this server."""
    token = directory.sign(directory.for_user(NOW, scp=" ".join(MDCA.permissions)))
    assert get(casb, STREAMS, token).status_code == 200
    assert get(casb, "/api/v1/settings/", token).status_code != 401
    assert get(casb, "/admin/v1/users", token).status_code == 403
    assert get(casb, "/admin/v1/trusted-issuers", token).status_code == 403
