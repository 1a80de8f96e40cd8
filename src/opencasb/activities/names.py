"""Parse user names as sources write them (connectors §3.2)."""

from __future__ import annotations

import re
from typing import Final

import msgspec

_NOBODY: Final = frozenset({"", "-", "anonymous", "unknown", "not available"})
_GUEST: Final = "urn:spo:guest#"
_ANONYMOUS: Final = ("urn:spo:anon#", "urn:spo:tenantanon#")
_CLAIM: Final = re.compile(r"i:0[^|]{1,3}\|(?:.*\|)?([^|]*)", re.ASCII | re.DOTALL)
"""SharePoint's claims encoding of a user signed in by an identity provider: ``i:0#.f|membership|ana@example.org``."""

_INVITED: Final = "#ext#@"
_SERVICE: Final = re.compile(r"ServicePrincipal_[0-9a-f-]{36}|app@sharepoint", re.ASCII | re.IGNORECASE)


class Name(msgspec.Struct, frozen=True):
    """A parsed name: ``user`` is None for nobody in particular; the flags are derived from the spelling."""

    user: str | None
    is_external: bool = False
    is_application: bool = False


def read_name(text: str | None) -> Name:
    """Parse a name; one with ``@`` is lower-cased, any other is only stripped."""
    name = (text or "").strip()
    if (claim := _CLAIM.fullmatch(name)) and (named := claim[1].strip()):
        name = named
    folded = name.lower()
    if folded in _NOBODY or folded.startswith(_ANONYMOUS):
        return Name(None)
    if folded.startswith(_GUEST):
        return Name(folded.removeprefix(_GUEST).strip() or None, is_external=True)
    if _INVITED in folded:
        return Name(_invited(folded), is_external=True)
    return Name(folded if "@" in name else name, is_application=_SERVICE.fullmatch(name) is not None)


def address_in(name: str) -> str | None:
    """Return the e-mail address that a name is, a guest's being the own one; None if it is no address.

    A claim other than SharePoint's usual one (``i:0h.f|membership|10032001abcd@live.com``) is a key, not an address.
    """
    found = read_name(name).user if "#" in name else name.lower()
    return found if found and "@" in found and "|" not in found else None


def _invited(folded: str) -> str:
    """Return the address in ``ana_example.org#ext#@tenant``: a domain has no underscore, a local part may have one."""
    address = folded.partition(_INVITED)[0]
    local, underscore, domain = address.rpartition("_")
    return f"{local}@{domain}" if underscore and local and "@" not in address else address or folded
