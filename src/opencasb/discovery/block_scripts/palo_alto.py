"""Palo Alto PAN-OS: set commands for a custom URL category and a rule that denies it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from opencasb.discovery.block_scripts.base import PREFIX, Appliance


def _lines(names: Sequence[str]) -> Iterator[str]:
    category = f"set profiles custom-url-category {PREFIX}"
    yield f'{category} type "URL List"'
    for name in names:
        # The closing slash keeps example.net from matching example.net.evil.example.
        yield f"{category} list {name}/"
        yield f"{category} list *.{name}/"
    yield (
        f"set rulebase security rules {PREFIX} from any to any source any destination any application any service any "
        f"category {PREFIX} action deny"
    )


APPLIANCE = Appliance(112, "Palo Alto", _lines)
