"""Derive ids from the identity of a record, so that the same thing seen again maps to the same record."""

from __future__ import annotations

import hashlib

from opencasb.model.id_forms import is_guid


def derived_id(tenant_id: int, kind: str, *parts: str | int) -> str:
    """Return an object id (24 lower-case hex characters, api §1.2) for an object of a tenant.

    ``parts`` may be any text: their lengths are hashed as well, so different lists of parts never collide by
    concatenation.
    """
    texts = [kind, *map(str, parts)]
    plain = f"{tenant_id}:" + "".join(f"{len(text)}:{text}" for text in texts)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def folded_id(text: str) -> str:
    """Return an id in the form that apps compare: e-mail addresses and GUIDs in lower case, all others unchanged.

    In some apps, such as Salesforce, ids may differ only in case.
    """
    return text.lower() if "@" in text or is_guid(text.lower()) else text
