"""Authentication with both schemes, permissions, throttling (api §2, §5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.model.permissions import MDCA
from opencasb.model.roles import Role
from tests.api.v1.conftest import ADMIN, BASE, Client


def call(client: Client, authorization: str, path: str = "discovery/streams/") -> tuple[int, str]:
    """Return status and text of a GET with an ``Authorization`` header."""
    answer = client.call("GET", path, role=None, by=authorization)
    return answer.status_code, answer.text


@pytest.mark.parametrize("form", ["Token {}", "token {}", "TOKEN  {} ", "{}", " {} "])
def test_api_tokens_are_taken_in_every_form_that_clients_send(reader: Client, form: str) -> None:
    """Any case of the scheme, blanks around the key, the bare key (api §2.1)."""
    assert call(reader, form.format(reader.known.tokens[ADMIN]))[0] == 200


def test_no_credentials_and_wrong_ones_are_told_apart(reader: Client) -> None:
    """401 with the text clients look for, and the schemes (api §2.4)."""
    assert call(reader, "") == (401, '{"detail":"Authentication credentials were not provided."}')
    for wrong in ("Token " + "0" * 64, "Token x", "Basic abc", "Bearer x.y.z", "Bearer", "\x00"):
        assert call(reader, wrong) == (401, '{"detail":"Invalid token."}')


@pytest.mark.parametrize(
    ("authorization", "told"),
    [("", ""), ("Token x", ""), ("Basic abc", ""), ("Bearer x.y.z", ', error="invalid_token"')],
)
def test_a_refusal_names_both_schemes(reader: Client, authorization: str, told: str) -> None:
    """In separate headers; for access tokens with the authority, and with the error for an invalid one (§8)."""
    answer = reader.call("GET", "discovery/streams/", role=None, by=authorization)
    assert answer.headers.get_list("www-authenticate") == [
        "Token",
        f'Bearer realm="", authorization_uri="{BASE}/common/oauth2/authorize", client_id="{MDCA.app_id}"{told}',
    ]


def test_bearer_tokens_open_what_their_permissions_say(client: Client) -> None:
    """The same call with and without the permission (api §2.3)."""
    manage, read = client.bearer("Discovery.manage"), client.bearer("discovery.read")
    nothing, other = client.bearer(), client.bearer("investigation.manage", "settings.manage")
    script = "discovery_block_scripts/?format=102"
    assert [call(client, token)[0] for token in (manage, read, nothing, other)] == [200, 200, 403, 403]
    assert [call(client, token, script)[0] for token in (manage, read)] == [200, 403]
    assert call(client, read, script)[1] == ('{"detail":"You do not have permission to perform this action."}')
    client.casb.now += 3600_000 * 2
    assert call(client, manage) == (401, '{"detail":"Invalid token."}')


@pytest.mark.parametrize(
    ("role", "read", "write", "log"),
    [
        (Role.GLOBAL_ADMINISTRATOR, 200, 400, 200),
        (Role.COMPLIANCE_ADMINISTRATOR, 200, 403, 200),
        (Role.SECURITY_OPERATOR, 200, 403, 200),
        (Role.SECURITY_READER, 200, 403, 200),
        (Role.GLOBAL_READER, 200, 403, 200),
        (Role.POWER_BI_ADMINISTRATOR, 403, 403, 200),
        (Role.USER_GROUP_ADMIN, 403, 403, 200),
        (Role.CLOUD_DISCOVERY_GLOBAL_ADMIN, 200, 400, 200),
        (Role.CLOUD_DISCOVERY_REPORT_ADMIN, 200, 403, 200),
    ],
)
def test_an_api_token_does_what_the_role_of_its_owner_may(
    reader: Client, role: Role, read: int, write: int, log: int
) -> None:
    """Reading reports, uploading, and the governance log, by role (api §2.3)."""
    assert reader.call("GET", "discovery/streams/", role=role).status_code == read
    assert reader.call("GET", "discovery/upload_url/", role=role).status_code == write
    assert reader.call("GET", "governance/", role=role).status_code == log


def test_the_token_of_a_deprovisioned_user_is_forbidden(client: Client) -> None:
    """The token is kept, but has no permissions (api §2.1)."""
    user = client.casb.users.by_upn(client.known.tenant_id, f"{Role.SECURITY_READER.slug}@contoso.example")
    assert user is not None
    client.casb.users.deprovision(client.known.tenant_id, user.user_id, keep_one=False)
    for path in ("discovery/streams/", "api_tokens/"):
        assert client.call("GET", path, role=Role.SECURITY_READER).status_code == 403


def test_calls_over_the_limit_are_throttled_per_tenant(open_client: Callable[..., Client]) -> None:
    """All calls of a tenant count together, whoever makes them; a throttled call has no effect (api §5)."""
    client = open_client(requests_per_minute=3)
    assert client.call("GET", "discovery/weights/", role=ADMIN).status_code == 200
    assert client.call("GET", "discovery/weights/", role=Role.SECURITY_READER).status_code == 200
    assert client.call("GET", "discovery/upload_url/", role=Role.SECURITY_READER).status_code == 403
    answer = client.call("POST", "api_tokens/", json={"name": "x"})
    assert answer.status_code == 429
    assert "throttled" in answer.json()["detail"]
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert "x" not in {token.name for token in client.casb.identity.api_tokens.all(client.known.tenant_id)}
    assert call(client, client.known.stranger, "discovery/weights/")[0] == 200


def test_failed_sign_ins_are_throttled_per_address(open_client: Callable[..., Client]) -> None:
    """Guessing tokens is slowed down, without locking a tenant out."""
    client = open_client(requests_per_minute=2)
    assert [call(client, "Token x")[0] for _ in range(3)] == [401, 401, 429]
    assert client.call("GET", "discovery/weights/").status_code == 200


def test_tenants_see_only_what_is_theirs(client: Client) -> None:
    """Another tenant's token only gives access to that tenant, even for ids of the first."""
    streams = client.call("GET", "discovery/streams/", by=client.known.stranger).json()["streams"]
    assert [stream["displayName"] for stream in streams] == ["Global View"]
    answer = client.call("POST", "discovery/discovered_apps/", by=client.known.stranger)
    assert answer.json()["total"] == 0
    foreign = {"streamId": client.known.global_view}
    answer = client.call("POST", "discovery/discovered_apps/", by=client.known.stranger, json=foreign)
    assert answer.status_code == 400
    answer = client.call("DELETE", f"discovery/data_sources/{client.known.proxy}/", by=client.known.stranger)
    assert answer.status_code == 404
