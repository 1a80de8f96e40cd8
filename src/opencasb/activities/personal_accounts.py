"""Guess the owners of personal addresses at free mail providers (portal §13).

Such an address is attributed to the person in the organisation with the same name: the parts of its local part, without
trailing digits, are compared with the addresses and names of accounts. This is a guess, and misses people who use
another name.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Final

from opencasb.activities.data_files import table

_PARTS: Final = re.compile(r"[._\-]+")


@cache
def free_mail() -> tuple[str, ...]:
    """Return the domains of free mail providers."""
    return tuple(row["domain"] for row in table("free_mail_domains.csv"))


def names_in(address: str) -> list[str]:
    """Return the name parts of an address: ``ana`` and ``silva`` for ``Ana.Silva83+x@gmail.com``."""
    local = address.lower().rpartition("@")[0].partition("+")[0]
    return [part for each in _PARTS.split(local) if (part := each.rstrip("0123456789"))]


def likely_addresses(address: str, domains: Collection[str]) -> list[str]:
    """Return the addresses in ``domains`` that the owner of a personal address is likely to have."""
    names = names_in(address)
    if not names:
        return []
    forms = [".".join(names), "".join(names), "_".join(names), "-".join(names)]
    if len(names) > 1:
        forms += [names[0][0] + names[-1], f"{names[0][0]}.{names[-1]}", f"{names[-1]}.{names[0]}"]
    return [f"{form}@{domain}" for domain in sorted(domains) for form in dict.fromkeys(forms)]


def likely_names(address: str) -> list[str]:
    """Return the display names that the owner of a personal address is likely to have, in lower case.

    A single part, such as ``ana``, is not enough and yields none.
    """
    names = names_in(address)
    return [" ".join(names), " ".join(reversed(names))] if len(names) > 1 else []
