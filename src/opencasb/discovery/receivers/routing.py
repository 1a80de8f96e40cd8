"""Routing of a syslog message to one of the data sources that listen on a port.

A data source may name the sending address (or network), and the host and application in the message header. Of those
that match, host and application together win over the host alone, that over the application alone, and those over none;
among equals the narrowest network wins. A data source that names nothing gets the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, Generic, TypeVar

Target = TypeVar("Target")
Network = IPv4Network | IPv6Network

MOST_SENDERS: Final = 65_536
"""Senders whose choice is cached."""

_TIME: Final = (
    rb"(?:[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?(?: \d{4})?(?: [A-Z]{3,4}(?= ))?"
    rb"|\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)?|-)"
)
_HEADER: Final = re.compile(rb"(?:<\d{1,3}>)?(?:1 )? ?" + _TIME + rb" +([^\s%][^\s]*) :? *([^\s\[:]*)")


@dataclass(frozen=True, slots=True)
class Rule(Generic[Target]):
    """What a data source wants; empty texts and None match anything. Host and application are in lower case."""

    target: Target
    network: Network | None = None
    host: str = ""
    app: str = ""


@dataclass(slots=True)
class Choice(Generic[Target]):
    """What remains to be decided once the sender is known."""

    named: dict[tuple[str, str], Target] = field(default_factory=dict)
    """Host and application, either of which may be empty → target."""
    rest: Target | None = None

    @property
    def targets(self) -> list[Target]:
        """All of the possible targets."""
        return [*self.named.values()] + ([] if self.rest is None else [self.rest])

    def routed(self, lines: bytes) -> Iterator[tuple[Target | None, bytes]]:
        """Yield targets and their lines in order; unclaimed lines go to None."""
        if not self.named:
            yield self.rest, lines
            return
        found: dict[int, tuple[Target | None, list[bytes]]] = {}
        for line in BytesIO(lines):  # splits at line feeds only, as framing does
            target = self._of(line)
            found.setdefault(id(target), (target, []))[1].append(line)
        for target, own in found.values():
            yield target, b"".join(own)

    def _of(self, line: bytes) -> Target | None:
        host, app = header(line)
        for key in ((host, app), (host, ""), ("", app)):
            if key in self.named:
                return self.named[key]
        return self.rest


class Router(Generic[Target]):
    """The rules of one port."""

    def __init__(self, rules: Iterable[Rule[Target]]) -> None:
        # Narrowest last, so that it replaces the wider ones.
        ordered = sorted(rules, key=lambda rule: -1 if rule.network is None else rule.network.prefixlen)
        self._exact: dict[str, list[Rule[Target]]] = {}
        self._wide: list[Rule[Target]] = []
        for rule in ordered:
            if rule.network is not None and rule.network.num_addresses == 1:
                self._exact.setdefault(str(rule.network.network_address), []).append(rule)
            else:
                self._wide.append(rule)
        self._known: dict[str, Choice[Target]] = {}

    def choice(self, sender: str) -> Choice[Target]:
        """Return the possible targets for messages from an address."""
        known = self._known.get(sender)
        if known is None:
            if len(self._known) >= MOST_SENDERS:
                self._known.clear()
            known = self._known[sender] = self._made(plain_address(sender))
        return known

    def _made(self, address: IPv4Address | IPv6Address | None) -> Choice[Target]:
        fitting = [rule for rule in self._wide if rule.network is None or (address and address in rule.network)]
        made: Choice[Target] = Choice()
        for rule in [*fitting, *self._exact.get(str(address), ())]:
            if rule.host or rule.app:
                made.named[rule.host, rule.app] = rule.target
            else:
                made.rest = rule.target
        return made


def header(line: bytes) -> tuple[str, str]:
    """Return host and application of an RFC 5424 or RFC 3164 header in lower case; empty if absent."""
    found = _HEADER.match(line)
    if found is None:
        return "", ""
    host, app = found[1].decode("ascii", "replace").lower(), found[2].decode("ascii", "replace").lower()
    return ("", host.rstrip(":")) if host.endswith(":") else (host, app)


def network_of(text: str) -> Network | None:
    """Return the network of an address or CIDR block, None for an empty text. Raises ``ValueError``."""
    return ip_network(text, strict=False) if text else None


def plain_address(sender: str) -> IPv4Address | IPv6Address | None:
    """Return a sender's address, with IPv4 unmapped from IPv6 sockets, or None if it has none."""
    try:
        address = ip_address(sender.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
