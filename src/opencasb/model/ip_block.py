"""Address blocks in comparable form: as IPv6, with IPv4 mapped into ``::ffff:0:0/96`` (api §11.3)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

BITS: Final = 128
_MAPPED: Final = 0xFFFF << 32
_CIDR: Final = re.compile(r"[0-9A-Fa-f:.]{2,45}(/\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class IpBlock:
    """A block: its first address as a number and its prefix length, both in IPv6 terms."""

    first: int
    mask: int

    @property
    def last(self) -> int:
        """The last address of the block, as a number."""
        return self.first | ((1 << (BITS - self.mask)) - 1)

    @property
    def address(self) -> str:
        """The first address as fully expanded IPv6: eight groups of four lower-case hex digits."""
        return ipaddress.IPv6Address(self.first).exploded

    @classmethod
    def of(cls, address: str, mask: int) -> IpBlock:
        """Return the block with this wire format."""
        return cls(int(address.replace(":", ""), 16), mask)


def ip_block(text: str) -> IpBlock:
    """Parse a CIDR text into a block; host bits are cleared, and a bare address is a block of one.

    Raises ``ValueError`` that names the text.
    """
    stripped = text.strip()
    try:
        if not _CIDR.fullmatch(stripped):  # rejects net masks and zones, which ipaddress accepts
            raise ValueError
        network = ipaddress.ip_network(stripped, strict=False)
    except ValueError:
        raise ValueError(f"{text[:100]!r} is not an address or block such as 192.0.2.0/24 or 2001:db8::/32") from None
    if network.version == 4:
        return IpBlock(_MAPPED + int(network.network_address), network.prefixlen + BITS - 32)
    return IpBlock(int(network.network_address), network.prefixlen)


def ip_number(text: str) -> int | None:
    """Return an address as a number in IPv6 terms; None for anything else."""
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return int(address) + (_MAPPED if address.version == 4 else 0)


def address_forms(text: str) -> tuple[str, str] | None:
    """Return an address in its printed and comparable (32 hex digits) forms; None for anything else."""
    number = ip_number(text)
    if number is None:
        return None
    address = ipaddress.IPv6Address(number)
    return str(address.ipv4_mapped or address), f"{number:032x}"


def outermost(blocks: Iterable[IpBlock]) -> list[IpBlock]:
    """Return the blocks not contained in any other, in ascending order; they are disjoint."""
    found: list[IpBlock] = []
    for block in sorted(blocks, key=lambda block: (block.first, block.mask)):
        if not found or block.first > found[-1].last:
            found.append(block)
    return found
