"""The settings of identity, and what follows from them."""

from __future__ import annotations

from opencasb.identity.identity_settings import IdentitySettings


def test_our_hosts_are_the_public_one_the_loopback_ones_and_further_names() -> None:
    """Ports, paths and case do not matter."""
    settings = IdentitySettings("https://CASB.example:8443/x", host_names=("Portal.example",))
    assert settings.hosts == {"casb.example", "localhost", "127.0.0.1", "::1", "portal.example"}


def test_our_addresses_are_those_names_with_the_ports_that_we_listen_at() -> None:
    """Beside the public one, the issuer and, on this machine alone, plain HTTP."""
    settings = IdentitySettings(
        "https://casb.example",
        issuer_base="https://sts.example",
        host_names=("portal.example",),
        port=8443,
        http_port=8080,
    )
    names = ("casb.example", "portal.example", "localhost", "127.0.0.1", "[::1]")
    assert settings.bases == {
        *(f"https://{name}{port}" for name in names for port in ("", ":8443")),
        "http://localhost:8080",
        "http://127.0.0.1:8080",
        "https://sts.example",
    }
    plain = IdentitySettings("https://casb.example:8443", port=8443, host_alias=True).bases
    assert {each.partition("/common")[0] for each in plain if "microsoft" in each} == {
        "https://login.microsoftonline.com"
    }
    assert not any(each.startswith("http:") for each in plain)
