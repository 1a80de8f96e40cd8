"""Rules for redirects and certificates."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from opencasb.identity.registrations import MOST_REDIRECTS, checked_redirect, matches, read_certificate
from opencasb.model.registration import Redirect
from tests.conftest import NOW
from tests.identity.certificates import certificate, private_key
from tests.identity.standin import HandClock, open_standin

PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


@pytest.mark.parametrize(
    "uri",
    [
        "https://portal.azure.com",
        "https://a.example:8443/cb?x=1",
        "https://[::1]/cb",
        "http://localhost",
        "http://localhost:1234/cb",
        "http://127.0.0.1/",
        "https://login.microsoftonline.com/common/oauth2/nativeclient",
        "https://a.example/" + "x" * (256 - 18),
    ],
)
def test_what_may_be_registered(uri: str) -> None:
    """Addresses with https to a host or http to this machine, of at most 256 characters."""
    assert checked_redirect("web", uri) == Redirect("web", uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "http://a.example/",
        "http://localhost.a.example/",
        "http://localhost@a.example/",
        "http://localhost:1234.a.example/",
        "http://[::1]/",
        "https://",
        "https:///cb",
        "https://user@a.example/",
        "https://a.example/#part",
        "https://*.a.example/",
        "https://a.example/*",
        "https://a.example\\@b.example/",
        "https://a.example/ b",
        "https://a.example/\n",
        "https://ä.example/",
        'https://a.example/"><script>',
        "https://a.example:port/",
        "javascript:alert(1)",
        "urn:ietf:wg:oauth:2.0:oob",
        "//a.example/",
        "https://a.example/" + "x" * (257 - 18),
    ],
)
def test_what_may_not_be_registered(uri: str) -> None:
    """No other scheme, fragment, wildcard, user, or trick (identity §9)."""
    with pytest.raises(ValueError, match=r"^redirect "):
        checked_redirect("web", uri)


@pytest.mark.parametrize(
    ("registered", "asked", "same"),
    [
        ("https://a.example/cb", "https://a.example/cb", True),
        ("https://a.example/cb", "https://a.example/CB", False),
        ("https://a.example/cb", "https://a.example/cb/", False),
        ("https://a.example/cb", "https://a.example/cb?x=1", False),
        ("https://a.example/cb", "https://a.example:443/cb", False),
        ("https://a.example/cb", "https://a.example/x/../cb", False),
        ("https://a.example/cb", "https://a.example/c%62", False),
        ("https://a.example/cb", "https://a.example.b.example/cb", False),
        ("http://localhost", "http://localhost:54321", True),
        ("http://localhost", "http://localhost:54321/", True),
        ("http://localhost:1/cb", "http://localhost:2/cb", True),
        ("http://localhost/cb", "http://localhost:2/", False),
        ("http://localhost", "http://127.0.0.1", False),
        ("http://localhost", "https://localhost", False),
        ("http://localhost", "http://localhost:80@a.example/", False),
        ("http://localhost", "http://localhost.a.example/", False),
        ("http://localhost", "http://localhost:123456/", False),
        ("http://localhost/cb", "http://localhost:2/cb#x", False),
        ("https://localhost:1/", "https://localhost:2/", False),
    ],
)
def test_only_the_port_of_a_loopback_address_may_differ(registered: str, asked: str, same: bool) -> None:
    """Everything else is compared exactly (RFC 9700 §2.1, RFC 8252 §7.3)."""
    assert matches(registered, asked) is same


@given(st.text(min_size=1, max_size=30), st.sampled_from(["https://a.example/cb", "http://localhost/cb"]))
def test_no_longer_text_ever_matches(more: str, registered: str) -> None:
    """A registered address with any prefix or suffix does not match."""
    assert not matches(registered, registered + more)
    assert not matches(registered, more + registered)


@pytest.mark.parametrize("encoding", [PEM, DER])
def test_a_certificate_is_read_in_both_forms(encoding: serialization.Encoding) -> None:
    """Thumbprints and dates are taken from the certificate."""
    made = certificate()
    kept = read_certificate(made.public_bytes(encoding), description="d", now=NOW)
    der = made.public_bytes(DER)
    assert kept.sha1 == base64.urlsafe_b64encode(hashlib.sha1(der).digest()).rstrip(b"=").decode()  # noqa: S324
    assert kept.sha256 == base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    assert (kept.pem.encode(), kept.created) == (made.public_bytes(PEM), NOW)
    assert (kept.not_before, kept.expires) == (NOW - 86_400_000, NOW + 30 * 86_400_000)
    elliptic = certificate(ec.generate_private_key(ec.SECP256R1()))
    assert read_certificate(elliptic.public_bytes(encoding), description="", now=NOW).sha1


def test_what_is_no_certificate_for_us_is_explained() -> None:
    """A private key, a weak or foreign key, an expired certificate, one that is too large, and garbage."""
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 -- its rejection is tested
    for content, words in (
        (private_key() + certificate().public_bytes(PEM), "holds a private key"),
        (certificate(weak).public_bytes(PEM), "RSA of 2048 bits"),
        (certificate(ec.generate_private_key(ec.SECP384R1())).public_bytes(DER), "P-256"),
        (certificate(days=0).public_bytes(PEM), "expired"),
        (b"x" * 70_000, "at most 65536 bytes"),
        (b"-----BEGIN CERTIFICATE-----\nrubbish", "not an X.509 certificate"),
        (b"", "not an X.509 certificate"),
    ):
        with pytest.raises(ValueError, match=words):
            read_certificate(content, description="", now=NOW)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_one_way(content: bytes) -> None:
    """No other exception is raised."""
    with pytest.raises(ValueError, match=r"\w"):
        read_certificate(b"0" + content, description="", now=NOW)


def test_an_application_has_so_many_redirects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A given address finds the matching one, with its kind."""
    assert MOST_REDIRECTS == 256
    monkeypatch.setattr("opencasb.identity.registrations.MOST_REDIRECTS", 2)
    with open_standin(tmp_path, HandClock()) as casb:
        application, _ = casb.application(casb.tenants.create("Contoso"))
        registrar = casb.identity.registrations
        registrar.add_redirect(application, "publicClient", "http://localhost", by="x")
        registrar.add_redirect(application, "web", "https://a.example/cb", by="x")
        found = registrar.redirect(application, "http://localhost:5000")
        assert found == Redirect("publicClient", "http://localhost")
        assert registrar.redirect(application, "https://a.example") is None
        with pytest.raises(ValueError, match="at most 2 redirects"):
            registrar.add_redirect(application, "web", "https://a.example/more", by="x")
        with pytest.raises(ValueError, match="the kinds are: web, spa, publicClient"):
            registrar.add_redirect(application, "other", "https://a.example/", by="x")
