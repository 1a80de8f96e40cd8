"""Validate host names strictly, for use in firewall rules and as app domains."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import tldextract

MAX_LENGTH: Final = 253

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{0,58}}[a-z0-9])")


def host_name(text: str) -> str | None:
    """Return ``text`` as a lower-case ASCII (punycode) host name without a trailing dot, or None if it is not one.

    Nothing is repaired. Blanks, wildcards, ports, paths, addresses, single labels and public suffixes (``com``,
    ``co.uk``) are rejected; a rule for a public suffix would hit far more than one app.
    """
    if len(text) > MAX_LENGTH:
        return None
    name = unicodedata.normalize("NFC", text).lower().removesuffix(".")
    if not name.isascii():
        import idna

        try:
            name = idna.encode(name, strict=True, std3_rules=True).decode()
        except ValueError:  # covers IDNAError and UnicodeError
            return None
    if len(name) > MAX_LENGTH or not _HOST.fullmatch(name):
        return None
    return None if _suffixes()(name).domain == "" else name


def registrable_domain(host: str) -> str | None:
    """Return the registrable domain of a host (``a.b.co.uk`` → ``b.co.uk``); None if it is not a host name."""
    name = host_name(host)
    if name is None:
        return None
    parts = _suffixes()(name)
    return f"{parts.domain}.{parts.suffix}" if parts.suffix else None


@cache
def _suffixes() -> tldextract.TLDExtract:
    import tldextract

    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
