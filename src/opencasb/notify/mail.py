"""Notifications by mail through the operator's SMTP server (RFC 5321, RFC 3207)."""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Final

from opencasb.notify.notifier import Envelope, Undelivered

if TYPE_CHECKING:
    import smtplib

    from opencasb.settings import Settings

SECONDS: Final = 20.0
"""Timeout in seconds for one response of the server; a mail takes about eight."""
LONGEST: Final = 254
"""Maximum length of an address in characters (RFC 5321 §4.5.3.1.3)."""
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class Mail:
    """Sends mail. Without a mail server (setting ``smtp_host``), mail channels cannot be created."""

    signs = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def checked(self, address: str, *, anywhere: bool) -> str:
        """Return the address as it is stored. Raises ``ValueError``, also if mail is not configured."""
        del anywhere  # mail goes to the operator's server
        found = address.strip()
        if len(found) > LONGEST or not _ADDRESS.fullmatch(found):
            raise ValueError(f"{address[:300]!r} must be a mail address in ASCII, such as ann@example.org")
        if problem := self._problem():
            raise ValueError(problem)
        return found

    def send(self, envelope: Envelope) -> None:
        """Send a mail. Raises :class:`Undelivered`."""
        import smtplib

        if problem := self._problem():
            raise Undelivered(problem)
        try:
            with self._connected() as server:
                if self._settings.smtp_user:
                    server.login(self._settings.smtp_user, self._settings.smtp_password)
                server.send_message(self._written(envelope))
        except smtplib.SMTPAuthenticationError as error:  # its text may repeat the credentials
            raise Undelivered(f"{self._server} refuses the user or the password ({error.smtp_code})") from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            text = "".join(filter(str.isprintable, str(error)))[:300]
            raise Undelivered(f"{self._server}: {text or type(error).__name__}") from None

    @property
    def _server(self) -> str:
        return f"{self._settings.smtp_host}:{self._settings.smtp_port}"

    def _problem(self) -> str:
        """Return why no mail can be sent; empty if it can."""
        settings = self._settings
        if not settings.smtp_host:
            return "no mail can be sent: no mail server is configured (setting smtp_host)"
        if not _ADDRESS.fullmatch(parseaddr(settings.smtp_from)[1]):
            return "no mail can be sent: the setting smtp_from is not a sender address"
        if settings.smtp_user and settings.smtp_tls == "none":
            return "no mail can be sent: with smtp_tls = none the password would be sent in clear text"
        if not f"{settings.smtp_user}{settings.smtp_password}".isascii():  # the library encodes nothing else
            return "no mail can be sent: smtp_user and smtp_password may only contain ASCII characters"
        return ""

    def _connected(self) -> smtplib.SMTP:
        import smtplib

        settings = self._settings
        trust = ssl.create_default_context(cafile=settings.smtp_ca)
        if settings.smtp_tls == "tls":
            return smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=SECONDS, context=trust)
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SECONDS)
        if settings.smtp_tls == "starttls":
            try:
                server.starttls(context=trust)
            except BaseException:
                server.close()
                raise
        return server

    def _written(self, envelope: Envelope) -> EmailMessage:
        message, channel, sender = envelope.message, envelope.channel, self._settings.smtp_from
        mail = EmailMessage(WIRE)
        mail["Subject"] = message.subject
        mail["From"] = sender
        mail["To"] = channel.address
        mail["Date"] = format_datetime(datetime.fromtimestamp(message.made / 1000, UTC))
        # The same on every attempt, so that a mail delivered twice is recognised as one.
        mail["Message-ID"] = f"<{message.message_id}.{channel.channel_id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        return mail
