"""Claims: what an entry says about which domain, once its address has been judged.

Addresses in the sources are home pages, product pages, press kits, files on other people's platforms and API hosts. A
claim is what remains after asking whose domain that is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, TypeGuard

import msgspec

from opencasb.catalog.builder.entry import WEB_SITES, Entry, Role
from opencasb.catalog.suffixes import PublicSuffixes, punycode

GENERIC: Final = frozenset(  # a list of words reads better as words
    """
    about account accounts api apis app apps auth blog cloud community console dashboard dev developer developers
    doc docs en get go help home id info learn login m manage members mobile my oauth online open platform portal
    public register secure shop signin sso status store studio support try us web www www2 www3
    """.split()  # noqa: SIM905
)
"""Host labels that stand for a part of the app rather than for another one."""

_WORD: Final = re.compile(r"[a-z0-9]+")


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """An entry about one node: a registrable domain, or a host of a family that shares a domain.

    ``fit`` says how well name and node agree, 0 to 4; ``more`` are further nodes of the same entry.
    """

    entry: Entry
    node: str
    fit: float
    more: tuple[str, ...] = ()


class Judge:
    """Decides what an address is about."""

    def __init__(self, suffixes: PublicSuffixes, families: Iterable[str], shared: Iterable[str]) -> None:
        """``families`` are domains whose hosts are apps of their own, ``shared`` those where others have places."""
        self._suffixes = suffixes
        self._families = frozenset(families)
        self._shared = frozenset(shared)

    def claim(self, entry: Entry) -> Claim | None:
        """Return what an entry claims, None where its address says nothing about an app."""
        host, path = split_address(entry.address)
        node = self.node(host)
        if node is None:
            return None
        fit = fitness(entry.name, node)
        prefix = host.removesuffix(node).strip(".")
        elsewhere = bool(path) or not set(prefix.split(".")) <= {"", *GENERIC}
        if not self._accepts(entry, node, fit, elsewhere=elsewhere):
            return None
        # A directory of sites names each host: "Acme Docs" is docs.acme.com, not Acme.
        aside = entry.role is Role.NAMING and prefix not in {"", "www"}
        if (elsewhere or aside) and fit < _EXACT:
            fit /= 4
        more = tuple(dict.fromkeys(filter(None, map(self.sibling, entry.more))))
        return Claim(entry=entry, node=node, fit=fit, more=more)

    def _accepts(self, entry: Entry, node: str, fit: float, *, elsewhere: bool) -> bool:
        if node in self._shared:
            return fit >= _EXACT
        if entry.role is Role.NAMING:
            return fit >= AGREES or entry.source == WEB_SITES
        return fit >= AGREES or not elsewhere

    def node(self, host: str) -> str | None:
        """Return the registrable domain of a host, or the host itself within a family; None on shared suffixes."""
        owner = self._suffixes.owner(host)
        if owner is None or (self._suffixes.registrable(host) != owner and host != owner):
            return None
        if owner not in self._families:
            return owner
        bare = host.removeprefix("www.")
        first = bare.removesuffix(owner).rstrip(".")
        return owner if not first or first in GENERIC else bare

    def sibling(self, address: str) -> str | None:
        """Return the node of a further domain: one that is a registrable domain or a family's host as it stands."""
        host = split_address(address)[0].removeprefix("www.")
        node = self.node(host)
        return node if node == host else None

    def is_domain(self, node: str | None) -> TypeGuard[str]:
        """Return whether a node is a registrable domain rather than a host of a family."""
        return node is not None and self._suffixes.owner(node) == node

    def is_family(self, domain: str) -> bool:
        """Return whether the hosts of a domain are apps of their own."""
        return domain in self._families

    def is_shared(self, host: str) -> bool:
        """Return whether addresses at a host belong to others, such as policies at a platform for bug bounties."""
        return self._suffixes.owner(host) in self._shared

    def is_tenant(self, host: str) -> bool:
        """Return whether a host is one party's place on another's platform, such as a storage bucket."""
        return self._suffixes.registrable(host) not in {None, self._suffixes.owner(host)}


_REMEMBERED: Final = 1 << 18
"""Names and addresses kept; the build compares each of them many times, and takes half as long for it."""

_EXACT: Final = 3.0
AGREES: Final = 2.0
UNLIKE: Final = 1.0


@lru_cache(_REMEMBERED)
def split_address(address: str) -> tuple[str, str]:
    """Return host (lower-case ASCII) and path of a URL or a bare host; a path of a language code is none."""
    rest = address.strip().split("://", 1)[-1]
    host, _, path = rest.partition("/")
    host = host.split("?", 1)[0].split("#", 1)[0].split(":", 1)[0].rsplit("@", 1)[-1]
    path = re.sub(r"[?#].*", "", path).strip("/")
    return punycode(host.strip(".")), "" if re.fullmatch(
        r"(?i)([a-z]{2}([-_][a-z]{2})?|home|index\.\w+|)", path
    ) else path


@lru_cache(_REMEMBERED)
def compact(name: str) -> str:
    """Return a name without case, accents, blanks and signs, for comparing names."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("&", "and").replace("+", "plus"))
    kept = "".join(character for character in plain if character.isalnum())
    return kept or name.casefold()


def fitness(name: str, node: str) -> float:
    """Return how well a name agrees with a domain: 4 the whole domain, 3 its label, 2 a part, 1 not at all."""
    word, label = compact(name), label_of(node)
    if word == compact(node):
        return 4.0
    if word == label:
        return _EXACT
    words = _WORD.findall(unicodedata.normalize("NFKD", name.casefold()))
    initials = "".join(part[0] for part in words)
    if min(len(word), len(label)) > 1 and (word in label or label in word):
        return AGREES
    long_parts = any(len(part) > 3 and part in label for part in words)
    return AGREES if long_parts or (len(initials) > 1 and initials == label) else UNLIKE


def agrees(name: str, label: str) -> bool:
    """Return whether a name and one label of a host have something in common."""
    return bool(name) and len(label) > 2 and fitness(name, label) >= AGREES


def label_of(node: str) -> str:
    """Return the first label of a domain without hyphens: the brand in it."""
    return compact(node.partition(".")[0])
