"""The local CA and its certificates."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509

from opencasb.identity.local_ca import ALWAYS, ensure_certificate
from tests.identity.standin import HandClock

DAY = 24 * 3600 * 1000


@pytest.fixture
def hand() -> HandClock:
    """Return a clock close to the real time, which OpenSSL uses."""
    return HandClock(int(datetime.now(UTC).timestamp() * 1000))


def _certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _shake_hands(files: tuple[Path, Path], authority: Path, name: str) -> None:
    """Do an in-memory TLS handshake: a server with ``files``, a client that trusts ``authority`` for ``name``."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*files)
    client = ssl.create_default_context(cafile=str(authority))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(6):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert ends[0].version() in {"TLSv1.2", "TLSv1.3"}


def test_the_first_start_makes_what_a_client_can_trust(tmp_path: Path, hand: HandClock) -> None:
    """With ca.pem alone, a strict client accepts the server by every configured name, and no other."""
    files = ensure_certificate(tmp_path, ["casb.example", "192.0.2.9"], hand)
    for name in (*ALWAYS, "casb.example", "192.0.2.9"):
        _shake_hands(files, tmp_path / "ca.pem", name)
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(files, tmp_path / "ca.pem", "other.example")


def test_files_are_private_except_the_ca_certificate(tmp_path: Path, hand: HandClock) -> None:
    """Only their owner can read keys; ca.pem has no key."""
    ensure_certificate(tmp_path, [], hand)
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700
    assert {stat.S_IMODE((tmp_path / "tls" / name).stat().st_mode) for name in ("ca.key", "server.key")} == {0o600}
    assert b"PRIVATE" not in (tmp_path / "ca.pem").read_bytes()


def test_the_ca_is_constrained_to_its_names(tmp_path: Path, hand: HandClock) -> None:
    """Trusting it is safe for other hosts: it can only sign for the configured names, and for no other CA."""
    ensure_certificate(tmp_path, ["casb.example", "*.lab.example"], hand)
    authority = _certificate(tmp_path / "ca.pem")
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints)
    basic = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert {name.value for name in constraints.value.permitted_subtrees or ()} == {
        "localhost",
        "casb.example",
        "lab.example",
        ip_network("127.0.0.1/32"),
        ip_network("::1/128"),
    }
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)


def test_the_leaf_is_as_clients_want_it(tmp_path: Path, hand: HandClock) -> None:
    """It is valid for at most 397 days, has all host names, and is for servers."""
    leaf = _certificate(ensure_certificate(tmp_path, ["casb.example"], hand)[0])
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=397)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "casb.example"]
    assert names.get_values_for_type(x509.IPAddress) == [ip_address("127.0.0.1"), ip_address("::1")]


def test_a_good_certificate_is_left_alone_and_an_old_one_renewed(tmp_path: Path, hand: HandClock) -> None:
    """Thirty days before expiry the leaf is renewed, while the trusted CA stays."""
    before = _certificate(ensure_certificate(tmp_path, [], hand)[0])
    authority = (tmp_path / "ca.pem").read_bytes()
    hand.now += 365 * DAY
    assert _certificate(ensure_certificate(tmp_path, [], hand)[0]) == before
    hand.now += 2 * DAY
    renewed = _certificate(ensure_certificate(tmp_path, [], hand)[0])
    assert renewed != before
    assert renewed.not_valid_after_utc > before.not_valid_after_utc + timedelta(days=300)
    assert (tmp_path / "ca.pem").read_bytes() == authority


def test_a_ca_ends_before_its_leaves_would(tmp_path: Path, hand: HandClock) -> None:
    """A CA that would expire before a new leaf is replaced in time."""
    ensure_certificate(tmp_path, [], hand)
    authority = (tmp_path / "ca.pem").read_bytes()
    hand.now += (3650 - 390) * DAY
    files = ensure_certificate(tmp_path, [], hand)
    assert (tmp_path / "ca.pem").read_bytes() != authority
    _certificate(files[0]).verify_directly_issued_by(_certificate(tmp_path / "ca.pem"))


def test_names_decide_over_leaf_and_ca(tmp_path: Path, hand: HandClock) -> None:
    """A new name requires a new CA; removing one only a new leaf."""
    ensure_certificate(tmp_path, ["casb.example"], hand)
    first = (tmp_path / "ca.pem").read_bytes()
    fewer = ensure_certificate(tmp_path, [], hand)
    names = _certificate(fewer[0]).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert (tmp_path / "ca.pem").read_bytes() == first
    more = ensure_certificate(tmp_path, ["other.example"], hand)
    assert (tmp_path / "ca.pem").read_bytes() != first
    _shake_hands(more, tmp_path / "ca.pem", "other.example")


@pytest.mark.parametrize("name", ["server.pem", "server.key", "ca.pem", "ca.key"])
@pytest.mark.parametrize("damage", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_lost_or_damaged_file_is_made_anew(tmp_path: Path, hand: HandClock, name: str, damage: bytes | None) -> None:
    """Whatever happened to a file, the next start serves a certificate that ca.pem verifies."""
    ensure_certificate(tmp_path, [], hand)
    path = tmp_path / "tls" / name
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    _shake_hands(ensure_certificate(tmp_path, [], hand), tmp_path / "ca.pem", "localhost")


@pytest.mark.parametrize("name", ["", "a b", "ü" * 70, "https://casb.example", "a/b"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, hand: HandClock, name: str) -> None:
    """The message has the setting and the value."""
    with pytest.raises(ValueError, match="is neither a host name nor an IP address"):
        ensure_certificate(tmp_path, [name], hand)


def test_names_beyond_ascii_are_encoded(tmp_path: Path, hand: HandClock) -> None:
    """An internationalised name is in the certificate in the form that clients look up."""
    leaf = _certificate(ensure_certificate(tmp_path, ["münchen.example"], hand)[0])
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "xn--mnchen-3ya.example" in names.get_values_for_type(x509.DNSName)
