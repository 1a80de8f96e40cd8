"""Host alias, for laboratories: this server answers under the names of the upstream service (identity §4, mode C).

It shows that programs work unchanged, by nothing but an entry for a name and a trusted CA. Where it is on, the real
service cannot be reached from machines that were told so; therefore it is never the default.
"""

from __future__ import annotations

from typing import Final

AUTHORITY: Final = "login.microsoftonline.com"
GRAPH_HOST: Final = "graph.microsoft.com"
PORTAL_HOSTS: Final = "portal.cloudappsecurity.com"
"""The domain whose hosts are the portals and REST APIs of tenants."""
ALIASES: Final = (AUTHORITY, GRAPH_HOST, f"*.{PORTAL_HOSTS}")
"""The names of the certificate."""
LAB_FOLDER: Final = "lab"
"""Folder in the data directory of the lab CA and its certificate."""


def is_alias(name: str) -> bool:
    """Tell whether a host name (any case, without port) is one that the certificate is for."""
    plain = name.lower()
    label, _, domain = plain.partition(".")
    return plain in {AUTHORITY, GRAPH_HOST} or (bool(label) and domain == PORTAL_HOSTS)


def base_at(host: str, base: str, *, on: bool) -> str:
    """Return the address that links for a client begin with: ``base``, or the alias that it asked.

    ``host`` is the ``Host`` of the request, perhaps with a port.
    """
    name, colon, port = host.partition(":")
    is_written_well = not colon or (port.isascii() and port.isdecimal())
    return f"https://{host.lower()}" if on and is_alias(name) and is_written_well else base
