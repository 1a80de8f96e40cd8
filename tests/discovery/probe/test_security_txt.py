"""``security.txt``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.probe.security_txt import is_valid
from tests.conftest import NOW

CONTACT, END = b"Contact: mailto:security@box.example\n", b"Expires: 2026-01-01T00:00:00Z\n"


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
    assert is_valid("text/plain; charset=utf-8", body, NOW) is valid


def test_it_is_plain_text() -> None:
    """A page of a site that has one for every path is none."""
    assert not is_valid("text/html", CONTACT + END, NOW)


@given(st.binary(max_size=60), st.binary(max_size=30))
def test_any_bytes_can_be_read(body: bytes, end: bytes) -> None:
    """Never an error."""
    assert is_valid("text/plain", body, NOW) in {True, False}
    assert is_valid("text/plain", CONTACT + b"Expires: " + end, NOW) in {True, False}
