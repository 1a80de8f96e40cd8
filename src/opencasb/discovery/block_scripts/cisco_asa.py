"""Cisco ASA: a group of FQDN objects and an access list that denies it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from opencasb.discovery.block_scripts.base import PREFIX, Appliance


def _lines(names: Sequence[str]) -> Iterator[str]:
    for number, name in enumerate(names, 1):
        yield f"object network {PREFIX}_{number}"
        yield f" fqdn v4 {name}"
    yield f"object-group network {PREFIX}"
    for number in range(1, len(names) + 1):
        yield f" network-object object {PREFIX}_{number}"
    yield f"access-list {PREFIX}_ACL extended deny ip any object-group {PREFIX}"
    # An access list ends in an implicit deny of everything: bound as is, it would cut off the network.
    yield f"! {PREFIX}_ACL works only once it is bound to an interface with access-group,"
    yield f"! and it has to end with a permit rule: access-list {PREFIX}_ACL extended permit ip any any"


APPLIANCE = Appliance(104, "Cisco ASA", _lines)
