"""Mails through a real local server that requires TLS and a password."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trustme

from opencasb.model.notification import Channel
from opencasb.notify.mail import Mail
from opencasb.notify.notifier import Envelope, Message, Undelivered
from opencasb.settings import Settings
from tests.conftest import NOW
from tests.notify.mailbox import PASSWORD, USER, Mailbox, mailing
from tests.server import free_port

CHANNEL = Channel(
    tenant_id=1,
    channel_id="c" * 24,
    kind="mail",
    address="ann@contoso.example",
    anywhere=True,
    created=NOW,
    created_by="test",
)
MESSAGE = Message("a" * 24, "test", NOW, "Größe: a subject", "Some text.\n.\nÄ last line.\n", {})
ENVELOPE = Envelope(CHANNEL, MESSAGE, NOW)


def mail(port: int, ca: Path | None, **more: Any) -> Mail:
    """Return the notifier with settings."""
    given = {
        "smtp_host": "localhost",
        "smtp_port": port,
        "smtp_user": USER,
        "smtp_password": PASSWORD,
        "smtp_from": "OpenCASB <casb@casb.example>",
        "smtp_ca": ca,
        **more,
    }
    return Mail(Settings(**given))


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_mail_arrives_as_it_was_written(ca: trustme.CA, ca_file: Path, tls: Any) -> None:
    """TLS is implicit or by STARTTLS, and the id is the same at every attempt."""
    with mailing(ca, tls) as box:
        for _ in range(2):
            mail(box.port, ca_file, smtp_tls=tls).send(ENVELOPE)
    first, second = box.mails
    assert box.recipients == ["ann@contoso.example"] * 2
    assert (first["subject"], first["to"]) == ("Größe: a subject", "ann@contoso.example")
    assert first["from"] == "OpenCASB <casb@casb.example>"
    assert first["date"] == "Thu, 20 Nov 2025 12:00:00 +0000"
    assert first["message-id"] == second["message-id"] == f"<{'a' * 24}.{'c' * 24}@casb.example>"
    assert first["auto-submitted"] == "auto-generated"
    assert first.get_content().replace("\r\n", "\n") == MESSAGE.text


def test_a_relay_without_tls_is_used_if_that_is_set(ca: trustme.CA) -> None:
    """It gets no password, which would be sent in clear text."""
    with mailing(ca, "none") as box:
        mail(box.port, None, smtp_tls="none", smtp_user="").send(ENVELOPE)
        with pytest.raises(Undelivered, match="the password would be sent in clear text"):
            mail(box.port, None, smtp_tls="none").send(ENVELOPE)
    assert len(box.mails) == 1


def test_a_password_that_smtp_cannot_carry_is_reported() -> None:
    """The library encodes ASCII only, and its error would repeat a part of the password."""
    with pytest.raises(Undelivered, match=r"smtp_password may only contain ASCII characters$"):
        mail(1, None, smtp_password="pässword").send(ENVELOPE)


def test_nothing_is_sent_past_a_server_that_is_not_trusted(ca: trustme.CA, tmp_path: Path, ca_file: Path) -> None:
    """Its certificate is untrusted, or it offers no TLS."""
    other = tmp_path / "other.pem"
    other.write_bytes(trustme.CA().cert_pem.bytes())
    for tls in ("starttls", "tls"):
        with mailing(ca, tls) as box, pytest.raises(Undelivered, match="certificate verify failed"):
            mail(box.port, other, smtp_tls=tls).send(ENVELOPE)
    with mailing(ca, "none") as box, pytest.raises(Undelivered, match="STARTTLS extension not supported"):
        mail(box.port, ca_file).send(ENVELOPE)
    assert box.mails == []


def test_why_a_mail_was_not_taken_is_told_without_the_password(box: Mailbox, ca_file: Path) -> None:
    """A rejected recipient, a wrong password, and no server."""
    box.refusals = ["550 no such mailbox"]
    with pytest.raises(Undelivered, match="no such mailbox"):
        mail(box.port, ca_file).send(ENVELOPE)
    with pytest.raises(Undelivered, match="refuses the user or the password") as refused:
        mail(box.port, ca_file, smtp_password="wrong-one").send(ENVELOPE)
    assert "wrong-one" not in str(refused.value)
    with pytest.raises(Undelivered, match="localhost:"):
        mail(free_port(), ca_file).send(ENVELOPE)
    assert (box.mails, PASSWORD in repr(Settings(smtp_password=PASSWORD))) == ([], False)


@pytest.mark.parametrize(
    "address",
    ["", "ann", "ann@", "@example.org", "a b@example.org", "ann@example.org\r\nBcc: bob@example.org", "é@example.org"],
)
def test_what_is_no_address_is_refused(box: Mailbox, ca_file: Path, address: str) -> None:
    """A line break is the worst case."""
    with pytest.raises(ValueError, match="must be a mail address in ASCII"):
        mail(box.port, ca_file).checked(address, anywhere=True)
    assert mail(box.port, ca_file).checked(" ann@example.org ", anywhere=True) == "ann@example.org"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"smtp_host": ""}, "no mail server is configured .setting smtp_host."),
        ({"smtp_from": ""}, "the setting smtp_from is not a sender address"),
    ],
)
def test_without_settings_there_are_no_mails(ca_file: Path, given: dict[str, str], words: str) -> None:
    """A new channel is rejected, and deliveries of an existing one wait."""
    unset = mail(1, ca_file, **given)
    with pytest.raises(ValueError, match=words):
        unset.checked("ann@example.org", anywhere=True)
    with pytest.raises(Undelivered, match=words):
        unset.send(ENVELOPE)
