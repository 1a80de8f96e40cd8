"""Digests of random secrets."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from opencasb.identity.pepper import Pepper


def test_a_digest_depends_on_key_purpose_and_secret(tmp_path: Path) -> None:
    """It is an HMAC-SHA-256 that depends on all three and nothing else."""
    pepper = Pepper(tmp_path / "pepper")
    digest = pepper.digest("api token", "s")
    assert digest == hmac.new((tmp_path / "pepper").read_bytes(), b"api token\0s", hashlib.sha256).hexdigest()
    assert Pepper(tmp_path / "pepper").digest("api token", "s") == digest
    others = {
        pepper.digest("client secret", "s"),
        pepper.digest("api token", "t"),
        Pepper(tmp_path / "other").digest("api token", "s"),
    }
    assert len(others | {digest}) == 4


def test_any_text_has_a_digest(tmp_path: Path) -> None:
    """Even invalid text does not raise."""
    assert len(Pepper(tmp_path / "pepper").digest("x", "\ud800\0")) == 64
