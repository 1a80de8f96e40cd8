"""Notifications as JSON over HTTP, signed according to Standard Webhooks 1.0.

A channel created by a tenant's administrator may only reach public addresses over HTTPS, checked on each connection, or
tenants could reach into the server's network (SSRF). Whoever has the server's command line has access to that network
anyway, and may create channels to private receivers.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

import msgspec

from opencasb.model.iso_time import iso
from opencasb.notify.notifier import Envelope, Undelivered
from opencasb.outbound import Network, OutboundError, Target, demand_public

if TYPE_CHECKING:
    from opencasb.settings import Settings

SECONDS: Final = 30.0
"""Deadline in seconds for the whole request."""
PREFIX: Final = "whsec_"
LONGEST: Final = 1000
"""Maximum length of an address in characters."""
_WRITTEN: Final = re.compile(r"[!-~]+")


class Webhook:
    """Posts messages; a status of 200 to 299 acknowledges one, and the response body is never read."""

    signs = True

    def __init__(self, settings: Settings, network: Network | None = None) -> None:
        del settings
        self._network = network or Network(seconds=SECONDS / 3)

    def checked(self, address: str, *, anywhere: bool) -> str:
        """Return an address as it is stored. Raises ``ValueError``."""
        found = address.strip()
        parts = _parts(found)
        if parts is None or len(found) > LONGEST or parts.fragment or "@" in parts.netloc:
            raise ValueError(
                f"{address[:200]!r} must be an address https://HOST/… in ASCII with at most {LONGEST} characters, "
                "without user name, password and fragment"
            )
        if not anywhere:
            demand_public("address", found, parts.hostname)
        if parts.scheme != "https" and not (anywhere and parts.scheme == "http" and _is_loopback(parts.hostname or "")):
            loopback = ", or with http:// and this machine (loopback)" if anywhere else ""
            raise ValueError(f"{address[:200]!r} must begin with https://{loopback}")
        return found

    def send(self, envelope: Envelope) -> None:
        """Post a message. Raises :class:`Undelivered`."""
        host = envelope.channel.place
        try:
            status = asyncio.run(self._posted(envelope))
        except TimeoutError:
            raise Undelivered(f"{host} did not answer within {SECONDS:g} seconds") from None
        except OutboundError as error:
            raise Undelivered(str(error)) from None
        if not 200 <= status < 300:
            raise Undelivered(f"{host} answered with status {status}")

    async def _posted(self, envelope: Envelope) -> int:
        """Post the message and return the response status."""
        import httpx

        channel = envelope.channel
        target = Target(channel.address) if channel.anywhere else await self._network.pinned(channel.address)
        content = body(envelope)
        headers, extensions = {**target.headers, **signed_headers(envelope, content)}, target.extensions
        # One deadline covers everything; a handshake that it interrupted would leave its socket open.
        timeout = httpx.Timeout(None, connect=SECONDS / 3)
        try:
            async with (
                asyncio.timeout(SECONDS),
                httpx.AsyncClient(verify=self._network.trust(), timeout=timeout, trust_env=channel.anywhere) as client,
                client.stream("POST", target.url, content=content, headers=headers, extensions=extensions) as answer,
            ):
                return answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, ImportError, OSError, ValueError) as error:  # ImportError: SOCKS
            if isinstance(error, TimeoutError):
                raise
            text = "".join(filter(str.isprintable, str(error)))[:200]
            raise Undelivered(f"{channel.place} cannot be reached: {text or type(error).__name__}") from None
        finally:
            await asyncio.sleep(0)  # abandoned connections close their sockets in the next loop iteration


def body(envelope: Envelope) -> bytes:
    """Return the JSON of a message: the same on every attempt."""
    message = envelope.message
    whole = {"type": message.kind, "timestamp": iso(message.made)}
    return msgspec.json.encode({**whole, "data": {"subject": message.subject, "text": message.text, **message.facts}})


def signed_headers(envelope: Envelope, content: bytes) -> dict[str, str]:
    """Return the headers of a message; its id is the same on every attempt, so that a receiver can deduplicate."""
    seconds = str(envelope.now // 1000)
    signed = b".".join((envelope.message.message_id.encode(), seconds.encode(), content))
    key = base64.b64decode(envelope.secret.removeprefix(PREFIX))
    digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {
        "content-type": "application/json",
        "user-agent": "OpenCASB-webhook/1.0",
        "webhook-id": envelope.message.message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{digest}",
    }


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if usable and _WRITTEN.fullmatch(address) else None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
