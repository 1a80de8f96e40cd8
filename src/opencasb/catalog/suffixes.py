"""Registrable domains by the public suffix list.

The rules are those bundled with tldextract, compiled into the catalog when it is built. They are read from there and
not through tldextract at run time: importing it takes 200 ms and each look-up 3 µs, where a report has a million hosts.
Private rules (``github.io``, ``s3.amazonaws.com``) count: below them, names belong to different parties.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Self

PRIVATE_SECTION: Final = "===PRIVATE==="
"""The line of a rule file after which the private rules stand."""


# Plain numbers: comparing members of an enumeration doubled the time of a look-up.
_EXACT: Final = 1
_WILDCARD: Final = 2
_EXCEPTION: Final = 3


class PublicSuffixes:
    """The public suffix rules, with and without the private ones."""

    def __init__(self, public: Iterable[str], private: Iterable[str]) -> None:
        """Take rules in the list's notation: ``co.uk``, ``*.ck``, ``!www.ck``."""
        self._public = _table(public)
        self._all = _table(private) | self._public

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a rule file: one rule a line, ``//`` comments, private rules after :data:`PRIVATE_SECTION`."""
        public, _, private = text.partition(PRIVATE_SECTION)
        return cls(_rules(public), _rules(private))

    def registrable(self, host: str) -> str | None:
        """Return the part of a lower-case ASCII host that one party registered, or None for internal names.

        ``a.b.co.uk`` → ``b.co.uk``, ``x.y.github.io`` → ``y.github.io``, ``github.io`` → ``github.io``,
        ``intranet.local`` → None, ``co.uk`` → None.
        """
        return _registrable(host, self._all) or _registrable(host, self._public)

    def owner(self, host: str) -> str | None:
        """Return the registrable domain by the public rules alone: the platform of a tenant's host."""
        return _registrable(host, self._public)


def punycode(host: str) -> str:
    """Return a host name in lower-case ASCII form; one that has no such form comes back in lower case."""
    if host.isascii():
        return host.lower()
    import idna

    try:
        return idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return host.lower()


def _rules(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("//")]


def _table(rules: Iterable[str]) -> dict[str, int]:
    table: dict[str, int] = {}
    for rule in rules:
        if rule.startswith("*."):
            table.setdefault(rule[2:], _WILDCARD)
        elif rule.startswith("!"):
            table[rule[1:]] = _EXCEPTION
        elif table.get(rule) != _WILDCARD:
            table[rule] = _EXACT
    return table


def _registrable(host: str, table: dict[str, int]) -> str | None:
    get, find = table.get, str.find
    suffix = host
    longer: str | None = None
    longest: str | None = None
    while (rule := get(suffix)) is None or (rule == _WILDCARD and longer is None):
        cut = find(suffix, ".") + 1
        if not cut:
            return None
        longest, longer, suffix = longer, suffix, suffix[cut:]
    if rule == _EXACT:
        return longer
    return suffix if rule == _EXCEPTION else longest
