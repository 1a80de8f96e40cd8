"""Authentication of file senders."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.identity.throttle import FAILURES_PER_MINUTE
from tests.discovery.receivers.dropping import logins, source


def test_of_an_address_that_guesses_nothing_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the right password is accepted for a minute; senders at other addresses can log in."""
    found, compared = logins(tmp_path, source("appliance", "ftp")), 0
    verify = found._verify

    def counted(password: str, stored: str | None) -> bool:
        nonlocal compared
        compared += 1
        return verify(password, stored)

    monkeypatch.setattr(found, "_verify", counted)

    def gets_in(password: str, address: str) -> bool:
        return found.checked("appliance", password, ("ftp",), address) is not None

    assert all(gets_in("secret", "192.0.2.1") for _ in range(2 * FAILURES_PER_MINUTE))
    compared = 0
    assert not any(gets_in(f"guess {number}", "203.0.113.9") for number in range(2 * FAILURES_PER_MINUTE))
    assert compared == FAILURES_PER_MINUTE
    assert not gets_in("secret", "203.0.113.9")
    assert gets_in("secret", "192.0.2.1")
