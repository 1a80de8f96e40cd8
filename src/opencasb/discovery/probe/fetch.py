"""Fetch a page over verified HTTPS from a public address, with limits on size, time and redirects."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from opencasb.outbound import Network, OutboundError, Target

if TYPE_CHECKING:
    import httpx

Follow = Callable[[str], Awaitable[bool]]
"""Decides whether to follow a redirect to a URL with a host; may raise :class:`OutboundError`."""

MOST_REDIRECTS: Final = 3
USER_AGENT: Final = "OpenCASB-probe/1.0 (measures TLS and headers of apps in use; one visit per app)"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """A page: its final URL, and what was read of it."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


async def always(_url: str) -> bool:
    """Follow every redirect."""
    return True


async def fetch(network: Network, url: str, most: int, follow: Follow = always, *, cut: bool = False) -> Answer:
    """Return a page, following the redirects that ``follow`` accepts.

    A page of more than ``most`` bytes is truncated if ``cut``, or refused. Raises :class:`OutboundError`.
    """
    for _ in range(MOST_REDIRECTS + 1):
        answer = await _one(network, url, most, cut=cut)
        if answer.status not in _REDIRECTS:
            return answer
        url = _redirected(url, answer.headers.get("location", ""))
        if not await follow(url):
            return answer
    raise OutboundError(f"more than {MOST_REDIRECTS} redirects")


async def _one(network: Network, url: str, most: int, *, cut: bool) -> Answer:
    import httpx

    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or network.port
    except ValueError:
        raise OutboundError(f"{url[:100]!r} is not an address") from None
    if parts.scheme != "https" or port != network.port:
        raise OutboundError(f"{url[:100]!r} is not https at its usual port")
    target = await network.pinned(url)
    try:
        async with asyncio.timeout(network.seconds):
            return await _read(network, target, url, most, cut=cut)
    except TimeoutError:
        raise OutboundError(f"{host} did not answer within {network.seconds:g} seconds") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise OutboundError(f"{host}: {type(error).__name__}: {error}"[:300]) from None
    finally:
        await asyncio.sleep(0)  # abandoned connections close their sockets in the next iteration


async def _read(network: Network, target: Target, url: str, most: int, *, cut: bool) -> Answer:
    import httpx

    headers = {**target.headers, "user-agent": USER_AGENT, "accept": "*/*", "accept-encoding": "identity"}
    # The caller sets one deadline for everything; if it interrupted a handshake, the socket would stay open.
    timeout = httpx.Timeout(None, connect=network.seconds / 2)
    async with (
        httpx.AsyncClient(verify=network.trust(), timeout=timeout, trust_env=False) as client,
        client.stream("GET", target.url, headers=headers, extensions=target.extensions) as answer,
    ):
        return Answer(url, answer.status_code, dict(answer.headers), await _content(answer, most, cut=cut))


def _redirected(url: str, location: str) -> str:
    """Return the URL of a redirect. Raises :class:`OutboundError`."""
    try:
        return urljoin(url, location)
    except ValueError:
        raise OutboundError(f"{location[:100]!r} is not an address") from None


async def _content(answer: httpx.Response, most: int, *, cut: bool) -> bytes:
    content = bytearray()
    if most:
        async for piece in answer.aiter_raw():
            content += piece
            if len(content) > most:
                if cut:
                    break
                raise OutboundError(f"more than {most} bytes")
    return bytes(content[:most])
