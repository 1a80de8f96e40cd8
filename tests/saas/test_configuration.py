"""Configuration of integrations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme

from opencasb.identity.vault import Vault
from opencasb.saas.configuration import Given, changed, made, record, secret_of
from tests.saas.standin import CLIENT, DIRECTORY, SECRET

GIVEN = Given(directory_id=DIRECTORY.upper(), client_id=f" {CLIENT} ", secret=f"{SECRET}\n")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault with its own key."""
    return Vault(tmp_path / "key")


def test_three_values_are_enough(vault: Vault) -> None:
    """The defaults are the public cloud, 90 days, once a day; the secret is encrypted and never shown."""
    integration = made(7, "graph", GIVEN, vault)
    assert record(integration) == {
        "name": "graph",
        "directory_id": DIRECTORY,
        "client_id": CLIENT,
        "authority": "https://login.microsoftonline.com",
        "graph_url": "https://graph.microsoft.com",
        "period_days": 90,
        "schedule": "daily 03:00",
        "state": "new",
        "own_ca": False,
        "private_addresses": False,
        "problem": None,
        "authorized": None,
        "roles": None,
        "created": 0,
        "current_run": None,
    }
    assert secret_of(integration, vault) == SECRET
    assert SECRET.encode() not in integration.sealed_secret


def test_a_sealed_secret_opens_for_its_own_integration_only(vault: Vault, tmp_path: Path) -> None:
    """A row copied in the database is useless, as is another key file."""
    integration = made(7, "graph", GIVEN, vault)
    for other in (msgspec.structs.replace(integration, tenant_id=8), msgspec.structs.replace(integration, name="x")):
        with pytest.raises(ValueError, match="another key file"):
            secret_of(other, vault)
    with pytest.raises(ValueError, match="another key file"):
        secret_of(integration, Vault(tmp_path / "other"))


def test_an_opencasb_is_its_own_authority(vault: Vault) -> None:
    """Another authority may be configured; Microsoft's Graphs are not their own authority."""
    own = msgspec.structs.replace(GIVEN, graph_url="https://casb.example:8443")
    assert made(7, "graph", own, vault).authority == "https://casb.example:8443"
    other = msgspec.structs.replace(own, authority="https://login.example")
    assert made(7, "graph", other, vault).authority == "https://login.example"
    national = msgspec.structs.replace(GIVEN, graph_url="https://graph.microsoft.us")
    assert made(7, "graph", national, vault).authority == "https://login.microsoftonline.com"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://casb.example:8443/", "https://casb.example:8443"),
        ("https://Graph.Microsoft.com/beta", "https://graph.microsoft.com"),
        ("https://casb.example/beta/", "https://casb.example"),
        ("", "https://graph.microsoft.com"),
    ],
)
def test_addresses_may_be_copied_with_what_follows(vault: Vault, text: str, kept: str) -> None:
    integration = made(7, "graph", GIVEN, vault)
    assert changed(integration, Given(graph_url=text), vault).graph_url == kept


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("directory_id", "contoso.example", "must be a guid"),
        ("client_id", "x", "must be a guid"),
        ("secret", "a\0b", "printable"),
        ("secret", "x" * 1001, "1 to 1000"),
        ("authority", "http://login.example", "begins with https://"),
        ("authority", "login.example", "begins with https://"),
        ("authority", "https://login.example/common", "nothing after it"),
        ("graph_url", "https://me@graph.example", "nothing after it"),
        ("graph_url", "https://graph.example?x=1", "nothing after it"),
        ("graph_url", "https://[::1", "begins with https://"),
        ("graph_url", "https://a:99999", "begins with https://"),
        ("graph_url", "https://gr\u00e4ph.example", "begins with https://"),
        ("ca", "hello", "CA certificates in PEM"),
        ("ca", "a\0b", "CA certificates in PEM"),
        ("ca", "\u00e4", "CA certificates in PEM"),
        ("ca", "-----BEGIN PRIVATE KEY-----", "private key"),
        ("ca", "x" * 300_000, "at most"),
        ("period_days", 14, "is not one of: 7, 30, 90"),
        ("schedule", "at noon", "must be off"),
    ],
)
def test_what_is_wrong_is_named(vault: Vault, field: str, value: Any, words: str) -> None:
    """The error names the field, and what is allowed."""
    with pytest.raises(ValueError, match=words) as caught:
        made(7, "graph", msgspec.structs.replace(GIVEN, **{field: value}), vault)
    assert str(caught.value).startswith(field)


@pytest.mark.parametrize("name", ["", "Graph", "-a", "a b", "a" * 64, "a/b"])
def test_names_are_short_and_plain(vault: Vault, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        made(7, name, GIVEN, vault)


def test_three_values_are_needed(vault: Vault) -> None:
    for field in ("directory_id", "client_id", "secret"):
        with pytest.raises(ValueError, match=f"{field}: a value is needed"):
            made(7, "graph", msgspec.structs.replace(GIVEN, **{field: None}), vault)


def test_another_source_has_to_be_authorised_again(vault: Vault) -> None:
    """A change of secret, period, CA or schedule needs no new authorization."""
    ready = msgspec.structs.replace(made(7, "graph", GIVEN, vault), state="ready", roles=["r"], authorized=5)
    ca = trustme.CA().cert_pem.bytes().decode()
    after = changed(ready, Given(secret="new", period_days=7, schedule="off", ca=ca), vault)
    assert (after.state, after.roles, secret_of(after, vault), after.ca) == ("ready", ["r"], "new", ca)
    assert changed(after, Given(ca=""), vault).ca == ""
    assert changed(after, Given(), vault) == after
    for given in (Given(client_id=DIRECTORY), Given(directory_id=CLIENT), Given(graph_url="https://x.example")):
        moved = changed(ready, given, vault)
        assert (moved.state, moved.roles, moved.authorized) == ("new", None, None)


def test_the_operator_vouches_for_addresses_by_giving_them(vault: Vault) -> None:
    """Not by changing something else."""
    integration = made(7, "graph", msgspec.structs.replace(GIVEN, graph_url="https://casb.example"), vault)
    assert not changed(integration, Given(schedule="off", anywhere=True), vault).anywhere
    assert changed(integration, Given(graph_url="https://casb.example", anywhere=True), vault).anywhere
    assert made(7, "graph", msgspec.structs.replace(GIVEN, anywhere=True), vault).anywhere
