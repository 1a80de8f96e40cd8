"""Access to the administration API, and its error responses."""

from __future__ import annotations

import asyncio
from threading import Event

import httpx
import pytest

from opencasb.api.admin.app import CONCURRENT_FETCHES
from opencasb.api.v1.errors import NotFound
from opencasb.identity.resources import Resources
from opencasb.model.permissions import MDCA, Permission
from opencasb.model.roles import FULL_ACCESS, Role
from tests.api.admin.conftest import House
from tests.discovery.receivers.running import until


def test_full_access_opens_it_and_nothing_less(house: House) -> None:
    """Every other role, anonymous callers and a deprovisioned administrator are rejected (identity §11)."""
    assert house.refusal(401, "GET", "users", token=None) == "Authentication credentials were not provided."
    assert house.refusal(401, "GET", "users", token="0" * 64) == "Invalid token."
    for role in Role:
        assert house.call("GET", "roles", token=house.token(role)).status_code == (200 if role in FULL_ACCESS else 403)
    gone = house.casb.users.by_upn(
        house.contoso.tenant_id, f"{Role.SECURITY_ADMINISTRATOR.slug}@{house.contoso.tenant_id}.example"
    )
    assert gone is not None
    house.casb.users.deprovision(gone.tenant_id, gone.user_id, keep_one=False)
    assert house.call("GET", "roles", token=house.token(Role.SECURITY_ADMINISTRATOR)).status_code == 403


def test_an_application_by_itself_stays_outside(house: House) -> None:
    """Whatever its permissions: administration is for users."""
    granted = [Permission("mdca", name) for name in MDCA.permissions]
    application = house.casb.identity.applications.create(house.contoso.tenant_id, "script", granted)
    target = Resources().target(MDCA.app_id)
    token = house.casb.identity.tokens.for_application(house.contoso, application, target).access_token
    headers = {"Authorization": f"Bearer {token}"}
    assert house.call("GET", "roles", token=None, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing", 404),
        ("PUT", "users", 405),
        ("GET", "applications/x/secrets", 405),
        ("GET", "../v2/users", 404),
    ],
)
def test_what_is_not_there_is_said_so(house: House, method: str, path: str, status: int) -> None:
    """404 for a path, 405 for a method."""
    assert house.call(method, path).status_code == status


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff{", b'{"name": {"a": 1}}', b"[" * 100_000])
def test_a_broken_body_is_explained(house: House, body: bytes) -> None:
    """400, never a server error; an endless body is rejected before it is read completely."""
    headers = {"Content-Type": "application/json"}
    assert house.call("POST", "applications", content=body, headers=headers).status_code == 400
    assert house.call("POST", "applications", content=b" " * 300_000, headers=headers).status_code == 413


def test_tenants_do_not_see_each_other(house: House) -> None:
    """Applications, users, tokens and the log belong to the caller's tenant."""
    client_id = house.application()
    other = house.token(tenant_id=house.fabrikam.tenant_id)
    assert house.ok("GET", "applications", token=other) == {"applications": []}
    for method, path in [
        ("GET", f"applications/{client_id}"),
        ("PATCH", f"applications/{client_id}"),
        ("DELETE", f"applications/{client_id}"),
        ("POST", f"applications/{client_id}/secrets"),
        ("POST", f"applications/{client_id}/consent"),
        ("DELETE", f"applications/{client_id}/consent"),
    ]:
        assert house.refusal(404, method, path, token=other) == "Not found."
    [user] = house.ok("GET", "users", token=other)["users"]
    assert house.refusal(404, "GET", f"users/{user['id']}") == "Not found."
    [token] = house.ok("GET", "api-tokens", token=other)["api_tokens"]
    assert house.refusal(404, "DELETE", f"api-tokens/{token['id']}") == "Not found."
    entries = house.ok("GET", "audit-log", token=other)["entries"]
    assert client_id not in str(entries)
    assert house.refusal(400, "GET", f"audit-log?before={entries[0]['id']}").startswith("before: ")


def test_who_waits_for_other_servers_holds_up_nobody_else(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenant may integrate with a server that never responds, and call it up to the rate limit."""
    secret = {"directory_id": "1" * 8 + "-1111-1111-1111-" + "1" * 12, "client_secret": "x" * 40}
    house.ok("POST", "saas-integrations", {"name": "still", "client_id": secret["directory_id"], **secret})
    answered = Event()

    def still(*_: object, **__: object) -> None:
        answered.wait(120)
        raise NotFound

    monkeypatch.setattr(house.casb.saas, "authorize", still)
    own, other = house.token(), house.token(tenant_id=house.fabrikam.tenant_id)

    async def exchange() -> int:
        transport = httpx.ASGITransport(house.app)
        async with httpx.AsyncClient(transport=transport, base_url="https://casb.example/admin/v1/") as client:
            path, headers = "saas-integrations/still/authorize", {"Authorization": f"Token {own}"}
            waiting = [asyncio.create_task(client.post(path, headers=headers)) for _ in range(60)]
            try:
                line = house.app._lines.of(house.contoso.tenant_id)
                headers = {"Authorization": f"Token {other}"}
                await until(lambda: line.statistics().tasks_waiting == len(waiting) - CONCURRENT_FETCHES)
                async with asyncio.timeout(60):
                    return (await client.get("users", headers=headers)).status_code
            finally:
                answered.set()
                await asyncio.gather(*waiting)

    assert asyncio.run(exchange()) == 200
