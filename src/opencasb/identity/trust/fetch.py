"""Reads a document of an external directory over HTTPS, within limits of size and time (identity §7.5)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from opencasb.identity.trust.documents import LARGEST

if TYPE_CHECKING:
    import httpx

_HEADERS: Final = {"accept": "application/json", "accept-encoding": "identity"}
SECONDS: Final = 5.0
"""The longest that a document may take, from the first packet to the last byte."""

Fetch = Callable[[str], bytes]
"""Returns the document at an address; raises :class:`Unreachable`."""


class Unreachable(Exception):
    """A document could not be read; the message says why."""


class HttpsFetch:
    """Reads documents; the proxy and the CA of the environment are used (``HTTPS_PROXY``, ``SSL_CERT_FILE``).

    Called from threads, never inside an event loop.
    """

    def __init__(self, *, context: ssl.SSLContext | None = None, seconds: float = SECONDS) -> None:
        """``context`` replaces the trusted CAs; ``seconds`` are for a whole document."""
        self._context = context
        self._seconds = seconds

    def __call__(self, url: str, form: Mapping[str, str] | None = None, basic: tuple[str, str] | None = None) -> bytes:
        """Return a document, or the answer to a form; ``basic`` is a name and a secret for HTTP Basic.

        Raises :class:`Unreachable`: also for a redirect.
        """
        if not url.startswith("https://"):
            raise Unreachable("only https:// is read")
        try:
            return asyncio.run(self._within_time(url, form, basic))
        except TimeoutError:
            raise Unreachable(f"no complete answer within {self._seconds:g} seconds") from None
        except Unreachable:
            raise
        except Exception as error:  # noqa: BLE001 -- the network has many, and none of them may end a call
            raise Unreachable(f"{type(error).__name__}: {error}") from None

    async def _within_time(self, url: str, form: Mapping[str, str] | None, basic: tuple[str, str] | None) -> bytes:
        import httpx

        # One deadline for everything: the client's own limits begin anew with every packet.
        async with (
            asyncio.timeout(self._seconds),
            httpx.AsyncClient(verify=self._context or True, follow_redirects=False, timeout=None) as client,  # noqa: S113 -- see above
            client.stream("GET" if form is None else "POST", url, data=form, headers=_HEADERS, auth=basic) as answer,
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
