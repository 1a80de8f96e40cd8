"""Strict host names: what may be pasted into a firewall, or name an app's domain."""

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
    """Return ``text`` as a host name in lower-case ASCII (punycode) without a final dot, or None if it is none.

    Nothing is repaired: blanks, wildcards, ports, paths, addresses, single labels, and names under which everybody
    registers (``com``, ``co.uk``) are no host names here, for a rule about them would hit much more than one app.
    """
    if len(text) > MAX_LENGTH:
        return None
    name = unicodedata.normalize("NFC", text).lower().removesuffix(".")
    if not name.isascii():
        import idna

        try:
            name = idna.encode(name, strict=True, std3_rules=True).decode()
        except ValueError:  # IDNAError and UnicodeError are such
            return None
    if len(name) > MAX_LENGTH or not _HOST.fullmatch(name):
        return None
    return None if _suffixes()(name).domain == "" else name


def registrable_domain(host: str) -> str | None:
    """Return the domain of a host that one party registered (``a.b.co.uk`` → ``b.co.uk``), None for no host name."""
    name = host_name(host)
    if name is None:
        return None
    parts = _suffixes()(name)
    return f"{parts.domain}.{parts.suffix}" if parts.suffix else None


@cache
def _suffixes() -> tldextract.TLDExtract:
    import tldextract

    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
