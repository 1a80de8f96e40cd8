"""Where identity providers send people back to."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.sign_ins import sign_ins

GOOGLE = "accounts.google.com"


def found(*pairs: tuple[str, str | None]) -> list[tuple[str, str]]:
    """Return what is found in pairs of host and URL."""
    hosts = pl.Series([host for host, _ in pairs], dtype=pl.String)
    return list(sign_ins(hosts, pl.Series([url for _, url in pairs], dtype=pl.String)))


def test_the_host_behind_a_redirect_is_found() -> None:
    """Escaped or not, each once, at providers and their customers' hosts."""
    acme = f"https://{GOOGLE}/o/oauth2/auth?client_id=1&redirect_uri=https%3A%2F%2FApp.Acme.example%2Fcb&state="
    assert found((GOOGLE, acme + "1"), (GOOGLE, acme + "2")) == [(GOOGLE, "app.acme.example")]
    okta = "https://corp.okta.com/app/x/sso/saml?RelayState=https://acme.example:8443/home"
    assert found(("corp.okta.com", okta)) == [("corp.okta.com", "acme.example")]


def test_what_is_no_sign_in_is_left_alone() -> None:
    """Other hosts, no parameter, schemes of apps, the provider itself, single labels, broken addresses."""
    for host, back in (
        ("www.google.com", "https://acme.example"),
        (GOOGLE, "com.acme.app://callback"),
        (GOOGLE, f"https://{GOOGLE}/next"),
        (GOOGLE, "http://localhost:8000/cb"),
        (GOOGLE, "https://[::1/cb"),
    ):
        assert found((host, f"https://{host}/auth?redirect_uri={back}")) == []
    assert found((GOOGLE, f"https://{GOOGLE}/"), (GOOGLE, None)) == []


@given(st.text(max_size=60))
def test_any_url_is_read(text: str) -> None:
    """Nothing raises."""
    found((GOOGLE, text), (GOOGLE, f"https://x/?redirect_uri={text}"))
