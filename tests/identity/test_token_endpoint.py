"""The token endpoint: every documented error, both response formats, and the audit log."""

from __future__ import annotations

import time
from typing import Any, Literal
from urllib.parse import urlencode

import jwt
import pytest

from opencasb.identity import token_endpoint
from opencasb.identity.documents import GRANT_TYPES
from opencasb.identity.errors import OAuthError
from opencasb.identity.grants.token_request import TokenRequest
from opencasb.identity.throttle import FAILURES_PER_MINUTE, LOGGED_REFUSALS_PER_MINUTE
from opencasb.model.permissions import GRAPH, MDCA
from opencasb.model.tenant import Tenant
from tests.identity.standin import HandClock, StandIn

FORM = "application/x-www-form-urlencoded"
Fields = dict[str, str]


def ask(
    casb: StandIn,
    form: Fields,
    version: Literal[1, 2] = 2,
    *,
    tenant: str = "contoso.example",
    address: str = "192.0.2.1",
) -> dict[str, Any]:  # any JSON
    """Send a form to the token endpoint."""
    return casb.identity.token_endpoint.answer(
        TokenRequest(
            tenant=tenant,
            version=version,
            body=urlencode(form).encode(),
            content_type=FORM,
            address=address,
            user_agent="test/1\n",
            correlation_id="c",
        )
    )


def refused(casb: StandIn, form: Fields, version: Literal[1, 2] = 2, **where: str) -> OAuthError:
    """Send a form that must be rejected; return the error."""
    with pytest.raises(OAuthError) as refusal:
        ask(casb, form, version, **where)
    return refusal.value


def test_a_tenant_is_named_by_guid_or_domain_in_any_case(casb: StandIn, tenant: Tenant, good: Fields) -> None:
    """The token is for the same tenant in any case."""
    for segment in (tenant.guid, tenant.guid.upper(), "contoso.example", "CONTOSO.Example"):
        token = ask(casb, good, tenant=segment)["access_token"]
        assert casb.identity.tokens.check(token, "mdca").tid == tenant.guid


def test_what_libraries_add_is_ignored(casb: StandIn, good: Fields) -> None:
    """Telemetry and unknown parameters have no effect; the claims parameter sets its capability."""
    extra = {"client_info": "1", "x-client-SKU": "MSAL.Python", "foo": "bar", "response_type": "id_token token"}
    assert ask(casb, {**good, **extra})["token_type"] == "Bearer"
    wanted = '{"access_token":{"xms_cc":{"values":["CP1"]},"other":{"essential":true}},"id_token":{}}'
    token = ask(casb, {**good, "claims": wanted})["access_token"]
    assert jwt.decode(token, options={"verify_signature": False})["xms_cc"] == ["CP1"]


@pytest.mark.parametrize("claims", ["", "{", "[]", '{"access_token":7}', '{"access_token":{}}', "[" * 10_000])
def test_a_strange_claims_parameter_is_ignored(casb: StandIn, good: Fields, claims: str) -> None:
    """Like every other parameter sent only by libraries, it is optional."""
    token = ask(casb, {**good, "claims": claims})["access_token"]
    assert "xms_cc" not in jwt.decode(token, options={"verify_signature": False})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"grant_type": ""}, 900144),
        ({"grant_type": "authorization_code"}, 900144),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}, 70003),
        ({"grant_type": "CLIENT_CREDENTIALS"}, 70003),
        ({"client_id": ""}, 900144),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, 700016),
        ({"client_id": "' or 1=1 --"}, 700016),
        ({"client_id": "' or 1=1 --\0"}, 90013),
        ({"client_secret": ""}, 7000218),
        ({"client_secret": "wrong"}, 7000215),
        ({"client_assertion": "x"}, 90013),
        ({"scope": ""}, 900144),
        ({"scope": "User.Read"}, 1002012),
        ({"scope": "https://elsewhere.example/.default"}, 500011),
        ({"scope": f"{MDCA.app_id}/.default {MDCA.app_id}/x"}, 70011),
        ({"scope": f"{MDCA.app_id}/.default {GRAPH.app_id}/.default"}, 700022),
    ],
)
def test_each_mistake_has_its_code(casb: StandIn, good: Fields, change: Fields, code: int) -> None:
    """The good request is accepted; with one mistake it gets the corresponding error number."""
    assert ask(casb, good)
    assert refused(casb, {**good, **change}).code == code


@pytest.mark.parametrize(
    ("segment", "code"),
    [
        ("00000000-0000-4000-8000-000000000000", 90002),
        ("9188040d-6c67-4c5b-b112-36a304b66dad", 90002),
        ("consumers", 50059),
        ("elsewhere.example", 90002),
        ("\0", 90002),
        ("common", 50059),
        ("Organizations", 50059),
    ],
)
def test_the_address_must_name_a_tenant(casb: StandIn, good: Fields, segment: str, code: int) -> None:
    """Unknown tenants and aliases without a tenant have different error numbers."""
    assert refused(casb, good, tenant=segment).code == code


def test_other_grants_find_no_consumers(casb: StandIn, good: Fields) -> None:
    """Requests without a supported grant find none either."""
    for grant in ("authorization_code", "refresh_token", "device_code", "nonsense"):
        assert refused(casb, {**good, "grant_type": grant}, tenant="Consumers").code == 90002


def test_an_application_of_another_tenant_is_unknown(casb: StandIn, good: Fields) -> None:
    """A client id and its secret are invalid elsewhere."""
    other = casb.tenants.create("Fabrikam")
    assert refused(casb, good, tenant=other.guid).code == 700016


