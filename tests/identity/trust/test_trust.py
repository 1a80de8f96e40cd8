"""Tokens of a trusted directory at our APIs: what they permit, and everything that is rejected."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from typing import Any

import jwt as pyjwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt as jose
from joserfc.jwk import OctKey

from opencasb.identity.errors import InvalidToken, Unauthenticated
from opencasb.identity.trust.configuration import Given
from opencasb.identity.trust.foreign_tokens import FOR_GRAPH, FOR_VENDOR
from opencasb.identity.trust.issuer_keys import FRESH, KEPT, RETRY_AFTER
from opencasb.identity.trust.trust import RELOAD_AFTER
from opencasb.model.permissions import MDCA, Audience
from opencasb.model.principal import Principal
from opencasb.model.tenant import Tenant
from tests.identity.standin import HandClock, StandIn, spare_key
from tests.identity.trust.directory import APP, CLIENT, USER, Directory, trust

HOUR = 3_600_000


@pytest.fixture
def directory(casb: StandIn, tenant: Tenant) -> Directory:
    """A directory that the tenant trusts, with one user mapped to security reader."""
    made = Directory()
    trust(casb, tenant, made, role_mapping=[f"oid:{USER}=security-reader"])
    return made


def caller(casb: StandIn, token: str, audience: Audience = "mdca") -> Principal:
    """Return the principal of a token."""
    return casb.identity.access.authenticate(f"Bearer {token}", audience)


def hint(casb: StandIn, token: str, audience: Audience = "mdca") -> str:
    """Return the hint for the holder of a rejected token."""
    with pytest.raises(Unauthenticated) as refusal:
        caller(casb, token, audience)
    assert refusal.value.reason == "invalid"
    return refusal.value.hint


def test_an_application_of_the_directory_has_its_app_roles(
    casb: StandIn, tenant: Tenant, directory: Directory, hand: HandClock
) -> None:
    """In either version, with either kind of credential; unknown role names have no effect."""
    expected = Principal(
        tenant_id=tenant.tenant_id,
        name=f"nightly ({directory.guid})",
        permissions=frozenset({"discovery.read"}),
        client_id=CLIENT,
    )
    assert caller(casb, directory.sign(directory.claims(hand.now, roles=["Discovery.Read", "Owner"]))) == expected
    newer = directory.claims(hand.now, iss=directory.v2, aud=APP, appid=None, azp=CLIENT, idtyp="app")
    assert caller(casb, directory.sign(newer, algorithm="PS256")) == expected


def test_a_user_of_the_directory_has_what_scope_and_mapped_role_allow(
    casb: StandIn, tenant: Tenant, directory: Directory, hand: HandClock
) -> None:
    """A reader cannot manage, whatever the scope; a user without a role here has no permissions."""
    found = caller(casb, directory.sign(directory.for_user(hand.now)))
    assert (found.tenant_id, found.role) == (tenant.tenant_id, "Security reader")
    assert found.permissions == {"discovery.read"}
    assert found.name == f"Ann@contoso.example ({directory.guid})"
    stranger = directory.for_user(hand.now, oid="aaaaaaaa-0000-4ccc-8ddd-eeeeeeeeeeee")
    assert caller(casb, directory.sign(stranger)).permissions == frozenset()


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "00000000-1111-4222-8333-444444444444"},
        {"aud": [f"api://{APP}"]},
        {"iss": "https://sts.windows.net/00000000-1111-4222-8333-444444444444/"},
        {"iss": "https://evil.example/72f988bf-0000-4000-8000-2d7cd011db47/"},
        {"exp": 0},
        {"exp": None},
        {"nbf": None},
        {"nbf": 9_999_999_999},
        {"oid": None},
        {"appid": None},
        {"appid": "\0"},
        {"roles": "Discovery.Read"},
        {"sub": "pairwise"},
    ],
)
def test_whatever_is_not_right_about_a_token_refuses_it(
    casb: StandIn, directory: Directory, hand: HandClock, changed: dict[str, Any]
) -> None:
    """Audience, issuer, times, missing claims, and an ID token, which has roles but belongs to a user."""
    assert caller(casb, directory.sign(directory.claims(hand.now)))
    assert hint(casb, directory.sign(directory.claims(hand.now, **changed))) == ""


def test_a_token_of_a_member_of_many_groups_is_long(casb: StandIn, directory: Directory, hand: HandClock) -> None:
    """A directory includes at most two hundred groups; with more it includes none (overage)."""
    groups = [f"00000000-1111-4222-8333-{number:012}" for number in range(200)]
    assert caller(casb, directory.sign(directory.for_user(hand.now, groups=groups))).role == "Security reader"
    overage = {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://evil.example/"}}}
    assert caller(casb, directory.sign(directory.for_user(hand.now, **overage))).role == "Security reader"


def test_clocks_may_differ_by_five_minutes(casb: StandIn, directory: Directory, hand: HandClock) -> None:
    """A larger difference is rejected."""
    now = hand.now // 1000
    assert caller(casb, directory.sign(directory.claims(hand.now, nbf=now + 300)))
    assert caller(casb, directory.sign(directory.claims(hand.now, exp=now - 299)))
    assert hint(casb, directory.sign(directory.claims(hand.now, nbf=now + 301))) == ""
    assert hint(casb, directory.sign(directory.claims(hand.now, exp=now - 300))) == ""


def test_a_token_for_microsoft_graph_is_refused_with_the_reason(
    casb: StandIn, directory: Directory, hand: HandClock
) -> None:
    """By the nonce in its header, or its audience; one for the upstream product is rejected with the reason, too."""
    claims = directory.claims(hand.now)
    assert hint(casb, directory.sign({**claims, "aud": "https://graph.microsoft.com"}, nonce="x"), "graph") == FOR_GRAPH
    assert hint(casb, directory.sign({**claims, "aud": "00000003-0000-0000-c000-000000000000"})) == FOR_GRAPH
    assert hint(casb, directory.sign({**claims, "aud": MDCA.app_id})) == FOR_VENDOR


def test_tokens_of_the_upstream_product_are_taken_only_where_somebody_chose_so(
    casb: StandIn, tenant: Tenant, directory: Directory, hand: HandClock
) -> None:
    """Then only the REST API accepts them."""
    trust(casb, tenant, directory, vendor_audience=True)
    token = directory.sign(directory.claims(hand.now, aud=MDCA.app_id))
    assert caller(casb, token).permissions == {"discovery.read"}
    assert hint(casb, token, "graph") == FOR_VENDOR


def test_each_api_has_audiences_of_its_own(
    casb: StandIn, tenant: Tenant, directory: Directory, hand: HandClock
) -> None:
    """A token for one is invalid for the other, unless both are registered as the same application."""
    role = ["CloudApp-Discovery.Read.All", "Discovery.Read"]
    token = directory.sign(directory.claims(hand.now, roles=role))
    assert hint(casb, token, "graph") == ""
    trust(casb, tenant, directory, graph_audiences=[f"api://{APP}"])
    assert caller(casb, token, "graph").permissions == {"cloudapp-discovery.read.all"}
    assert caller(casb, token, "mdca").permissions == {"discovery.read"}


def test_nobody_signs_with_what_is_public(casb: StandIn, directory: Directory, hand: HandClock) -> None:
    """No ``none``, no HMAC with the public key as secret, no embedded key, no changed claim."""
    claims = directory.claims(hand.now)
    header = {"typ": "JWT", "kid": "key-1"}
    public = json.dumps(directory.jwks()["keys"][0]).encode()
    unsigned = pyjwt.encode(claims, None, "none", header)  # type: ignore[arg-type]
    assert hint(casb, unsigned) == ""
    assert hint(casb, jose.encode({**header, "alg": "HS256"}, claims, OctKey.import_key(public))) == ""
    thief = Directory(keys={"key-1": Directory().keys["key-1"]})
    own = thief.jwks()["keys"][0]
    names = {"jwk": own, "jku": "https://evil.example/keys", "x5u": "https://evil.example/cert"}
    thief.keys["key-1"] = next(key for key in (spare_key() for _ in range(3)) if key is not directory.keys["key-1"])
    assert hint(casb, thief.sign(claims, **names)) == ""
    assert not [url for url in directory.asked if "evil" in url]
    assert caller(casb, directory.sign(claims, **names)), "they are not looked at, and do no harm"
    assert hint(casb, directory.sign(claims, crit=["exp"])) == ""
    first, _, last = directory.sign(claims).split(".")
    forged = base64.urlsafe_b64encode(json.dumps({**claims, "roles": ["Discovery.Manage"]}).encode()).rstrip(b"=")
    assert hint(casb, f"{first}.{forged.decode()}.{last}") == ""


def test_a_directory_speaks_for_its_own_tenant_only(
    casb: StandIn, tenant: Tenant, directory: Directory, hand: HandClock
) -> None:
    """Neither another tenant's directory, nor one of our tenants, nor an untrusted directory can be imitated."""
    fabrikam = casb.tenants.create("Fabrikam")
    other = Directory("22222222-0000-4000-8000-000000000000", keys={"other": spare_key()})
    issuers = trust(casb, fabrikam, other)
    both = {directory.authority: lambda url: (directory if directory.guid in url else other).fetch(url)}
    issuers._fetch = both[directory.authority]
    assert caller(casb, other.sign(other.claims(hand.now), "other")).tenant_id == fabrikam.tenant_id
    assert caller(casb, directory.sign(directory.claims(hand.now))).tenant_id == tenant.tenant_id
    for claims in (
        directory.claims(hand.now, tid=other.guid, iss=other.v1),
        directory.claims(hand.now, tid=other.guid),
        directory.claims(hand.now, iss=other.v1),
        directory.claims(hand.now, tid=fabrikam.guid, iss=casb.identity.tokens.issuer(fabrikam.guid)),
        directory.claims(hand.now, tid="33333333-0000-4000-8000-000000000000"),
    ):
        assert hint(casb, directory.sign(claims)) == ""


