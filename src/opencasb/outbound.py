"""Outbound requests to public addresses only: of probes, and to addresses that a tenant's administrator chose (SSRF).

A name is resolved once per request and the connection goes to exactly that address, so that the address checked is the
one contacted. Proxies from the environment are not used, since through them the address would be unknown.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from opencasb.model.host_name import host_name

if TYPE_CHECKING:
    import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str], Awaitable[list[str]]]
"""Returns the addresses of a host as text; raises ``OSError``."""

Follow = Callable[[str], Awaitable[bool]]
"""Decides whether to follow a redirect to a URL with a host; may raise :class:`OutboundError`."""

SECONDS: Final = 10.0
"""Time limit for one page or one handshake."""

MOST_REDIRECTS: Final = 3
USER_AGENT: Final = "OpenCASB-probe/1.0 (measures TLS and headers of apps in use; one visit per app)"
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class OutboundError(Exception):
    """A request could not be sent, or its response not be used; the message says why."""


class NotPublic(OutboundError):
    """A host is not public; a retry is pointless."""


def demand_public(name: str, value: str, host: str | None) -> None:
    """Check the host in a field that a tenant's administrator chose. Raises ``ValueError``.

    The addresses of a host name are checked later, on each connection.
    """
    if host_name(host or "") is None:
        raise ValueError(
            f"{name} {value[:200]!r} must have a public host name; the operator can set others on the command line"
        )


def is_public(address: Address) -> bool:
    """Return whether an address is on the public internet, including any address embedded in it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:  # synthesised by resolvers on networks without IPv4
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inside = address.ipv4_mapped or address.sixtofour
        if inside is not None and not is_public(inside):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


async def resolved(host: str) -> list[str]:
    """Return the addresses of a host from this machine's resolver."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


async def always(_url: str) -> bool:
    """Follow every redirect."""
    return True


def usual_trust() -> ssl.SSLContext:
    """Return a context with the default CAs, or those in ``SSL_CERT_FILE`` if it is set."""
    import httpx

    return httpx.create_ssl_context()


@dataclass(frozen=True, slots=True)
class Answer:
    """A page: its final URL, and what was read of it."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send a request: a URL, and what has to go with it if an address took the place of the host name."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    extensions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Network:
    """The internet, or a stand-in for it: ``port`` is the HTTPS port, ``trust`` makes contexts with the CAs."""

    resolve: Resolve = resolved
    allowed: Callable[[Address], bool] = is_public
    port: int = 443
    trust: Callable[[], ssl.SSLContext] = usual_trust
    seconds: float = SECONDS

    async def address(self, host: str) -> str:
        """Return a public address of a host. Raises :class:`OutboundError`, also if any address is not public."""
        name = host_name(host)
        if name is None:
            raise NotPublic(f"{host[:100]!r} is not a host name")
        try:
            async with asyncio.timeout(self.seconds):
                found = [ipaddress.ip_address(text) for text in await self.resolve(name)]
        except (OSError, ValueError, TimeoutError):
            raise OutboundError(f"{name} has no address") from None
        if not found:
            raise OutboundError(f"{name} has no address")
        if not all(map(self.allowed, found)):
            raise NotPublic(f"{name} has an address that is not public")
        return str(min(found, key=lambda address: address.version))  # not every machine has IPv6

    async def pinned(self, url: str) -> Target:
        """Return a URL with a public address in place of its host, for the very next request without a proxy.

        TLS still asks for the certificate of the host. Raises :class:`OutboundError`.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or self.port
        except ValueError:
            raise OutboundError(f"{url[:100]!r} is not an address") from None
        found = await self.address(host)
        literal = f"[{found}]" if ":" in found else found
        at_address = parts._replace(netloc=f"{literal}:{port}").geturl()
        return Target(at_address, {"host": parts.netloc.rpartition("@")[2]}, {"sni_hostname": host})

    async def get(self, url: str, most: int, follow: Follow = always, *, cut: bool = False) -> Answer:
        """Return a page over verified HTTPS, following the redirects that ``follow`` accepts.

        A page of more than ``most`` bytes is truncated if ``cut``, or refused. Raises :class:`OutboundError`.
        """
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._one(url, most, cut=cut)
            if answer.status not in _REDIRECTS:
                return answer
            url = _target(url, answer.headers.get("location", ""))
            if not await follow(url):
                return answer
        raise OutboundError(f"more than {MOST_REDIRECTS} redirects")

    async def _one(self, url: str, most: int, *, cut: bool) -> Answer:
        import httpx

        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or self.port
        except ValueError:
            raise OutboundError(f"{url[:100]!r} is not an address") from None
        if parts.scheme != "https" or port != self.port:
            raise OutboundError(f"{url[:100]!r} is not https at its usual port")
        target = await self.pinned(url)
        try:
            async with asyncio.timeout(self.seconds):
                return await self._read(target, url, most, cut=cut)
        except TimeoutError:
            raise OutboundError(f"{host} did not answer within {self.seconds:g} seconds") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise OutboundError(f"{host}: {type(error).__name__}: {error}"[:300]) from None
        finally:
            await asyncio.sleep(0)  # abandoned connections close their sockets in the next iteration

    async def _read(self, target: Target, url: str, most: int, *, cut: bool) -> Answer:
        import httpx

        headers = {**target.headers, "user-agent": USER_AGENT, "accept": "*/*", "accept-encoding": "identity"}
        # The caller sets one deadline for everything; if it interrupted a handshake, the socket would stay open.
        timeout = httpx.Timeout(None, connect=self.seconds / 2)
        async with (
            httpx.AsyncClient(verify=self.trust(), timeout=timeout, trust_env=False) as client,
            client.stream("GET", target.url, headers=headers, extensions=target.extensions) as answer,
        ):
            return Answer(url, answer.status_code, dict(answer.headers), await _content(answer, most, cut=cut))


def _target(url: str, location: str) -> str:
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
