"""Every kind of access token has exactly its claims: the matrix of identity §7.1 as a schema."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from opencasb.model.permissions import GRAPH, MDCA
from opencasb.model.registration import RequestedPermission
from tests.identity.flows import Flow
from tests.identity.standin import PUBLIC_URL, StandIn

GUID = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
SECONDS = {"type": "integer", "minimum": 1_500_000_000, "maximum": 5_000_000_000}
TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "array", "items": TEXT, "minItems": 1}
COMMON = {
    "aud": TEXT,
    "iss": {"type": "string", "pattern": f"^{PUBLIC_URL}/[0-9a-f-]{{36}}/$"},
    "tid": GUID,
    "ver": {"const": "1.0"},
    "appid": GUID,
    "oid": GUID,
    "sub": TEXT,
    "iat": SECONDS,
    "nbf": SECONDS,
    "exp": SECONDS,
    "uti": {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$"},
    "aio": TEXT,
    "app_displayname": TEXT,
}
APPLICATION = {**COMMON, "appidacr": {"enum": ["1", "2"]}, "idp": TEXT, "idtyp": {"const": "app"}, "roles": TEXTS}
PERSON = {
    **COMMON,
    **dict.fromkeys(("scp", "upn", "unique_name", "name", "ipaddr", "sid"), TEXT),
    "appidacr": {"enum": ["0", "1", "2"]},
    "acr": {"const": "1"},
    "amr": TEXTS,
}
OPTIONAL = {
    "given_name": TEXT,
    "family_name": TEXT,
    "wids": {"type": "array", "items": GUID},
    "idtyp": {"const": "user"},
}


@pytest.fixture
def flow(casb: StandIn, flow: Flow) -> Flow:
    """An application with application and delegated permissions at both APIs."""
    wanted = [
        RequestedPermission("graph", "delegated", "CloudApp-Discovery.Read.All"),
        RequestedPermission("graph", "application", "CloudApp-Discovery.Read.All"),
        RequestedPermission("mdca", "application", "discovery.read"),
    ]
    casb.identity.registrations.add_requested(flow.application, wanted, by="test")
    casb.identity.consents.grant(flow.application, wanted, user_id=None, by="test")
    return flow


@pytest.mark.parametrize("resource", [MDCA, GRAPH])
@pytest.mark.parametrize("person", [False, True])
def test_a_token_has_the_claims_of_its_kind(flow: Flow, resource: Any, person: bool) -> None:
    """Both resources, both contexts; ``scp`` and ``roles`` never together."""
    scope = f"{resource.uri or resource.app_id}/.default"
    alone = {"grant_type": "client_credentials", "scope": scope}
    body = flow.redeem(flow.code(scope=scope)) if person else flow.ask(alone)
    header = jwt.get_unverified_header(body["access_token"])
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    required, optional = (PERSON, OPTIONAL) if person else (APPLICATION, {})
    schema = {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }
    assert [error.message for error in Draft202012Validator(schema).iter_errors(claims)] == []
    assert header == {"typ": "JWT", "alg": "RS256", "kid": header["kid"], "x5t": header["kid"]}
    assert claims["aud"] == (resource.uri or resource.app_id)
    assert claims["exp"] - claims["iat"] == 3900
    assert claims["iat"] == claims["nbf"]
    assert (claims["sub"] == claims["oid"]) is not person