def test_a_directory_is_trusted_by_one_tenant_and_is_none_of_ours(
    casb: StandIn, tenant: Tenant, directory: Directory
) -> None:
    """Otherwise its tokens would be ambiguous."""
    fabrikam = casb.tenants.create("Fabrikam")
    with pytest.raises(ValueError, match="trusted by another tenant"):
        trust(casb, fabrikam, directory)
    with pytest.raises(ValueError, match="is a tenant of this server"):
        trust(casb, tenant, Directory(fabrikam.guid))


def test_our_own_tokens_go_on_beside_it(casb: StandIn, tenant: Tenant, directory: Directory) -> None:
    """They are verified with our keys, without asking a directory."""
    application, _ = casb.application(tenant, "discovery.read")
    target = casb.identity.resources.target(MDCA.app_id)
    token = casb.identity.tokens.for_application(tenant, application, target).access_token
    assert caller(casb, token).client_id == application.client_id
    assert directory.asked == []


def test_keys_may_change_while_clients_go_on_calling(casb: StandIn, directory: Directory, hand: HandClock) -> None:
    """A new key is fetched when first encountered, an old one is valid while published."""
    old = directory.sign(directory.claims(hand.now))
    assert caller(casb, old)
    directory.keys = {**directory.keys, "key-2": spare_key()}
    hand.now += RETRY_AFTER
    assert caller(casb, directory.sign(directory.claims(hand.now), "key-2"))
    assert caller(casb, old)
    del directory.keys["key-1"]
    casb.identity.trust.refresh()
    assert caller(casb, directory.sign(directory.claims(hand.now), "key-2"))
    assert hint(casb, old) == ""


