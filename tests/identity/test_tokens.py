"""Access tokens: their content, and every way in which they can be invalid."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt as jose

from opencasb.identity.errors import InvalidToken
from opencasb.identity.keyring import ROTATE_AFTER
from opencasb.identity.resources import Resources
from opencasb.identity.tokens import LEEWAY, AccessTokens
from opencasb.model.permissions import GRAPH, MDCA
from opencasb.model.tenant import Tenant
from opencasb.settings import Settings
from tests.identity.standin import PUBLIC_URL, HandClock, StandIn

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["alg", "kid", "typ"]), inner),
    max_leaves=8,
)
TARGET = Resources().target(MDCA.app_id)
GRAPH_TARGET = Resources().target("https://graph.microsoft.com")


@pytest.fixture
def tokens(casb: StandIn) -> AccessTokens:
    """Return the access tokens of ``casb``."""
    return casb.identity.tokens


def _claims(token: str) -> dict[str, Any]:  # any JSON
    return dict(jwt.decode(token, options={"verify_signature": False}))


def _signed(casb: StandIn, claims: dict[str, Any], **header: object) -> str:  # any JSON
    """Sign any claims with our own current key, as only we can."""
    key = casb.identity.keyring.signer()
    full = {"typ": "JWT", "alg": "RS256", "kid": key.key_id, "x5t": key.key_id, **header}
    return jose.encode(full, claims, key.private, algorithms=[str(full["alg"])])


def test_a_second_library_verifies_a_token(
    casb: StandIn, tokens: AccessTokens, tenant: Tenant, hand: HandClock
) -> None:
    """With the published keys only, PyJWT verifies the signature, and the claims are the documented ones."""
    application, _ = casb.application(tenant, "discovery.read", "investigation.manage", "CloudApp-Discovery.Read.All")
    issued = tokens.for_application(tenant, application, TARGET)
    header = jwt.get_unverified_header(issued.access_token)
    published = {key["kid"]: key for key in casb.identity.documents_at("").keys(tenant.guid, 2)["keys"]}
    key = jwt.PyJWK(published[header["kid"]])
    checks: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}  # the clock is fixed
    claims = jwt.decode(issued.access_token, key, ["RS256"], audience=MDCA.app_id, options=checks)
    now = hand.now // 1000
    issuer = f"{PUBLIC_URL}/{tenant.guid}/"
    assert header == {"typ": "JWT", "alg": "RS256", "kid": key.key_id, "x5t": key.key_id}
    assert claims == {
        "aud": MDCA.app_id,
        "iss": issuer,
        "idp": issuer,
        "tid": tenant.guid,
        "ver": "1.0",
        "appid": application.client_id,
        "appidacr": "1",
        "app_displayname": "script",
        "idtyp": "app",
        "oid": application.service_principal_id,
        "sub": application.service_principal_id,
        "roles": ["discovery.read", "investigation.manage"],
        "iat": now - 300,
        "nbf": now - 300,
        "exp": now + 3600,
        "uti": issued.token_id,
        "aio": str(hand.now),
    }
    assert len(base64.urlsafe_b64decode(issued.token_id + "==")) == 16
    assert (issued.not_before, issued.expires, issued.lifetime) == (now - 300, now + 3600, 3600)


def test_roles_are_those_of_the_resource_in_its_spelling(casb: StandIn, tokens: AccessTokens, tenant: Tenant) -> None:
    """MDCA permissions are lower case, Graph ones as documented, and without any the claim is absent."""
    both, _ = casb.application(tenant, "Discovery.Read", "cloudapp-discovery.read.all")
    none, _ = casb.application(tenant)
    assert _claims(tokens.for_application(tenant, both, TARGET).access_token)["roles"] == ["discovery.read"]
    graph = _claims(tokens.for_application(tenant, both, GRAPH_TARGET).access_token)
    assert graph["roles"] == ["CloudApp-Discovery.Read.All"]
    empty = tokens.for_application(tenant, none, TARGET)
    assert "roles" not in _claims(empty.access_token)
    assert tokens.check(empty.access_token, "mdca").roles == ()


def test_capabilities_are_confirmed(casb: StandIn, tokens: AccessTokens, tenant: Tenant) -> None:
    """``xms_cc`` is present if a capability was requested."""
    application, _ = casb.application(tenant)
    issued = tokens.for_application(tenant, application, TARGET, capabilities=("CP1",))
    assert _claims(issued.access_token)["xms_cc"] == ["CP1"]


def test_a_token_lives_an_hour_and_no_longer(
    casb: StandIn, tokens: AccessTokens, tenant: Tenant, hand: HandClock
) -> None:
    """It is valid from five minutes before its issue to an hour after, with a minute of tolerance on both sides."""
    application, _ = casb.application(tenant)
    issued = tokens.for_application(tenant, application, TARGET)
    begin, end = issued.not_before - LEEWAY, issued.expires + LEEWAY
    for second, good in ((begin, True), (end - 1, True), (begin - 1, False), (end, False)):
        hand.now = second * 1000
        if good:
            assert tokens.check(issued.access_token, "mdca")
        else:
            with pytest.raises(InvalidToken, match="time"):
                tokens.check(issued.access_token, "mdca")


def test_the_lifetime_and_the_issuer_are_settings(casb: StandIn, tenant: Tenant) -> None:
    """Tokens reflect the operator's settings."""
    application, _ = casb.application(tenant)
    base = Settings(public_url=PUBLIC_URL, issuer_base="https://sts.example", token_lifetime=600)
    other = StandIn(casb.database, casb.data, casb.clock, base).identity.tokens
    issued = other.for_application(tenant, application, TARGET)
    claims = _claims(issued.access_token)
    assert claims["iss"] == f"https://sts.example/{tenant.guid}/"
    assert claims["exp"] - claims["iat"] == 900
    assert other.check(issued.access_token, "mdca")
    with pytest.raises(InvalidToken, match="issuer"):
        casb.identity.tokens.check(issued.access_token, "mdca")


