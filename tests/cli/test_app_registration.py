"""``opencasb app``: redirects, certificates, requested permissions."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives import serialization

from tests.cli.applications import Desk
from tests.identity.certificates import certificate, private_key


def test_redirects_come_and_go(desk: Desk) -> None:
    """They are listed in the order in which they were added; an invalid one is explained."""
    client_id = desk.created()
    desk.text("add-redirect", client_id, "https://one.example/cb")
    record = desk.json("add-redirect", client_id, "http://localhost", "--kind", "publicClient")
    assert record["redirects"] == [
        {"kind": "web", "uri": "https://one.example/cb"},
        {"kind": "publicClient", "uri": "http://localhost"},
    ]
    assert "must begin with https://" in desk.refused("add-redirect", client_id, "http://one.example")
    assert "publicClient" in desk.refused("add-redirect", client_id, "https://x.example", "--kind", "no", code=2)
    assert len(desk.json("remove-redirect", client_id, "https://one.example/cb")["redirects"]) == 1
    assert "is not a redirect" in desk.refused("remove-redirect", client_id, "https://one.example/cb")


def test_certificates_come_from_files(desk: Desk, tmp_path: Path) -> None:
    """Thumbprints are shown; private keys and duplicates are rejected; a certificate is removed by its key id."""
    client_id = desk.created()
    path = tmp_path / "one.pem"
    path.write_bytes(certificate().public_bytes(serialization.Encoding.PEM))
    made = desk.json("add-certificate", client_id, str(path), "--description", "pipeline")
    [listed] = desk.json("list-certificates", client_id)
    assert {name: listed[name] for name in made} == made
    assert made["sha1"] in desk.text("list-certificates", client_id)
    assert "already" in desk.refused("add-certificate", client_id, str(path))
    path.write_bytes(private_key())
    assert "holds a private key" in desk.refused("add-certificate", client_id, str(path))
    assert desk.json("remove-certificate", client_id, made["key_id"])["certificates"] == []
    assert "no certificate" in desk.refused("remove-certificate", client_id, made["key_id"])


def test_asking_is_not_having(desk: Desk) -> None:
    """A requested permission is granted only by consent; delegated and application permissions are separate."""
    client_id = desk.created()
    record = desk.json("add-permission", client_id, "Discovery.Read", "https://graph.microsoft.com/Mail.Read")
    assert record["permissions"] == []
    record = desk.json("add-permission", client_id, "user.read", "--delegated")
    assert [(each["kind"], each["name"]) for each in record["requested"]] == [
        ("application", "Mail.Read"),
        ("delegated", "User.Read"),
        ("application", "discovery.read"),
    ]
    assert "delegated permissions are: " in desk.refused("add-permission", client_id, "no.such", "--delegated")
    desk.text("remove-permission", client_id, "User.Read", "--delegated")
    assert "does not request" in desk.refused("remove-permission", client_id, "User.Read", "--delegated")


def test_only_the_home_tenant_changes_a_registration(desk: Desk) -> None:
    """Other tenants can only consent to it as it is."""
    client_id = desk.created("--multitenant")
    desk.text("grant-consent", client_id, "--tenant", "Fabrikam")
    for words in (
        ("add-redirect", client_id, "https://x.example/"),
        ("remove-redirect", client_id, "https://x.example/"),
        ("remove-certificate", client_id, "x"),
        ("add-permission", client_id, "discovery.read"),
        ("remove-permission", client_id, "discovery.read"),
    ):
        assert "is registered in another tenant" in desk.refused(*words, "--tenant", "Fabrikam")