def test_unknown_keys_bring_about_one_fetch_in_five_minutes(
    casb: StandIn, directory: Directory, hand: HandClock
) -> None:
    """However many are made up; one fetch is four documents."""
    assert caller(casb, directory.sign(directory.claims(hand.now)))
    assert len(directory.asked) == 4
    for number in range(20):
        assert hint(casb, directory.sign(directory.claims(hand.now), kid=f"made up {number}")) == ""
    assert len(directory.asked) == 4
    hand.now += RETRY_AFTER
    for number in range(20):
        assert hint(casb, directory.sign(directory.claims(hand.now), kid=f"made up {number}")) == ""
    assert len(directory.asked) == 8


def test_an_outage_of_the_directory_stops_nobody_for_a_week(
    casb: StandIn, directory: Directory, hand: HandClock
) -> None:
    """Then keys that could not be renewed are no longer trusted, until the directory responds again."""
    assert caller(casb, directory.sign(directory.claims(hand.now)))
    directory.answers = dict.fromkeys(directory.documents())
    for _ in range(7):
        hand.now += FRESH
        casb.identity.trust.refresh()
        assert caller(casb, directory.sign(directory.claims(hand.now)))
    hand.now += KEPT
    assert hint(casb, directory.sign(directory.claims(hand.now))) == ""
    directory.answers = {}
    hand.now += RETRY_AFTER
    assert caller(casb, directory.sign(directory.claims(hand.now)))


