"""The server's TLS settings."""

from __future__ import annotations

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from trustme import KeyType

from opencasb.identity.tls import Tls
from opencasb.setting_values import WrongSettings
from opencasb.settings import Settings
from tests.identity.standin import HandClock

DAY = 24 * 3600 * 1000


@pytest.fixture
def hand() -> HandClock:
    """Return a clock close to the real time, which OpenSSL uses."""
    return HandClock(int(datetime.now(UTC).timestamp() * 1000))


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, Path]:
    """Write an operator's certificate and key."""
    made = trustme.CA().issue_cert("casb.example")
    files = (tmp_path / "own.pem", tmp_path / "own.key")
    made.cert_chain_pems[0].write_to_path(files[0])
    made.private_key_pem.write_to_path(files[1])
    return files


def test_without_settings_the_local_certificate_is_served(tmp_path: Path, hand: HandClock) -> None:
    """The files exist after the first call, and the CA is logged."""
    tls = Tls(Settings(data=tmp_path, tls_names=("casb.example",)), hand)
    certificate, key = tls.ensure()
    assert certificate.exists()
    assert key.exists()
    assert tls.authority == tmp_path / "ca.pem"
    assert tls.server_context() is tls.server_context()
    assert tls.server_context().minimum_version >= ssl.TLSVersion.TLSv1_2


def test_the_operators_certificate_is_served_as_it_is(tmp_path: Path, hand: HandClock, own: tuple[Path, Path]) -> None:
    """No CA is created or to be trusted."""
    tls = Tls(Settings(data=tmp_path / "data", tls_certificate=own[0], tls_key=own[1]), hand)
    assert tls.ensure() == own
    assert tls.server_context()
    assert tls.authority is None
    assert not (tmp_path / "data").exists()


def test_renewal_reaches_the_context_in_use(tmp_path: Path, hand: HandClock) -> None:
    """A context already in use serves the renewed certificate."""
    tls = Tls(Settings(data=tmp_path), hand)
    context = tls.server_context()
    before = tls.ensure()[0].read_bytes()
    hand.now += 380 * DAY
    tls.renew()
    assert tls.ensure()[0].read_bytes() != before
    assert tls.server_context() is context