def test_tokens_survive_the_rotation_of_keys(
    casb: StandIn, tokens: AccessTokens, tenant: Tenant, hand: HandClock
) -> None:
    """A token issued by the previous key just before its replacement stays valid for its hour, in every process."""
    application, _ = casb.application(tenant)
    casb.identity.keyring.maintain()
    hand.now += ROTATE_AFTER - 1
    old = tokens.for_application(tenant, application, TARGET)
    hand.now += 1
    new = tokens.for_application(tenant, application, TARGET)
    kids = [jwt.get_unverified_header(each.access_token)["kid"] for each in (old, new)]
    assert kids[0] != kids[1]
    hand.now += 3599 * 1000
    for reader in (tokens, casb.again().identity.tokens):
        assert reader.check(old.access_token, "mdca")
        assert reader.check(new.access_token, "mdca")


def test_an_emergency_ends_every_token(casb: StandIn, tokens: AccessTokens, tenant: Tenant) -> None:
    """After the emergency rotation no earlier token is accepted."""
    application, _ = casb.application(tenant)
    issued = tokens.for_application(tenant, application, TARGET)
    casb.identity.keyring.emergency()
    with pytest.raises(InvalidToken, match="unknown key"):
        tokens.check(issued.access_token, "mdca")


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "https://elsewhere.example"},
        {"aud": [MDCA.app_id]},
        {"aud": None},
        {"iss": "https://elsewhere.example/"},
        {"iss": PUBLIC_URL},
        {"tid": "00000000-0000-4000-8000-000000000000"},
        {"tid": None},
        {"exp": 1},
        {"exp": "9999999999"},
        {"exp": None},
        {"nbf": 9_999_999_999},
        {"nbf": None},
        {"appid": None},
        {"oid": 7},
        {"roles": "discovery.manage"},
        {"roles": [1]},
        {"scp": ["discovery.manage"]},
    ],
)
def test_each_claim_is_checked_even_under_our_own_signature(
    casb: StandIn, tokens: AccessTokens, tenant: Tenant, change: dict[str, object]
) -> None:
    """The unchanged claims are accepted, but not if any is wrong, missing or of another type."""
    application, _ = casb.application(tenant, "discovery.read")
    claims = _claims(tokens.for_application(tenant, application, TARGET).access_token)
    assert tokens.check(_signed(casb, claims), "mdca")
    changed = {name: value for name, value in {**claims, **change}.items() if value is not None}
    with pytest.raises(InvalidToken):
        tokens.check(_signed(casb, changed), "mdca")


def test_a_token_of_another_tenants_issuer_is_refused(casb: StandIn, tokens: AccessTokens, tenant: Tenant) -> None:
    """The tenants in ``tid`` and ``iss`` must be the same."""
    application, _ = casb.application(tenant)
    other = casb.tenants.create("Fabrikam")
    claims = _claims(tokens.for_application(tenant, application, TARGET).access_token)
    with pytest.raises(InvalidToken, match="issuer"):
        tokens.check(_signed(casb, {**claims, "tid": other.guid}), "mdca")


