"""Metadata, keys and instance discovery."""

from __future__ import annotations

import base64
from typing import Literal

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opencasb.identity.documents import GRANT_TYPES, Documents
from opencasb.identity.errors import OAuthError
from opencasb.model.tenant import Tenant
from opencasb.settings import Settings
from tests.identity.standin import PUBLIC_URL, StandIn

VERSIONS = [(1, ""), (2, "/v2.0")]


@pytest.fixture
def documents(casb: StandIn) -> Documents:
    """Return the documents of ``casb``."""
    return casb.identity.documents_at("")


@pytest.mark.parametrize(("version", "infix"), VERSIONS)
def test_metadata_names_the_tenant_by_its_guid(
    documents: Documents, tenant: Tenant, version: Literal[1, 2], infix: str
) -> None:
    """Whatever the address, issuer and endpoints have the guid in the version's format."""
    root = f"{PUBLIC_URL}/{tenant.guid}"
    for segment in (tenant.guid, tenant.guid.upper(), "Contoso.example"):
        document = documents.metadata(segment, version)
        assert document["issuer"] == (f"{root}/v2.0" if version == 2 else f"{root}/")
        assert document["token_endpoint"] == f"{root}/oauth2{infix}/token"
        assert document["authorization_endpoint"] == f"{root}/oauth2{infix}/authorize"
        assert document["authorization_response_iss_parameter_supported"] is True
        assert document["jwks_uri"] == f"{root}/discovery{infix}/keys"


@pytest.mark.parametrize(("version", "infix"), VERSIONS)
def test_metadata_of_an_alias_keeps_it(documents: Documents, version: Literal[1, 2], infix: str) -> None:
    """The endpoints carry the alias, the issuer a literal placeholder that no response can name (RFC 9207)."""
    document = documents.metadata("Common", version)
    assert document["authorization_response_iss_parameter_supported"] is False
    assert document["issuer"] == f"{PUBLIC_URL}/{{tenantid}}" + ("/v2.0" if version == 2 else "/")
    assert document["token_endpoint"] == f"{PUBLIC_URL}/common/oauth2{infix}/token"


def test_metadata_promises_what_is_served(documents: Documents, tenant: Tenant) -> None:
    """It lists the working grants and client authentication methods, and our hosts."""
    document = documents.metadata(tenant.guid, 2)
    assert document["grant_types_supported"] == list(GRANT_TYPES)
    methods = ["client_secret_post", "client_secret_basic", "private_key_jwt"]
    assert document["token_endpoint_auth_methods_supported"] == methods
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    assert document["subject_types_supported"] == ["pairwise"]
    assert document["msgraph_host"] == document["cloud_instance_name"] == "localhost:8443"


