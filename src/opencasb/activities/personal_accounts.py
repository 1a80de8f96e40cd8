"""Addresses that are likely somebody's own, and whose: of providers where anybody can get one (portal §13).

Such an address is thought to belong to the person of the organisation who has the same name: the parts of the address
before the ``@``, without digits at the end, are compared with addresses and names of accounts. It is a guess, and a
person who chose another name is not found.
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
    """Return the domains of mail providers for everybody."""
    return tuple(row["domain"] for row in table("free_mail_domains.csv"))


def names_in(address: str) -> list[str]:
    """Return the parts of a name in an address, such as ``ana`` and ``silva`` of ``Ana.Silva83+x@gmail.com``."""
    local = address.lower().rpartition("@")[0].partition("+")[0]
    return [part for each in _PARTS.split(local) if (part := each.rstrip("0123456789"))]


def likely_addresses(address: str, domains: Collection[str]) -> list[str]:
    """Return the addresses in ``domains`` that the owner of a personal address would likely have."""
    names = names_in(address)
    if not names:
        return []
    forms = [".".join(names), "".join(names), "_".join(names), "-".join(names)]
    if len(names) > 1:
        forms += [names[0][0] + names[-1], f"{names[0][0]}.{names[-1]}", f"{names[-1]}.{names[0]}"]
    return [f"{form}@{domain}" for domain in sorted(domains) for form in dict.fromkeys(forms)]


def likely_names(address: str) -> list[str]:
    """Return the names that the owner of a personal address would likely be shown by, in lower case.

    One part alone, such as ``ana``, is nobody's name.
    """
    names = names_in(address)
    return [" ".join(names), " ".join(reversed(names))] if len(names) > 1 else []