def _assembled(header: Mapping[str, object], claims: Mapping[str, object], key: bytes | None = None) -> str:
    """Assemble a token manually: without a signature, or with an HMAC under ``key``."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    content = b".".join(parts)
    signature = b"" if key is None else hmac.digest(key, content, "sha256")
    return b".".join((content, base64.urlsafe_b64encode(signature).rstrip(b"="))).decode()


@pytest.fixture(scope="module")
def stranger() -> rsa.RSAPrivateKey:
    """Create a key pair that is not ours."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_confused_algorithms_are_refused(casb: StandIn, tokens: AccessTokens, tenant: Tenant) -> None:
    """No ``none``, no HMAC with the public key, no other RSA scheme, no key embedded in the token."""
    application, _ = casb.application(tenant, "discovery.read")
    claims = _claims(tokens.for_application(tenant, application, TARGET).access_token)
    key = casb.identity.keyring.signer()
    known = {"typ": "JWT", "kid": key.key_id, "x5t": key.key_id}
    public = [key.public.as_pem(private=False), key.public.as_der(private=False), key.certificate]
    attempts = [
        *(_assembled({**known, "alg": name}, claims) for name in ("none", "None", "NONE", "", "RS256")),
        _assembled(known, claims),
        *(_assembled({**known, "alg": name}, claims, each) for each in public for name in ("HS256", "RS256")),
        _signed(casb, claims, alg="RS512"),
        _signed(casb, claims, alg="PS256"),
        _signed(casb, claims, jwk=key.public.as_dict(private=False)),
        _signed(casb, claims, jku="https://elsewhere.example/keys"),
        _signed(casb, claims, x5u="https://elsewhere.example/cert"),
        _signed(casb, claims, typ="at+jwt"),
    ]
    for attempt in attempts:
        with pytest.raises(InvalidToken):
            tokens.check(attempt, "mdca")


def test_a_strangers_key_is_refused_under_any_id(
    casb: StandIn, tokens: AccessTokens, tenant: Tenant, stranger: rsa.RSAPrivateKey
) -> None:
    """The signature must be from our key with the id in the header."""
    application, _ = casb.application(tenant)
    token = tokens.for_application(tenant, application, TARGET).access_token
    header = jwt.get_unverified_header(token)
    for kid in (header["kid"], "unknown"):
        with pytest.raises(InvalidToken):
            tokens.check(jwt.encode(_claims(token), stranger, "RS256", headers={**header, "kid": kid}), "mdca")


def test_every_changed_character_breaks_a_token(casb: StandIn, tokens: AccessTokens, tenant: Tenant) -> None:
    """A token with any one character replaced, removed or added is rejected."""
    application, _ = casb.application(tenant, "discovery.read")
    token = tokens.for_application(tenant, application, TARGET).access_token
    for position in range(0, len(token), 7):
        other = "A" if token[position] != "A" else "B"
        for attempt in (
            token[:position] + other + token[position + 1 :],
            token[:position] + token[position + 1 :],
            token[:position] + "." + token[position:],
        ):
            with pytest.raises(InvalidToken):
                tokens.check(attempt, "mdca")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.text(), st.from_regex(r"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){0,4}", fullmatch=True)))
def test_any_text_is_refused(tokens: AccessTokens, text: str) -> None:
    """Other text is rejected with one kind of error."""
    with pytest.raises(InvalidToken):
        tokens.check(text, "mdca")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(_JSON)
def test_any_header_is_refused(casb: StandIn, tokens: AccessTokens, header: object) -> None:
    """For any JSON in place of the header."""
    encoded = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    with pytest.raises(InvalidToken):
        tokens.check(f"{encoded}.e30.AAAA", "mdca")


def test_the_graph_resource_has_three_audiences(casb: StandIn, tokens: AccessTokens, tenant: Tenant) -> None:
    """Tokens for the URI with and without a slash and for the GUID are all valid at the Graph API."""
    application, _ = casb.application(tenant)
    for requested in ("https://graph.microsoft.com", "https://graph.microsoft.com/", GRAPH.app_id):
        issued = tokens.for_application(tenant, application, Resources().target(requested))
        assert tokens.check(issued.access_token, "graph").aud == requested
