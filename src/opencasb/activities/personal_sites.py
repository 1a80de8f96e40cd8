"""Find the owners of personal sites, whose URLs contain the owner's address (connectors §8).

Everything but letters and digits is replaced by ``_`` there, so the address cannot be recovered directly; candidates
are looked up among the known accounts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import product
from typing import Final

import sqlalchemy as sa

from opencasb.store.entities import Entities, entity_key

SUITE: Final = 11161
"""Microsoft 365, whose accounts have such sites."""

_SITE: Final = re.compile(r"/personal/([^/]+)")
_SIGNS: Final = "._-"
_MOST_SIGNS: Final = 4


def folder_in(site: str) -> str | None:
    """Return the folder of a personal site, such as ``ana_example_org``; None for any other site."""
    found = _SITE.search(site.lower())
    return found[1] if found else None


def folder_of(address: str) -> str:
    """Return the folder name of an address's personal site."""
    return "".join(letter if letter.isalnum() else "_" for letter in address.lower())


def _likely_owners(folder: str, domains: Collection[str]) -> Iterator[str]:
    """Yield the addresses in ``domains`` that a folder may stand for; none if there are too many combinations."""
    for domain in domains:
        local = folder.removesuffix(f"_{folder_of(domain)}")
        parts = local.split("_")
        if local != folder and len(parts) <= _MOST_SIGNS + 1:
            for signs in product(_SIGNS, repeat=len(parts) - 1):
                yield "".join(map("".join, zip(parts, (*signs, ""), strict=True))) + f"@{domain}"


class SiteOwners:
    """Find the accounts of a tenant that own personal sites."""

    def __init__(self, entities: Entities) -> None:
        self._entities = entities

    def find(
        self, tenant_id: int, folders: Collection[str], domains: Collection[str], connection: sa.Connection
    ) -> dict[str, str]:
        """Return the owner's address for each of ``folders`` that exactly one account in ``domains`` matches."""
        likely = {address: folder for folder in folders for address in _likely_owners(folder, domains)}
        keys = {entity_key(address, SUITE, 0) for address in likely}
        accounts = self._entities.having(tenant_id, keys, connection=connection).values()
        known = {text for each in accounts for text in (each["email"], *each["identifiers"]) if text in likely}
        fitting = [likely[address] for address in known]
        return {likely[address]: address for address in known if fitting.count(likely[address]) == 1}
