"""Classifies the values of an unknown log's fields: addresses, hosts, URLs, sizes, user names."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Final
from unicodedata import normalize

from opencasb.discovery.custom.definition import FieldRule, field_of
from opencasb.discovery.formats.values import NO_USER, read_address

EMPTY: Final = frozenset({"", "-", "(null)", "null", "na", "n/a", "none", "::", "0.0.0.0"})  # noqa: S104 -- no binding

_ADDRESS: Final = re.compile(r"\[?[0-9A-Fa-f.:]{2,45}\]?(?::\d{1,5})?", re.ASCII)
_NAME: Final = r"(?:[A-Za-z0-9_][A-Za-z0-9_-]{0,62}\.)+[A-Za-z][A-Za-z0-9-]{1,62}"
_HOST: Final = re.compile(rf"{_NAME}\.?(?::\d{{1,5}})?", re.ASCII)
_HOST_PATH: Final = re.compile(rf"{_NAME}(?::\d{{1,5}})?/\S*", re.ASCII)
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,12}://[^\s/]\S*", re.ASCII)
_FILE: Final = re.compile(r"(?i).*\.(?:exe|dll|sys|html?|php|aspx?|js|css|png|gif|jpe?g|zip|pdf|txt|log|conf|xml|json)")
_WHOLE: Final = re.compile(r"\d{1,15}", re.ASCII)
_SIZE: Final = re.compile(r"\d{1,15}(?:[.,]\d+)*\s*(?:[KMGTkmgt]?i?[Bb]?|bytes)", re.ASCII)

_PARTS: Final = (
    r"^\[?([0-9A-Fa-f.:]+?)\]?(?:[/(:,]|$)",
    r"^[A-Za-z_][\w.-]*[:/]\[?([0-9A-Fa-f.:]+?)\]?(?:[/(:,]|$)",
    r"^\[?([0-9A-Fa-f.:]+?)\]?[/:]\d+->",
    r"->\[?([0-9A-Fa-f.:]+?)\]?[/(:]\d+",
)
"""Where the address is in a value that contains more than that."""

_TRIED: Final = 60
"""Most distinct values on which a pattern is tried."""


@dataclass
class Column:
    """A field: its name in a definition, its value in each line, and its position where columns have one."""

    name: str
    values: Sequence[str | None]
    item: str | FieldRule
    place: int | None = None
    named: bool = True
    counts: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        texts = (value.strip() for value in self.values if value is not None)
        self.counts = Counter(text for text in texts if text.lower() not in EMPTY)

    @property
    def filled(self) -> int:
        """Number of lines with a value."""
        return self.counts.total()

    @property
    def fill(self) -> float:
        """Share of lines with a value."""
        return self.filled / max(len(self.values), 1)

    @property
    def is_constant(self) -> bool:
        """Whether a field that should vary does not."""
        return len(self.counts) == 1 and self.filled >= 4

    def share(self, test: Callable[[str], bool]) -> float:
        """Return the share of values for which ``test`` holds, 0 if there are none."""
        return sum(count for value, count in self.counts.items() if test(value)) / max(self.filled, 1)

    @cached_property
    def hint(self) -> str:
        """The name as words between underscores: ``SrcIP`` is ``_src_ip_``, ``Reçu`` ``_recu_``, no name ``_``."""
        if not self.named:
            return "_"
        plain = normalize("NFKD", self.name).encode("ascii", "ignore").decode()
        parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain)
        return "_" + re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_") + "_"

    def numbers(self) -> list[int]:
        """Return the integers among the values, in line order."""
        return [int(value) for value in self.values if value is not None and _WHOLE.fullmatch(value.strip())]

    def part(self, pattern: str) -> Column:
        """Return the part of the field that the first group of ``pattern`` matches."""
        compiled = re.compile(pattern, re.ASCII)
        values = [_group(compiled.search(value)) if value is not None else None for value in self.values]
        rule = FieldRule(field=field_of(self.item), pattern=pattern)
        return Column(self.name, values, rule, self.place, self.named)


def _group(found: re.Match[str] | None) -> str | None:
    return found[1] if found is not None else None


@cache
def address(text: str) -> str | None:
    """Return the address if the text is one, with or without a port."""
    if not _ADDRESS.fullmatch(text) or not ("." in text or text.count(":") > 1):
        return None
    found = read_address(text)
    return None if found in EMPTY else found


def is_address(text: str) -> bool:
    """Return whether a text is an address."""
    return address(text) is not None


@cache
def is_private(text: str) -> bool:
    """Return whether a text is an address outside the public internet; documentation addresses count as public."""
    found = address(text)
    if found is None:
        return False
    return any(ipaddress.ip_address(found) in network for network in _PRIVATE)


_PRIVATE: Final = tuple(
    ipaddress.ip_network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10")
)


def is_host(text: str) -> bool:
    """Return whether a text is a dotted host name."""
    return bool(_HOST.fullmatch(text)) and not _FILE.fullmatch(text) and not is_address(text)


def is_url(text: str) -> bool:
    """Return whether a text is a URL, with or without scheme."""
    return bool(_URL.fullmatch(text) or _HOST_PATH.fullmatch(text)) and not text.upper().startswith("LDAP:")


def is_path(text: str) -> bool:
    """Return whether a text is a path."""
    return text.startswith("/")


def is_size(text: str) -> bool:
    """Return whether a text may be a number of bytes."""
    return bool(_SIZE.fullmatch(text))


def is_person(text: str) -> bool:
    """Return whether a text may be a user name."""
    return (
        2 <= len(text) <= 128
        and text.lower() not in NO_USER
        and not re.fullmatch(r"[\d.:/-]+", text)
        and not is_address(text)
        and not is_url(text)
        and not re.search(r"[;<>{}|\"]", text)
    )


def address_columns(columns: Sequence[Column]) -> list[Column]:
    """Return the columns of addresses, and the addresses embedded in others."""
    found: list[Column] = []
    for column in columns:
        if column.share(is_address) >= 0.6:
            found.append(column)
        elif column.share(is_host) < 0.5:
            parts = [column.part(pattern) for pattern in _likely(column)]
            found.extend(part for part in parts if part.share(is_address) * part.filled >= 0.6 * column.filled)
    return found


def _likely(column: Column) -> list[str]:
    values = [value for value, _ in column.counts.most_common(_TRIED)]
    likely = []
    for pattern in _PARTS:
        compiled = re.compile(pattern, re.ASCII)
        hits = sum(is_address(found[1]) for value in values if (found := compiled.search(value)))
        if hits * 2 > len(values):
            likely.append(pattern)
    return likely
