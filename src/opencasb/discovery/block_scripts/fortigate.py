"""Fortinet FortiGate: a URL-filter table with each domain itself and everything below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from opencasb.discovery.block_scripts.base import PREFIX, Appliance


def _lines(names: Sequence[str]) -> Iterator[str]:
    yield "config webfilter urlfilter"
    yield "    edit 1"
    yield f'        set name "{PREFIX}"'
    yield "        config entries"
    patterns = [pattern for name in names for pattern in ((f"*.{name}", "wildcard"), (name, "simple"))]
    for number, (url, kind) in enumerate(patterns, 1):
        yield f"            edit {number}"
        yield f'                set url "{url}"'
        yield f"                set type {kind}"
        yield "                set action block"
        yield "            next"
    yield "        end"
    yield "    next"
    yield "end"


APPLIANCE = Appliance(108, "Fortinet FortiGate", _lines)
