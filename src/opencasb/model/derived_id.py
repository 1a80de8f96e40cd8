"""Ids that follow from what a record is, so that the same thing seen again is the same record."""

from __future__ import annotations

import hashlib

from opencasb.model.id_forms import is_guid


def derived_id(tenant_id: int, kind: str, *parts: str | int) -> str:
    """Return an object id (24 lower-case hex characters, api §1.2) for a thing of a tenant.

    ``parts`` may be any text: their lengths are part of what is hashed, so no two lists of parts mean the same.
    """
    texts = [kind, *map(str, parts)]
    plain = f"{tenant_id}:" + "".join(f"{len(text)}:{text}" for text in texts)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def folded_id(text: str) -> str:
    """Return an id as apps compare it: e-mail addresses and guids in lower case, all others as they are.

    Some apps, Salesforce for one, have ids that differ in case only.
    """
    return text.lower() if "@" in text or is_guid(text.lower()) else text
