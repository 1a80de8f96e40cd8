"""The settings of identity, and the names and addresses that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from opencasb.identity.host_alias import AUTHORITY, GRAPH_HOST

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1")
"""The names by which plain HTTP is asked for."""


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """The settings of identity.

    ``public_url`` is the address that clients use and ``host_names`` are further names of this server; ``issuer_base``
    is the start of ``iss`` where it differs from the address. ``token_lifetime`` is in seconds, 600 to 86400. With
    ``host_alias`` the names of the upstream service are this server's, too (identity §4). It listens at ``port``, and
    on this machine at ``http_port`` without TLS; 0 is none, or one that is not known.
    """

    public_url: str
    issuer_base: str = ""
    token_lifetime: int = 3600
    host_names: tuple[str, ...] = ()
    host_alias: bool = False
    port: int = 0
    http_port: int = 0

    @property
    def bases(self) -> frozenset[str]:
        """Every address of this server that assertions may name: none comes from a request (identity §5.1)."""
        names = [f"[{name}]" if ":" in name else name for name in self.hosts - {AUTHORITY, GRAPH_HOST}]
        ports = {urlsplit(self.public_url).port or 443, self.port or 443}
        found = {f"https://{name}:{port}".removesuffix(":443") for name in names for port in ports}
        if self.http_port:
            found |= {f"http://{name}:{self.http_port}" for name in LOOPBACK_NAMES}
        alias = f"https://{AUTHORITY}" if self.host_alias else ""
        return frozenset({*found, self.public_url, self.issuer_base, alias} - {""})

    @property
    def hosts(self) -> frozenset[str]:
        """Every host name of this server, in lower case and without ports."""
        names = {urlsplit(self.public_url).hostname or "", "localhost", "127.0.0.1", "::1", *self.host_names}
        if self.host_alias:
            names |= {AUTHORITY, GRAPH_HOST}
        return frozenset(name.lower() for name in names if name)