def test_a_hostile_answer_does_not_replace_what_is_known(casb: StandIn, directory: Directory, hand: HandClock) -> None:
    """A document about another directory, with keys elsewhere or without keys, counts as an outage."""
    assert caller(casb, directory.sign(directory.claims(hand.now)))
    path = f"{directory.guid}/v2.0/.well-known/openid-configuration"
    for issuer, uri in (
        (
            "https://login.microsoftonline.com/00000000-1111-4222-8333-444444444444/v2.0",
            "https://login.microsoftonline.com/k",
        ),
        (directory.v2, "https://evil.example/keys"),
        (directory.v2, "http://login.microsoftonline.com/keys"),
    ):
        directory.answers = {path: json.dumps({"issuer": issuer, "jwks_uri": uri}).encode()}
        casb.identity.trust.refresh()
        assert caller(casb, directory.sign(directory.claims(hand.now)))
    assert not [url for url in directory.asked if not url.startswith("https://login.microsoftonline.com/")]


def test_an_issuer_that_is_removed_is_out_at_once_and_elsewhere_within_seconds(
    casb: StandIn, tenant: Tenant, directory: Directory, hand: HandClock
) -> None:
    """A changed configuration takes effect at the same times."""
    other = casb.again()
    trust(other, tenant, directory, role_mapping=[])
    token = directory.sign(directory.for_user(hand.now))
    assert caller(other, token).role is None
    hand.now += RELOAD_AFTER
    assert caller(casb, token).role is None
    assert casb.identity.trust.remove(tenant.tenant_id, directory.guid, by="test")
    assert not casb.identity.trust.remove(tenant.tenant_id, directory.guid, by="test")
    assert hint(casb, token) == ""
    hand.now += RELOAD_AFTER
    assert hint(other, token) == ""
    actions = [entry.action for entry in casb.identity.audit_log.latest(tenant.tenant_id)]
    assert {"trust.remove", "trust.put"} <= set(actions)


def test_pinned_keys_need_no_network(casb: StandIn, tenant: Tenant, hand: HandClock) -> None:
    """Nothing is fetched, even after months, and only those keys are accepted."""
    directory = Directory(keys={"key-1": spare_key(), "key-2": spare_key()})
    pinned = {"keys": directory.jwks()["keys"][:1]}
    trust(casb, tenant, directory, keys=json.dumps(pinned))
    for _ in range(3):
        assert caller(casb, directory.sign(directory.claims(hand.now)))
        assert caller(casb, directory.sign(directory.claims(hand.now, iss=directory.v2)))
        assert hint(casb, directory.sign(directory.claims(hand.now), "key-2")) == ""
        casb.identity.trust.refresh()
        hand.now += 90 * 24 * HOUR
    assert directory.asked == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=40)
    | st.dictionaries(
        st.sampled_from(["tid", "iss", "aud", "nbf", "exp", "oid", "sub", "roles", "scp", "wids", "idp"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2),
    )
)
def test_any_text_and_any_claims_are_refused_or_admitted_without_a_failure(
    casb: StandIn, directory: Directory, made: str | dict[str, Any]
) -> None:
    """No other exception is raised, even if the directory itself signs garbage."""
    if isinstance(made, dict):
        token = directory.sign(directory.claims(casb.clock()) | made)
    else:
        token = f"{made}.{base64.urlsafe_b64encode(json.dumps({'tid': directory.guid}).encode()).decode()}.{made}"
    with suppress(InvalidToken):
        casb.identity.trust.principal(token, "mdca")


def test_what_cannot_be_configured_changes_nothing(casb: StandIn, tenant: Tenant) -> None:
    """The rejection stores nothing."""
    with pytest.raises(ValueError, match="audiences"):
        casb.identity.trust.put(tenant.tenant_id, Given(USER), by="test")
    assert casb.identity.trust.all(tenant.tenant_id) == []
    assert casb.identity.trust.get(tenant.tenant_id, "nothing") is None
