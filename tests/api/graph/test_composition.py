"""The real composition root as the installation: tokens, store, lake and catalog behind this API."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import polars as pl
import pytest

from opencasb.api.graph.asgi import graph_api
from opencasb.api.login.routes import authorization_server
from opencasb.app import Casb
from opencasb.model.permissions import parse_permission
from opencasb.model.stream import StreamType
from opencasb.model.tenant import Tenant
from opencasb.settings import load
from tests.api.graph.standin import FUNCTION, STREAMS
from tests.conftest import NOW
from tests.lake.rows import names, usage
from tests.wire import send


@pytest.fixture(scope="module")
def casb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Casb]:
    """An open installation."""
    opened = Casb.open(load(tmp_path_factory.mktemp("casb"), public_url="https://casb.example"), lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def tenant(casb: Casb) -> Tenant:
    """A tenant with usage in one data source."""
    made = casb.tenants.create("Contoso", domain="contoso.example")
    casb.streams.global_view(made.tenant_id)
    source = casb.streams.create(made.tenant_id, "Branch", StreamType.INPUT, source="SQUID", has_users=True)
    rows = usage(stream_id=source.stream_id).with_columns(pl.lit(made.tenant_id, pl.Int32).alias("tenant_id"))
    casb.lake.append(made.tenant_id, rows, names(), "first")
    return made


def get(casb: Casb, tenant: Tenant, path: str, *permissions: str) -> httpx.Response:
    """Send a GET with a token issued to an application with these permissions."""
    granted = [parse_permission(permission) for permission in permissions]
    application = casb.identity.applications.create(tenant.tenant_id, "script", granted)
    secret = casb.identity.credentials.new_client_secret(tenant.tenant_id, application.client_id)
    form = {
        "grant_type": "client_credentials",
        "client_id": application.client_id,
        "client_secret": secret.value,
        "scope": "https://graph.microsoft.com/.default",
    }
    server = authorization_server(casb.identity, casb.clock)
    token = send(server, "POST", f"/{tenant.guid}/oauth2/v2.0/token", data=form).json()["access_token"]
    return send(graph_api(casb), "GET", path, headers={"Authorization": f"Bearer {token}"})


def test_usage_in_the_lake_is_seen_through_the_api(casb: Casb, tenant: Tenant) -> None:
    """From the token endpoint to the apps of the Global View, and the users of one."""
    permission = "CloudApp-Discovery.Read.All"
    streams = get(casb, tenant, STREAMS, permission).json()
    assert [each["displayName"] for each in streams["value"]] == ["Branch"]
    view = casb.streams.global_view(tenant.tenant_id).stream_id
    apps = get(casb, tenant, f"{STREAMS}/{view}/{FUNCTION}?$expand=appInfo&$filter=userCount eq 2", permission).json()
    assert [(row["id"], row["displayName"], row["transactionCount"]) for row in apps["value"]] == [
        ("11627", "Dropbox", 3)
    ]
    for day in ("1970-01-01", "9999-12-31"):
        early = get(casb, tenant, f"{STREAMS}/{view}/{FUNCTION}?$skiptoken={day}", permission)
        assert early.json()["value"] == []
    users = get(casb, tenant, f"{STREAMS}/{view}/{FUNCTION}/11627/users", permission).json()
    assert [row["userIdentifier"] for row in users["value"]] == ["ana", "ben"]


def test_a_token_without_the_permission_is_refused(casb: Casb, tenant: Tenant) -> None:
    """The other API's permission does not count, and a token is required."""
    refused = get(casb, tenant, STREAMS, "discovery.read")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "Forbidden")
    anonymous = send(graph_api(casb), "GET", STREAMS)
    assert anonymous.status_code == 401
    assert anonymous.headers["www-authenticate"].startswith('Bearer realm=""')


def test_another_tenant_has_none_of_the_streams(casb: Casb, tenant: Tenant) -> None:
    """Ids of one tenant are unknown in another."""
    other = casb.tenants.create("Fabrikam", domain="fabrikam.example")
    found = casb.streams.all(tenant.tenant_id)[0].stream_id
    assert get(casb, other, f"{STREAMS}/{found}", "CloudApp-Discovery.Read.All").status_code == 404
