"""Fetch a document of an external directory over HTTPS, with limits on size and time (identity §7.5)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from opencasb.identity.trust.documents import LARGEST
from opencasb.outbound import Network, OutboundError, Target, usual_trust

if TYPE_CHECKING:
    import httpx

_HEADERS: Final = {"accept": "application/json", "accept-encoding": "identity"}
SECONDS: Final = 5.0
"""Maximum time in seconds for a document, from the first packet to the last byte."""

Fetch = Callable[[str], bytes]
"""Returns the document at a URL; raises :class:`Unreachable`."""


class Unreachable(Exception):
    """A document could not be fetched; the message says why."""


class HttpsFetch:
    """Fetches documents with the environment's CA (``SSL_CERT_FILE``), and its proxy as far as a network allows.

    Call it from threads, never inside an event loop.
    """

    def __init__(
        self, network: Network | None = None, *, context: ssl.SSLContext | None = None, seconds: float = SECONDS
    ) -> None:
        """``network`` limits the addresses, for URLs that a tenant's administrator chose.

        ``context`` replaces the trusted CAs; ``seconds`` is the limit for a whole document.
        """
        self._network = network
        self._context = context
        self._seconds = seconds

    def __call__(self, url: str, form: Mapping[str, str] | None = None, basic: tuple[str, str] | None = None) -> bytes:
        """Return a document, or the response to a form; ``basic`` is a name and a secret for HTTP Basic.

        Raises :class:`Unreachable`, also for a redirect.
        """
        if not url.startswith("https://"):
            raise Unreachable("only https:// is read")
        try:
            return asyncio.run(self._within_time(url, form, basic))
        except TimeoutError:
            raise Unreachable(f"no complete answer within {self._seconds:g} seconds") from None
        except Unreachable:
            raise
        except OutboundError as error:
            raise Unreachable(str(error)) from None
        except Exception as error:  # noqa: BLE001 -- network errors have many types, and none may end a call
            raise Unreachable(f"{type(error).__name__}: {error}") from None

    async def _within_time(self, url: str, form: Mapping[str, str] | None, basic: tuple[str, str] | None) -> bytes:
        import httpx

        method, trust = "GET" if form is None else "POST", self._context or usual_trust()
        # One deadline for everything: the client's own timeouts restart with every packet.
        async with asyncio.timeout(self._seconds):
            target = Target(url) if self._network is None else await self._network.target(url)
            headers, more = {**_HEADERS, **target.headers}, target.extensions
            async with (
                httpx.AsyncClient(
                    verify=trust,
                    proxy=target.proxy,
                    trust_env=self._network is None,
                    follow_redirects=False,
                    timeout=None,  # noqa: S113 -- see above
                ) as client,
                client.stream(method, target.url, data=form, headers=headers, auth=basic, extensions=more) as answer,
            ):
                return await _content(answer)


async def _content(answer: httpx.Response) -> bytes:
    if answer.status_code != 200:
        raise Unreachable(f"status {answer.status_code} instead of 200")
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise Unreachable("a compressed answer was not asked for")
    content = bytearray()
    async for piece in answer.aiter_raw():
        content += piece
        if len(content) > LARGEST:
            raise Unreachable(f"more than {LARGEST} bytes")
    return bytes(content)
