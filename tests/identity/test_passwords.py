"""Passwords."""

from __future__ import annotations

import pytest

from opencasb.identity.passwords import hash_password, verify_password


def test_a_password_is_known_by_its_hash() -> None:
    """The hash is Argon2id, distinguishes the password from others, and differs each time."""
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert "correct horse" not in stored
    assert verify_password("correct horse", stored)
    assert not verify_password("correct hors", stored)
    assert hash_password("correct horse") != stored


@pytest.mark.parametrize("stored", [None, "", "$argon2id$damaged"])
def test_nothing_matches_an_absent_or_damaged_hash(stored: str | None) -> None:
    """Without a hash no password matches, not even that of the dummy hash."""
    assert not verify_password("nobody has this password", stored)


@pytest.mark.parametrize("length", [0, 7, 257])
def test_too_short_and_too_long_passwords_are_refused(length: int) -> None:
    """The message has the allowed length, not the password."""
    with pytest.raises(ValueError, match=rf"8 to 256 characters; this one has {length}"):
        hash_password("p" * length)
