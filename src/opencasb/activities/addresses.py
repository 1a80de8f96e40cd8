"""Normalise IP addresses as sources write them (connectors §3.3)."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Final

LONGEST: Final = 4096
"""Only this many characters are parsed; a list of addresses may be long."""

_BRACKETED: Final = re.compile(r"\[([^\[\]]*)\](?::\d{1,5})?", re.ASCII)
_IPV4_PORT: Final = re.compile(r"((?:.*:)?\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}", re.ASCII)
_WORD_PORT: Final = re.compile(r"(.*[0-9a-f:]) port \d{1,5}", re.ASCII | re.IGNORECASE)
_GLUED_PORT: Final = re.compile(r"([0-9a-f:]*:[0-9a-f]*)[p.]\d{1,5}", re.ASCII | re.IGNORECASE)
_NINTH_GROUP: Final = re.compile(r"((?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}):\d{1,5}", re.ASCII | re.IGNORECASE)

# Spelt out because the standard library's is_private also covers the documentation and test networks.
_PRIVATE: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)


def read_address(text: str | None) -> str | None:
    """Return the address in ``text`` in canonical form, without port, brackets and zone; None if there is none.

    From a list, return the first public address, or else the first one. IPv4-mapped IPv6 becomes IPv4. Private,
    loopback and link-local addresses are kept; networks, host names, words and the unspecified address yield None.
    """
    return _first_of((text or "")[:LONGEST])  # bounds the size of the cache keys


@lru_cache(maxsize=10_000)
def _first_of(text: str) -> str | None:
    found = [address for part in text.split(",") if (address := _single(part)) is not None]
    return next((address for address in found if is_public(address)), found[0] if found else None)


@lru_cache(maxsize=10_000)
def is_public(address: str) -> bool:
    """Return whether a canonical address can be geolocated: it is not private, shared, loopback or link-local."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not any(parsed in network for network in _PRIVATE)


def _single(text: str) -> str | None:
    text = text.strip()
    bracketed = _BRACKETED.fullmatch(text)
    text = (bracketed[1] if bracketed else text).partition("%")[0]
    address = _parsed(text)
    for pattern in (_IPV4_PORT, _WORD_PORT, _GLUED_PORT, _NINTH_GROUP):
        if address is None and (match := pattern.fullmatch(text)):
            address = _parsed(match[1])
    return address


def _parsed(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    return None if address.is_unspecified else str(address)