def test_metadata_of_the_upstream_authority_names_the_upstream_graph(casb: StandIn, tenant: Tenant) -> None:
    """In lab mode, whose clients go by both names."""
    lab = StandIn(casb.database, casb.data, casb.clock, Settings(host_alias=True, public_url="https://casb.example"))
    document = lab.identity.documents_at("login.microsoftonline.com").metadata(tenant.guid, 2)
    assert document["cloud_instance_name"] == "login.microsoftonline.com"
    assert document["msgraph_host"] == document["cloud_graph_host_name"] == "graph.microsoft.com"
    assert document["userinfo_endpoint"] == "https://graph.microsoft.com/oidc/userinfo"
    assert lab.identity.documents_at("").metadata(tenant.guid, 2)["msgraph_host"] == "casb.example"
    at_port = lab.identity.documents_at("login.microsoftonline.com:8443").metadata(tenant.guid, 2)
    assert at_port["msgraph_host"] == "graph.microsoft.com:8443"


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("segment", ["unknown.example", "consumers", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_tenant_has_no_documents(documents: Documents, segment: str, version: Literal[1, 2]) -> None:
    """Metadata and keys of an unknown tenant are rejected with 90002."""
    for document in (documents.metadata, documents.keys):
        with pytest.raises(OAuthError) as refusal:
            document(segment, version)
        assert refusal.value.code == 90002


def test_keys_carry_their_certificate(documents: Documents, tenant: Tenant) -> None:
    """At least two keys, each usable alone: modulus, exponent and certificate agree."""
    keys = documents.keys(tenant.guid, 1)["keys"]
    assert len(keys) >= 2
    for key in keys:
        assert set(key) == {"kty", "use", "kid", "x5t", "n", "e", "x5c"}
        assert (key["kty"], key["use"], key["x5t"]) == ("RSA", "sig", key["kid"])
        [encoded] = key["x5c"]
        public = x509.load_der_x509_certificate(base64.b64decode(encoded)).public_key()
        modulus = int.from_bytes(base64.urlsafe_b64decode(key["n"] + "=="))
        assert getattr(public, "public_numbers")().n == modulus  # noqa: B009 - of whatever kind the key is


def test_v2_keys_name_their_issuer(documents: Documents, tenant: Tenant) -> None:
    """In the v2 set every key has the tenant that it signs for."""
    mine = documents.keys(tenant.guid, 2)["keys"]
    common = documents.keys("common", 2)["keys"]
    assert {key["issuer"] for key in mine} == {f"{PUBLIC_URL}/{tenant.guid}/v2.0"}
    assert {key["issuer"] for key in common} == {f"{PUBLIC_URL}/{{tenantid}}/v2.0"}


def test_no_private_number_is_published(documents: Documents, tenant: Tenant) -> None:
    """The documents have none of a key's private parameters."""
    keys = documents.keys(tenant.guid, 2)["keys"]
    assert keys
    for key in keys:
        assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key)


@pytest.mark.parametrize(
    "authority",
    [
        "https://localhost:8443/contoso.example/oauth2/v2.0/authorize",
        "https://localhost/contoso.example/oauth2/v2.0/authorize",
        "https://127.0.0.1:8443//contoso.example/oauth2/v2.0/authorize",
        "https://[::1]/contoso.example/",
        "https://LOCALHOST/contoso.example",
    ],
)
def test_our_own_instance_is_known_by_every_name(documents: Documents, authority: str) -> None:
    """With or without the port, the response refers to the metadata of the tenant in the address."""
    answer = documents.instance(authority)
    assert answer["tenant_discovery_endpoint"] == (
        f"{PUBLIC_URL}/contoso.example/v2.0/.well-known/openid-configuration"
    )
    assert answer["api-version"] == "1.1"
    [network] = answer["metadata"]
    assert network["preferred_network"] == network["preferred_cache"] == "localhost:8443"
    assert {"localhost:8443", "localhost", "127.0.0.1:8443", "[::1]:8443"} <= set(network["aliases"])


def test_an_instance_on_the_usual_port_goes_without_it(casb: StandIn) -> None:
    """With port 443, aliases are bare host names."""
    other = StandIn(casb.database, casb.data, casb.clock, Settings(public_url="https://casb.example/"))
    [network] = other.identity.documents_at("").instance("https://casb.example/common/oauth2/authorize")["metadata"]
    assert network["preferred_network"] == "casb.example"
    assert set(network["aliases"]) == {"casb.example", "localhost", "127.0.0.1", "[::1]"}


@pytest.mark.parametrize(
    ("authority", "code"),
    [("", 900144), ("https://login.microsoftonline.com/common", 50049), ("localhost", 50049), ("https://[", 50049)],
)
def test_other_instances_are_unknown(documents: Documents, authority: str, code: int) -> None:
    """Another host gets invalid_instance; a missing one has its own error number."""
    with pytest.raises(OAuthError) as refusal:
        documents.instance(authority)
    assert refusal.value.code == code


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text())
def test_any_text_is_an_instance_or_a_refusal(documents: Documents, text: str) -> None:
    """The response only refers to our own host."""
    for authority in (text, f"https://localhost/{text}"):
        try:
            answer = documents.instance(authority)
        except OAuthError:
            continue
        assert answer["tenant_discovery_endpoint"].startswith(f"{PUBLIC_URL}/")
