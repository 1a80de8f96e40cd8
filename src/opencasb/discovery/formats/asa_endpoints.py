"""Regular expressions for addresses, users and connection endpoints as an ASA writes them (log-formats §5)."""

from __future__ import annotations

from typing import Final

_ADDRESS: Final = r"[^/()\[\]<> ]+"
_STRAY: Final = r"[\[<]*"
PREFIXED: Final = r"(?:[^:/() ]*[g-zG-Z_][^:/() ]*:)?"
"""The rest of an interface name containing a colon, as in ``v1:outside:10.0.0.1``; never part of an address."""

_TAG: Final = r"[0-9]+(?::[^)]*)?"
"""A security group: its number and name."""

_HEX: Final = "0-9a-fA-F."
_OTHER: Final = rf"[^{_HEX}:/()\[\]<> ][^:/()\[\]<> ]*"
_PLAIN_ADDRESS: Final = rf"(?:[{_HEX}]+(?::[{_HEX}:]*|{_OTHER})?|{_OTHER})"
"""An address, or a name without colons."""


def address(group: str) -> str:
    """Return the pattern of an address or name, without the brackets that some releases leave around it."""
    return rf"{_STRAY}(?P<{group}>{_ADDRESS})[\]>]*"


def user(group: str) -> str:
    """Return the pattern of an optional user in parentheses, excluding security groups."""
    return rf"(?: ?\((?:{_TAG}|(?P<{group}>[^)]*?)(?:, ?{_TAG})?)\))?"


def endpoint(side: str) -> str:
    """Return the pattern of an endpoint with groups ``side`` + ``_interface``, ``_address``, ``_port``, ``_user``."""
    return (
        rf"(?P<{side}_interface>[^:]+):{PREFIXED}{address(f'{side}_address')}/(?P<{side}_port>[0-9]+)"
        rf"{user(f'{side}_user')}"
    )


def odd_endpoint(side: str) -> str:
    """Return the pattern of an endpoint whose user has no parentheses."""
    return endpoint(side).replace(user(f"{side}_user"), rf"(?: \(?(?P<{side}_user>[^() ]+)\)?)?")


def plain_endpoint(side: str) -> str:
    """Return the pattern of a regular endpoint; it is unambiguous and therefore cheap."""
    return (
        rf"(?P<{side}_interface>[^: ]+):(?P<{side}_address>{_PLAIN_ADDRESS})/(?P<{side}_port>[0-9]+)"
        rf"(?:\((?P<{side}_user>[^(),0-9][^(),]*)\))?"
    )
