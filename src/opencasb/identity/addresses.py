"""The host names and base URLs of this server that matter for sign-in and for token audiences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from opencasb.identity.host_alias import AUTHORITY, GRAPH_HOST

if TYPE_CHECKING:
    from opencasb.settings import Settings

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1")
"""The host names at which plain HTTP is served."""


def bases(settings: Settings) -> frozenset[str]:
    """Return every base URL of this server that assertions may name; none is taken from a request (identity §5.1)."""
    names = [f"[{name}]" if ":" in name else name for name in hosts(settings) - {AUTHORITY, GRAPH_HOST}]
    ports = {urlsplit(settings.effective_public_url).port or 443, settings.port or 443}
    found = {f"https://{name}:{port}".removesuffix(":443") for name in names for port in ports}
    if settings.http_port:
        found |= {f"http://{name}:{settings.http_port}" for name in LOOPBACK_NAMES}
    alias = f"https://{AUTHORITY}" if settings.host_alias else ""
    return frozenset({*found, settings.effective_public_url, settings.issuer_base, alias} - {""})


def hosts(settings: Settings) -> frozenset[str]:
    """Return every host name of this server, in lower case and without a port."""
    public = urlsplit(settings.effective_public_url).hostname or ""
    names = {public, "localhost", "127.0.0.1", "::1", *settings.tls_names}
    if settings.host_alias:
        names |= {AUTHORITY, GRAPH_HOST}
    return frozenset(name.lower() for name in names if name)
