"""The host names and addresses of this server."""

from __future__ import annotations

from opencasb.identity.addresses import bases, hosts
from opencasb.settings import Settings


def test_our_hosts_are_the_public_one_the_loopback_ones_and_further_names() -> None:
    """Ports, paths and case are ignored."""
    settings = Settings(public_url="https://CASB.example:8443/x", tls_names=("Portal.example",))
    assert hosts(settings) == {"casb.example", "localhost", "127.0.0.1", "::1", "portal.example"}


def test_our_addresses_are_those_names_with_the_ports_that_we_listen_at() -> None:
    """And the public one, the issuer and, on this machine only, plain HTTP."""
    settings = Settings(
        public_url="https://casb.example",
        issuer_base="https://sts.example",
        tls_names=("portal.example",),
    )
    names = ("casb.example", "portal.example", "localhost", "127.0.0.1", "[::1]")
    assert bases(settings) == {
        *(f"https://{name}{port}" for name in names for port in ("", ":8443")),
        "http://localhost:8080",
        "http://127.0.0.1:8080",
        "https://sts.example",
    }
    plain = bases(Settings(public_url="https://casb.example:8443", http_port=0, host_alias=True))
    assert {each.partition("/common")[0] for each in plain if "microsoft" in each} == {
        "https://login.microsoftonline.com"
    }
    assert not any(each.startswith("http:") for each in plain)
