"""Registrable domains by the public suffix list.

The rules are those bundled with tldextract, compiled into the catalog when it is built. They are read from there and
not through tldextract at run time: importing it takes 200 ms and each look-up 3 µs, where a report has a million hosts.
Private rules (``github.io``, ``s3.amazonaws.com``) count: below them, names belong to different parties.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Final, Self

import polars as pl

PRIVATE_SECTION: Final = "===PRIVATE==="
"""The line of a rule file that precedes the private rules."""


# Plain integers: comparing enum members doubled the time of a look-up.
_EXACT: Final = 1
_WILDCARD: Final = 2
_EXCEPTION: Final = 3


class PublicSuffixes:
    """The public suffix rules, with and without the private ones."""

    def __init__(self, public: Iterable[str], private: Iterable[str]) -> None:
        """Take rules in the list's notation: ``co.uk``, ``*.ck``, ``!www.ck``."""
        self._public_rules = tuple(public)
        self._private_rules = tuple(private)

    @cached_property
    def _public(self) -> dict[str, int]:
        return _table(self._public_rules)

    @cached_property
    def _all(self) -> dict[str, int]:
        return _table(self._private_rules) | self._public

    @cached_property
    def bases(self) -> pl.DataFrame:
        """The names that rules apply to, for a :class:`opencasb.catalog.suffix_index.SuffixIndex`.

        Columns: name, rule (its length and a dot where it is a suffix as it stands, 0 where it is more complicated).
        """
        rules = pl.Series("name", (*self._public_rules, *self._private_rules), dtype=pl.String)
        bare = pl.col("name").str.strip_prefix("!").str.strip_prefix("*.")
        length = pl.when(bare == pl.col("name")).then(bare.str.len_chars() + 1).otherwise(0)
        return rules.to_frame().select(bare, length.alias("rule")).sort("rule").unique("name", keep="first")

    def registrable_all(self, hosts: pl.Series, keys: pl.Series, rules: pl.Series) -> pl.Series:
        """Return :meth:`registrable` of each host; ``rules`` are those of :attr:`bases` found for the ``keys``.

        ``keys`` are the hosts as :func:`opencasb.catalog.suffix_index.backwards` has them.
        """
        frame = pl.DataFrame({"host": hosts, "key": keys, "rule": rules})
        is_ascii = pl.col("key").str.len_bytes() == pl.col("key").str.len_chars()  # find() counts bytes
        label = pl.col("key").str.slice("rule").str.find(".", literal=True)
        label = pl.when((pl.col("rule") > 0) & is_ascii).then(label)
        found = frame.select(pl.col("host").str.tail(pl.col("rule") + label)).to_series()
        rest = frame.select(found.is_null() & pl.col("rule").is_not_null()).to_series().arg_true()
        if rest.is_empty():
            return found
        texts = [self.registrable(host) for host in hosts.gather(rest)]
        return found.scatter(rest, pl.Series(texts, dtype=pl.String))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a rule file: one rule per line, ``//`` comments, private rules after :data:`PRIVATE_SECTION`."""
        public, _, private = text.partition(PRIVATE_SECTION)
        return cls(_rules(public), _rules(private))

    def registrable(self, host: str) -> str | None:
        """Return the part of a lower-case ASCII host that one party registered, or None for internal names.

        ``a.b.co.uk`` → ``b.co.uk``, ``x.y.github.io`` → ``y.github.io``, ``github.io`` → ``github.io``,
        ``intranet.local`` → None, ``co.uk`` → None.
        """
        return _registrable(host, self._all) or _registrable(host, self._public)

    def owner(self, host: str) -> str | None:
        """Return the registrable domain by public rules only: the platform of a tenant's host."""
        return _registrable(host, self._public)


NO_SUFFIXES: Final = PublicSuffixes((), ())
"""No rules: no host has a registrable domain."""


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
