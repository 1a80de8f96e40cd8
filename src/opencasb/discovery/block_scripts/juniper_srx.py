"""Juniper SRX: set commands for a URL pattern, its category, and a local web-filtering profile that blocks it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from opencasb.discovery.block_scripts.base import PREFIX, Appliance


def _lines(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        # Junos wants the scheme before a wildcard; the asterisk also matches no label at all (Junos OS 20.4 and later).
        yield f"set security utm custom-objects url-pattern {PREFIX} value http://*.{name}"
    yield f"set security utm custom-objects custom-url-category {PREFIX} value {PREFIX}"
    yield (
        f"set security utm feature-profile web-filtering juniper-local profile {PREFIX} category {PREFIX} action block"
    )


APPLIANCE = Appliance(129, "Juniper SRX", _lines)