def presented(context: ssl.SSLContext, name: str, trusted: Path) -> x509.Certificate:
    """Do a handshake in memory as a client that requests ``name``, and return the server's certificate."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(to_server, to_client, server_side=True)
    client = ssl.create_default_context(cafile=str(trusted)).wrap_bio(to_client, to_server, server_hostname=name)
    for side in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    return x509.load_der_x509_certificate(client.getpeercert(binary_form=True) or b"")


def test_an_own_certificate_that_was_replaced_is_served_after_the_hour(
    tmp_path: Path, hand: HandClock, own: tuple[Path, Path]
) -> None:
    """A broken file changes nothing: the previous certificate is still served."""
    tls = Tls(Settings(data=tmp_path / "data", tls_certificate=own[0], tls_key=own[1]), hand)
    context = tls.server_context()
    authority = trustme.CA()
    made, trusted = authority.issue_cert("casb.example"), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(trusted)
    with pytest.raises(ssl.SSLCertVerificationError):
        presented(context, "casb.example", trusted)
    made.cert_chain_pems[0].write_to_path(own[0])
    made.private_key_pem.write_to_path(own[1])
    tls.renew()
    served = presented(context, "casb.example", trusted)
    own[0].write_text("-----BEGIN CERTIFICATE-----")
    with pytest.raises(ValueError, match="tls_certificate"):
        tls.renew()
    assert presented(context, "casb.example", trusted) == served


@pytest.mark.parametrize("kinds", [(KeyType.RSA, KeyType.ECDSA), (KeyType.ECDSA, KeyType.RSA)])
@pytest.mark.parametrize("name", ["casb.example", "192.0.2.7"])
def test_a_key_of_another_kind_replaces_the_old_one(
    tmp_path: Path, hand: HandClock, kinds: tuple[KeyType, KeyType], name: str
) -> None:
    """Whatever the client prefers, the previous certificate is not served again, even without a server name."""
    files, trusted, authority = (tmp_path / "own.pem", tmp_path / "own.key"), tmp_path / "ca.pem", trustme.CA()
    authority.cert_pem.write_to_path(trusted)

    def write(kind: KeyType) -> x509.Certificate:
        made = authority.issue_cert(name, key_type=kind)
        made.cert_chain_pems[0].write_to_path(files[0])
        made.private_key_pem.write_to_path(files[1])
        return x509.load_pem_x509_certificate(made.cert_chain_pems[0].bytes())

    first = write(kinds[0])
    tls = Tls(Settings(data=tmp_path / "data", tls_certificate=files[0], tls_key=files[1]), hand)
    context = tls.server_context()
    assert presented(context, name, trusted) == first
    second = write(kinds[1])
    tls.renew()
    assert presented(context, name, trusted) == second


def test_names_of_the_upstream_service_have_a_certificate_of_a_ca_apart(tmp_path: Path, hand: HandClock) -> None:
    """Only if enabled; each CA is limited to its own names, so trusting one does not imply trusting the other."""
    tls = Tls(Settings(data=tmp_path, tls_names=("casb.example",), host_alias=True), hand)
    context, lab, local = tls.server_context(), tmp_path / "lab" / "ca.pem", tmp_path / "ca.pem"
    portals = [f"{host}portal.cloudappsecurity.com" for host in ("", "contoso.", "contoso.us.", "contoso.eu2.")]
    for name in ("login.microsoftonline.com", "graph.microsoft.com", *portals):
        assert "lab CA" in presented(context, name, lab).issuer.rfc4514_string()
        with pytest.raises(ssl.SSLCertVerificationError):
            presented(context, name, local)
    for name in ("localhost", "casb.example"):
        assert "local CA" in presented(context, name, local).issuer.rfc4514_string()
        with pytest.raises(ssl.SSLCertVerificationError):
            presented(context, name, lab)
    before = presented(context, "graph.microsoft.com", lab)
    hand.now += 370 * DAY
    tls.renew()
    assert x509.load_pem_x509_certificate((tmp_path / "lab" / "tls" / "server.pem").read_bytes()) != before
    plain = Tls(Settings(data=tmp_path / "plain"), hand).server_context()
    with pytest.raises(ssl.SSLCertVerificationError):
        presented(plain, "graph.microsoft.com", tmp_path / "plain" / "ca.pem")
    assert not (tmp_path / "plain" / "lab").exists()


def test_files_that_do_not_fit_are_refused(tmp_path: Path, hand: HandClock, own: tuple[Path, Path]) -> None:
    """A missing file, not PEM, another certificate's key, or one file without the other: the settings are named."""
    other = tmp_path / "other.key"
    trustme.CA().issue_cert("casb.example").private_key_pem.write_to_path(other)
    (tmp_path / "none.pem").write_text("no PEM")
    for certificate, key, told in (
        (own[0], other, r"^setting tls_certificate: allowed: .*tls_key.*KEY_VALUES_MISMATCH.*other\.key"),
        (tmp_path / "none.pem", own[1], r"^setting tls_certificate: allowed: .*none\.pem"),
        (own[0], tmp_path / "absent", r"^setting tls_key: No such file or directory \(got '.*absent'\)$"),
        (tmp_path / "absent", own[1], r"^setting tls_certificate: No such file or directory \(got '.*absent'\)$"),
        (own[0], None, "^setting tls_key: it belongs to tls_certificate"),
        (None, own[1], "^setting tls_certificate: it belongs to tls_key"),
    ):
        with pytest.raises(WrongSettings, match=told):
            Tls(Settings(data=tmp_path, tls_certificate=certificate, tls_key=key), hand).ensure()


def test_a_name_that_is_none_is_refused(tmp_path: Path, hand: HandClock) -> None:
    """With the settings that it may come from."""
    with pytest.raises(WrongSettings, match=r"^setting tls_names or public_url: 'a b' is neither a host name nor"):
        Tls(Settings(data=tmp_path, tls_names=("a b",)), hand).ensure()


def test_a_context_may_ask_for_certificates_of_clients(tmp_path: Path, hand: HandClock) -> None:
    """With a file of CAs; without one it asks for none, and a file without any is named."""
    tls, authorities = Tls(Settings(data=tmp_path), hand), tmp_path / "clients.pem"
    trustme.CA().cert_pem.write_to_path(str(authorities))
    assert tls.syslog_context(None).verify_mode is ssl.CERT_NONE
    asking = tls.syslog_context(authorities)
    assert asking.verify_mode is ssl.CERT_REQUIRED
    assert tls.syslog_context(authorities) is asking
    tls.renew()
    for wrong in (tmp_path / "absent.pem", Path(__file__)):
        with pytest.raises(ValueError, match=wrong.name):
            tls.syslog_context(wrong)


def test_a_syslog_sender_that_never_reads_loses_nothing_when_it_closes(tmp_path: Path, hand: HandClock) -> None:
    """Unread session tickets would make its close a reset, and what it had still to send would be gone."""
    serving, sent = Tls(Settings(data=tmp_path), hand).syslog_context(None), b"<134>one line\n" * 10_000
    trusting = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    with socket.create_server(("127.0.0.1", 0)) as opened, ThreadPoolExecutor() as threads:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # most waits at the sender
        taken = threads.submit(lambda: serving.wrap_socket(opened.accept()[0], server_side=True))
        connected = socket.create_connection(opened.getsockname())
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * len(sent))
        with trusting.wrap_socket(connected, server_hostname="localhost") as sender:
            sender.sendall(sent)
            connection = taken.result()
        with connection:
            assert b"".join(iter(lambda: connection.recv(65536), b"")) == sent
