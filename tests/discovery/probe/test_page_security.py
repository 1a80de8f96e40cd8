"""Security headers of a page, and ``security.txt``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.probe.page_security import header_facts, is_security_txt
from opencasb.model.factors import FACTORS
from tests.conftest import NOW

PREFIX = "is_http_security_headers_"
CONTACT, END = b"Contact: mailto:security@box.example\n", b"Expires: 2026-01-01T00:00:00Z\n"


def test_every_header_is_a_factor() -> None:
    """Without headers, all factors are no."""
    facts = header_facts({})
    assert set(facts) <= set(FACTORS)
    assert set(facts.values()) == {False}


@pytest.mark.parametrize(
    ("name", "value", "there"),
    [
        ("strict-transport-security", "max-age=31536000; includeSubDomains", True),
        ("strict-transport-security", 'includeSubDomains; Max-Age="300"', True),
        ("strict-transport-security", "max-age=0", False),
        ("strict-transport-security", "max-age=", False),
        ("strict-transport-security", "xmax-age=1", False),
        ("content-security-policy", "default-src 'self'", True),
        ("content-security-policy", " ; ", False),
        ("x-content-type-options", "NoSniff", True),
        ("x-content-type-options", "sniff", False),
        ("x-frame-options", "SAMEORIGIN", True),
        ("x-frame-options", "deny, deny", True),
        ("x-frame-options", "allowall", False),
        ("x-xss-protection", "1; mode=block", True),
        ("x-xss-protection", "0", False),
    ],
)
def test_a_header_counts_if_it_does_something(name: str, value: str, there: bool) -> None:
    """Judged by the values that browsers accept."""
    assert header_facts({name: value})[PREFIX + name.replace("-", "_")] is there


@given(st.dictionaries(st.sampled_from(["strict-transport-security", "x-frame-options"]), st.text(max_size=30)))
def test_any_text_is_a_header(headers: dict[str, str]) -> None:
    """It never raises."""
    assert len(header_facts(headers)) == 5


@pytest.mark.parametrize(
    ("body", "valid"),
    [
        (CONTACT + END, True),
        (b"# ours\r\ncontact: https://box.example/security\r\nEXPIRES: 2025-12-01T00:00:00+01:00\r\n", True),
        (
            b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n" + CONTACT + END + b"-----BEGIN PGP SIGNATURE-----",
            True,
        ),
        (CONTACT, False),
        (END, False),
        (b"# " + CONTACT + END, False),
        (b"Contact: security\n" + END, False),
        (CONTACT + END + END, False),
        (CONTACT + b"Expires: 2025-01-01T00:00:00Z\n", False),
        (CONTACT + b"Expires: 2026-01-01T00:00:00\n", False),
        (CONTACT + b"Expires: soon\n", False),
        (b"<html>", False),
        (b"\xff" + CONTACT + END, False),
    ],
)
def test_a_file_in_force_has_a_contact_and_one_end(body: bytes, valid: bool) -> None:
    """In any case, signed or not."""
    assert is_security_txt("text/plain; charset=utf-8", body, NOW) is valid


def test_security_txt_is_plain_text() -> None:
    """An HTML page from a site that answers every path is not one."""
    assert not is_security_txt("text/html", CONTACT + END, NOW)


@given(st.binary(max_size=60), st.binary(max_size=30))
def test_any_bytes_can_be_read(body: bytes, end: bytes) -> None:
    """It never raises."""
    assert is_security_txt("text/plain", body, NOW) in {True, False}
    assert is_security_txt("text/plain", CONTACT + b"Expires: " + end, NOW) in {True, False}