def test_disabling_and_deleting_an_application_works_at_once(casb: StandIn, tenant: Tenant, good: Fields) -> None:
    """The next request is rejected: 7000112 while disabled, 700016 once deleted."""
    where = (tenant.tenant_id, good["client_id"])
    casb.identity.applications.set_enabled(*where, enabled=False)
    assert refused(casb, good).code == 7000112
    casb.identity.applications.set_enabled(*where, enabled=True)
    assert ask(casb, good)
    casb.identity.applications.delete(*where)
    assert refused(casb, good).code == 700016


def test_secrets_are_rotated_without_a_gap(casb: StandIn, tenant: Tenant, good: Fields, hand: HandClock) -> None:
    """Two secrets work side by side; a removed one is wrong, an expired one is expired, and an id is not a secret."""
    where = (tenant.tenant_id, good["client_id"])
    [old] = casb.identity.applications.secrets(*where)
    new = casb.identity.credentials.new_client_secret(*where, days=30)
    assert ask(casb, good)
    assert ask(casb, {**good, "client_secret": new.value})
    casb.identity.applications.remove_secret(*where, old.key_id)
    assert refused(casb, good).code == 7000215
    assert refused(casb, {**good, "client_secret": new.key_id}).code == 7000215
    hand.now = new.expires - 1
    assert ask(casb, {**good, "client_secret": new.value})
    hand.now = new.expires
    assert refused(casb, {**good, "client_secret": new.value}).code == 7000222


def test_guessing_is_slowed_down_per_client_and_address(
    casb: StandIn, tenant: Tenant, good: Fields, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After twenty wrong secrets in a minute even the right one waits, but not from elsewhere or for another client."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    application, secret = casb.application(tenant)
    for number in range(FAILURES_PER_MINUTE):
        assert refused(casb, {**good, "client_secret": f"guess {number}"}).code == 7000215
    blocked = refused(casb, good)
    assert (blocked.code, blocked.status, blocked.retry_after) == (90055, 429, 60)
    assert ask(casb, good, address="192.0.2.2")
    assert ask(casb, {**good, "client_id": application.client_id, "client_secret": secret.value})
    now += 61
    assert ask(casb, good)


def test_every_issue_and_refusal_is_on_record(casb: StandIn, tenant: Tenant, good: Fields) -> None:
    """An entry has client, action, address and key, but never a secret or token."""
    issued = ask(casb, good)
    refused(casb, {**good, "client_secret": "a wrong secret"})
    refused(casb, {**good, "grant_type": "a password"})
    entries = [entry for entry in casb.identity.audit_log.latest(tenant.tenant_id) if entry.action.startswith("token.")]
    wrong, success = (next(each for each in entries if each.details.get("code") == code) for code in (7000215, None))
    application = casb.identity.applications.get(tenant.tenant_id, good["client_id"])
    assert application is not None
    [secret] = casb.identity.applications.secrets(tenant.tenant_id, good["client_id"])
    claims = jwt.decode(issued["access_token"], options={"verify_signature": False})
    assert (success.action, success.actor, success.target) == ("token.issue", good["client_id"], good["client_id"])
    assert success.details == {
        "address": "192.0.2.1",
        "user_agent": "test/1?",
        "correlation_id": "c",
        "grant": "client_credentials",
        "object_id": application.service_principal_id,
        "key_id": secret.key_id,
        "resource": "mdca",
        "roles": ["discovery.read"],
        "token_id": claims["uti"],
    }
    assert (wrong.action, wrong.actor) == ("token.refuse", good["client_id"])
    assert {entry.details.get("code") for entry in entries} == {None, 7000215, 70003}
    for hidden in (good["client_secret"], "a wrong secret", issued["access_token"]):
        assert hidden not in repr(entries)


def test_a_flood_of_refusals_does_not_fill_the_audit_log(casb: StandIn, tenant: Tenant, good: Fields) -> None:
    """After the limit an address adds no more entries, while successes still do."""
    for _ in range(LOGGED_REFUSALS_PER_MINUTE + 20):
        refused(casb, {"grant_type": "x"})
    ask(casb, good)
    entries = casb.identity.audit_log.latest(tenant.tenant_id, 1000)
    actions = [entry.action for entry in entries]
    assert actions.count("token.refuse") == LOGGED_REFUSALS_PER_MINUTE
    assert actions.count("token.issue") == 1


@pytest.mark.parametrize("grant_type", GRANT_TYPES)
def test_the_offered_grants_are_served(casb: StandIn, good: Fields, grant_type: str) -> None:
    """No grant in the metadata is rejected as unknown."""
    changed = {**good, "grant_type": grant_type}
    assert grant_type == "client_credentials" or refused(casb, changed).code == 900144


def test_a_client_in_a_loop_is_stopped(casb: StandIn, good: Fields, monkeypatch: pytest.MonkeyPatch) -> None:
    """Identical requests are rejected; others, and identical ones from elsewhere, are accepted."""
    monkeypatch.setattr(token_endpoint, "EQUAL_REQUESTS_PER_MINUTE", 5)
    for _ in range(5):
        ask(casb, good)
    refusal = refused(casb, good)
    assert refusal.code == 50196
    assert refusal.retry_after is not None
    assert 1 <= refusal.retry_after <= 60
    assert ask(casb, good, address="192.0.2.2")
    assert ask(casb, {**good, "x": "y"})
