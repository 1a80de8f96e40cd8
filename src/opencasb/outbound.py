"""Outbound requests to public addresses only: of probes, and to addresses that a tenant's administrator chose (SSRF).

A name is resolved once per request and the connection goes to exactly that address, so that the address checked is the
one contacted. Through a proxy the address would be unknown: see :mod:`opencasb.environment_proxy`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from opencasb.environment_proxy import proxy_for
from opencasb.model.host_name import host_name

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str], Awaitable[list[str]]]
"""Returns the addresses of a host as text; raises ``OSError``."""

SECONDS: Final = 10.0
"""Usual time limit for finding an address, and for one exchange there."""

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_PROTOCOLS: Final = ipaddress.ip_network("192.0.0.0/24")
"""Global before Python 3.11.10 (RFC 6890 §2.2.2); a cloud has the secrets of its machines at 192.0.0.192."""


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
        if address.is_site_local or (inside is not None and not is_public(inside)):
            return False
    elif address in _PROTOCOLS:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


async def resolved(host: str) -> list[str]:
    """Return the addresses of a host from this machine's resolver."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def usual_trust() -> ssl.SSLContext:
    """Return a context with the default CAs, or those in ``SSL_CERT_FILE`` if it is set."""
    import httpx

    return httpx.create_ssl_context()


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send a request: a URL, what has to go with it if an address took the place of the host name, a proxy."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    extensions: dict[str, str] = field(default_factory=dict)
    proxy: str | None = field(default=None, repr=False)  # may hold a password


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

    async def target(self, url: str) -> Target:
        """Return a URL with the environment's proxy if its host may have that, or with a public address.

        It is for the very next request. Raises :class:`OutboundError`.
        """
        proxy = proxy_for(url)
        return await self.pinned(url) if proxy is None else Target(url, proxy=proxy)

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
