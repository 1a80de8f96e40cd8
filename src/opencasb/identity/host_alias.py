"""Host alias, for laboratories: this server answers under the host names of the upstream service (identity §4, mode C).

It demonstrates that clients work unchanged, given only a DNS or hosts entry and a trusted CA. Machines configured this
way cannot reach the real service, so the mode is never the default.
"""

from __future__ import annotations

from typing import Final

AUTHORITY: Final = "login.microsoftonline.com"
GRAPH_HOST: Final = "graph.microsoft.com"
PORTAL_HOST: Final = "portal.cloudappsecurity.com"
"""The host of the REST API for every tenant; those of tenants are below it, most in a region (api §1.1)."""
REGIONS: Final = ("us", "us2", "us3", "eu", "eu2")
PORTAL_DOMAINS: Final = (PORTAL_HOST, *(f"{region}.{PORTAL_HOST}" for region in REGIONS))
"""The domains with a host for each tenant. A wildcard in a certificate stands for one label, so each has its own."""
ALIASES: Final = (AUTHORITY, GRAPH_HOST, PORTAL_HOST, *(f"*.{domain}" for domain in PORTAL_DOMAINS))
"""The names that the certificate covers."""
LAB_FOLDER: Final = "lab"
"""Folder below the data directory that holds the lab CA and its certificate."""


def is_alias(name: str) -> bool:
    """Return whether the certificate covers a host name (any case, without port)."""
    plain = name.lower()
    label, _, domain = plain.partition(".")
    return plain in ALIASES or (bool(label) and domain in PORTAL_DOMAINS)


def base_at(host: str, base: str, *, on: bool) -> str:
    """Return the base URL of links for a client: ``base``, or the alias host that it asked.

    ``host`` is the ``Host`` header of the request, optionally with a port.
    """
    name, colon, port = host.partition(":")
    is_written_well = not colon or (port.isascii() and port.isdecimal())
    return f"https://{host.lower()}" if on and is_alias(name) and is_written_well else base
