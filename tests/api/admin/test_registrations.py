"""Redirects, certificates and requested permissions."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives import serialization

from tests.api.admin.conftest import House
from tests.identity.certificates import certificate, private_key

PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


def test_redirects_come_and_go(house: House) -> None:
    """By body or query; invalid ones are explained."""
    path = f"applications/{house.application()}/redirects"
    house.ok("POST", path, {"uri": "https://one.example/cb"})
    record = house.ok("POST", path, {"uri": "http://localhost", "kind": "publicClient"})
    assert [each["uri"] for each in record["redirects"]] == ["https://one.example/cb", "http://localhost"]
    assert "must begin with https://" in house.refusal(400, "POST", path, {"uri": "http://one.example"})
    assert "the kinds are: web" in house.refusal(400, "POST", path, {"uri": "https://x.example", "kind": "x"})
    assert house.refusal(400, "DELETE", path) == "uri: this parameter is required"
    record = house.ok("DELETE", path, params={"uri": "https://one.example/cb"})
    assert [each["uri"] for each in record["redirects"]] == ["http://localhost"]
    assert house.refusal(404, "DELETE", path, {"uri": "https://one.example/cb"}) == "Not found."


def test_certificates_come_as_pem_or_base64(house: House) -> None:
    """Private keys, invalid data and duplicates are rejected."""
    client_id = house.application()
    path, one, two = f"applications/{client_id}/certificates", certificate(), certificate()
    first = house.ok("POST", path, {"certificate": one.public_bytes(PEM).decode(), "description": "ci"})
    second = house.ok("POST", path, {"certificate": base64.b64encode(two.public_bytes(DER)).decode()})
    kept = house.ok("GET", f"applications/{client_id}")["certificates"]
    assert {each["sha256"] for each in kept} == {first["sha256"], second["sha256"]}
    again = {"certificate": base64.b64encode(one.public_bytes(DER)).decode()}
    assert "already" in house.refusal(400, "POST", path, again)
    assert "private key" in house.refusal(400, "POST", path, {"certificate": private_key().decode()})
    for rubbish in ("", 5, "%%%", "AAAA", "-----BEGIN"):
        assert house.refusal(400, "POST", path, {"certificate": rubbish}).startswith("certificate: ")
    house.ok("DELETE", f"{path}/{first['key_id']}")
    assert house.refusal(404, "DELETE", f"{path}/{first['key_id']}") == "Not found."


def test_permissions_are_asked_for_by_name_or_id(house: House) -> None:
    """Kinds are separate; the list of permissions has every name with its id; nothing is granted."""
    path = f"applications/{house.application()}/permissions"
    catalogue = house.ok("GET", "permissions")["permissions"]
    ids = {(each["resource"], each["kind"], each["name"]): each["id"] for each in catalogue}
    graph = ids["graph", "application", "CloudApp-Discovery.Read.All"]
    assert graph == "64a59178-dad3-4673-89db-84fdcd622fec"
    assert len({each for each in ids.values() if each}) == 14
    assert next(each["name"] for each in catalogue if not each["admin_consent"]) == "User.Read"
    record = house.ok("POST", path, {"permissions": [graph, "Discovery.Read"]})
    record = house.ok("POST", path, {"kind": "delegated", "permissions": "User.Read"})
    assert [tuple(each.values()) for each in record["requested"]] == [
        ("graph", "application", "CloudApp-Discovery.Read.All"),
        ("graph", "delegated", "User.Read"),
        ("mdca", "application", "discovery.read"),
    ]
    assert (record["permissions"], record["delegated"]) == ([], [])
    assert "application permissions are: " in house.refusal(400, "POST", path, {"permissions": ["User.Read"]})
    assert "allowed: application, delegated" in house.refusal(400, "POST", path, {"permissions": "x", "kind": "y"})
    assert house.refusal(400, "POST", path) == "permissions: this parameter is required"
    house.ok("DELETE", path, params={"permission": "discovery.read"})
    assert house.refusal(404, "DELETE", path, params={"permission": "discovery.read"}) == "Not found."
