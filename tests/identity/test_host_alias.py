"""Host names of the upstream service as aliases."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.identity.host_alias import base_at, is_alias
from opencasb.settings import Settings
from tests.identity.standin import PUBLIC_URL, HandClock, open_standin


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("login.microsoftonline.com", "https://login.microsoftonline.com"),
        ("Graph.Microsoft.com:8443", "https://graph.microsoft.com:8443"),
        ("contoso.portal.cloudappsecurity.com", "https://contoso.portal.cloudappsecurity.com"),
        ("contoso.eu2.portal.cloudappsecurity.com", "https://contoso.eu2.portal.cloudappsecurity.com"),
        ("portal.cloudappsecurity.com", "https://portal.cloudappsecurity.com"),
        ("contoso.nowhere.portal.cloudappsecurity.com", PUBLIC_URL),
        ("evil.example", PUBLIC_URL),
        ("login.microsoftonline.com.evil.example", PUBLIC_URL),
        ("login.microsoftonline.com:x@evil.example", PUBLIC_URL),
        ("login.microsoftonline.com:/evil", PUBLIC_URL),
        ("", PUBLIC_URL),
    ],
)
def test_links_begin_with_the_alias_that_a_client_asked_and_with_no_other_host(host: str, expected: str) -> None:
    """Without the setting, never with an alias."""
    assert base_at(host, PUBLIC_URL, on=True) == expected
    assert base_at(host, PUBLIC_URL, on=False) == PUBLIC_URL


def test_one_label_stands_before_the_domains_of_portals() -> None:
    """The certificate covers the same names."""
    assert is_alias("CONTOSO.portal.cloudappsecurity.com")
    assert is_alias("contoso.us3.portal.cloudappsecurity.com")
    for name in (".portal.cloudappsecurity.com", ".us.portal.cloudappsecurity.com", "*.portal.cloudappsecurity.com.x"):
        assert not is_alias(name)


@pytest.mark.parametrize("on", [True, False])
def test_documents_are_those_of_the_host_that_was_asked(tmp_path: Path, on: bool) -> None:
    """Addresses use the alias; the issuer, which is part of tokens, stays ours."""
    with open_standin(tmp_path, HandClock(), Settings(public_url=PUBLIC_URL, host_alias=on)) as casb:
        tenant = casb.tenants.create("Contoso")
        found = casb.identity.documents_at("login.microsoftonline.com").metadata(tenant.guid, 2)
        base = "https://login.microsoftonline.com" if on else PUBLIC_URL
        assert found["token_endpoint"] == f"{base}/{tenant.guid}/oauth2/v2.0/token"
        assert found["issuer"] == f"{PUBLIC_URL}/{tenant.guid}/v2.0"
        assert casb.identity.documents_at("").metadata(tenant.guid, 2)["token_endpoint"].startswith(PUBLIC_URL)
