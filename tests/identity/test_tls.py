"""TLS settings of the server."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from opencasb.identity.tls import Tls
from tests.identity.standin import HandClock

DAY = 24 * 3600 * 1000


@pytest.fixture
def hand() -> HandClock:
    """Return a clock near the real time, by which OpenSSL judges."""
    return HandClock(int(datetime.now(UTC).timestamp() * 1000))


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, Path]:
    """Write a certificate of the operator's and its key."""
    made = trustme.CA().issue_cert("casb.example")
    files = (tmp_path / "own.pem", tmp_path / "own.key")
    made.cert_chain_pems[0].write_to_path(files[0])
    made.private_key_pem.write_to_path(files[1])
    return files


def test_without_settings_the_local_certificate_is_served(tmp_path: Path, hand: HandClock) -> None:
    """The files exist after the first call, and the CA is told."""
    tls = Tls(tmp_path, hand, names=["casb.example"])
    certificate, key = tls.ensure()
    assert certificate.exists()
    assert key.exists()
    assert tls.authority == tmp_path / "ca.pem"
    assert tls.server_context() is tls.server_context()
    assert tls.server_context().minimum_version >= ssl.TLSVersion.TLSv1_2


def test_the_operators_certificate_is_served_as_it_is(tmp_path: Path, hand: HandClock, own: tuple[Path, Path]) -> None:
    """No CA is made, and none is to be trusted."""
    tls = Tls(tmp_path / "data", hand, certificate=own[0], key=own[1])
    assert tls.ensure() == own
    assert tls.server_context()
    assert tls.authority is None
    assert not (tmp_path / "data").exists()


def test_renewal_reaches_the_context_in_use(tmp_path: Path, hand: HandClock) -> None:
    """The context that was handed out serves the renewed certificate."""
    tls = Tls(tmp_path, hand)
    context = tls.server_context()
    before = tls.ensure()[0].read_bytes()
    hand.now += 380 * DAY
    tls.renew()
    assert tls.ensure()[0].read_bytes() != before
    assert tls.server_context() is context


def test_files_that_do_not_fit_are_refused(tmp_path: Path, hand: HandClock, own: tuple[Path, Path]) -> None:
    """A missing file, a key of another certificate, or one file without the other: the message names the settings."""
    other = tmp_path / "other.key"
    trustme.CA().issue_cert("casb.example").private_key_pem.write_to_path(other)
    for certificate, key in ((own[0], other), (own[0], tmp_path / "absent"), (own[0], None), (None, own[1])):
        with pytest.raises(ValueError, match=r"tls_certificate.*tls_key"):
            Tls(tmp_path, hand, certificate=certificate, key=key).ensure()
