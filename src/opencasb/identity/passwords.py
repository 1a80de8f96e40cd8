"""Password hashing with Argon2id (identity §10.4)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST: Final = 8
LONGEST: Final = 256


def hash_password(password: str) -> str:
    """Return the hash to store. Raises ``ValueError`` unless the password has 8 to 256 characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"a password must have {SHORTEST} to {LONGEST} characters; this one has {len(password)}")
    return _hasher().hash(password)


def verify_password(password: str, stored: str | None) -> bool:
    """Compare ``password`` with a stored hash; without one, do the same work and return False."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        right = _hasher().verify(_no_hash() if stored is None else stored, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(parallelism=1)  # as costly as with more threads, but occupies only one core


@cache
def _no_hash() -> str:
    return _hasher().hash("nobody has this password")
