"""Assigns meanings to the fields of an unknown log, by their values, their names, and their relations."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from opencasb.discovery.custom.definition import FieldRule
from opencasb.discovery.custom.templates import WHOLE_LINE
from opencasb.discovery.inference import words
from opencasb.discovery.inference.columns import (
    Column,
    address,
    address_columns,
    is_host,
    is_path,
    is_person,
    is_private,
    is_url,
)

_REQUEST_LINE: Final = r"^[A-Z]{3,10} (\S+)"
_SITE: Final = r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?([^/:?#]+)"
_IN_LINE: Final = r"(?:^|\s)((?:https?|ftp)://\S+)"
_LEAST_FILL: Final = 0.05
_MANY_LINES: Final = 50
"""Sample size from which users are expected to recur."""

_OTHERWISE_NONE: Final = -2


@dataclass
class Roles:
    """The assignments: meaning → columns, best first."""

    found: dict[str, list[Column]] = field(default_factory=dict)

    def assign(self, meaning: str, *columns: Column) -> None:
        """Assign columns to a meaning."""
        if columns:
            self.found[meaning] = list(columns)

    def first(self, meaning: str) -> Column | None:
        """Return the best column for a meaning."""
        return next(iter(self.found.get(meaning, [])), None)

    @property
    def taken(self) -> set[str]:
        """The names of the fields that have a meaning."""
        return {column.name for columns in self.found.values() for column in columns}


def find_roles(columns: Sequence[Column], texts: Sequence[str]) -> Roles:
    """Return what the columns mean, apart from times, sizes and actions."""
    roles = Roles()
    _find_urls(roles, columns, texts)
    _find_addresses(roles, columns)
    _find_hosts(roles, columns)
    _find_people(roles, columns)
    _find_device(roles, columns)
    return roles


def _find_addresses(roles: Roles, columns: Sequence[Column]) -> None:
    found = address_columns(columns)
    source = max(found, key=_source_score, default=None)
    if source is None or _source_score(source) < 0:
        return
    roles.assign("source_ip", source, *_instead(source, found, _source_score))
    others = [column for column in found if column.item != source.item and not _are_alike(column, source)]
    clients, sites = _addresses(source), _sites(roles.first("url"))
    target = max(others, key=lambda column: _target_score(column) + _belongs(column, clients, sites), default=None)
    if target is not None and _target_score(target) > 0:
        roles.assign("destination_ip", target, *_instead(target, others, _target_score))


def _instead(best: Column, columns: Sequence[Column], score: Callable[[Column], float]) -> list[Column]:
    """Return columns named for the same meaning that have a value where the best one has none."""
    likely = [column for column in columns if column.item != best.item and column.named and score(column) > 3]
    return [
        column
        for column in likely
        if any(value and not first for value, first in zip(column.values, best.values, strict=True))
    ][:2]


def _source_score(column: Column) -> float:
    hint, order = column.hint, -(column.place or 0) / 1000
    named = 3 * bool(words.SOURCE.search(hint)) - 3 * bool(words.TARGET.search(hint))
    other = -3 * bool(words.OTHER_ADDRESS.search(hint))
    return named + other + 2 * column.share(is_private) + 3 * column.fill - 2 * column.is_constant + order


def _target_score(column: Column) -> float:
    hint, order = column.hint, -(column.place or 0) / 1000
    named = 3 * bool(words.TARGET.search(hint)) - 3 * bool(words.SOURCE.search(hint))
    other = -3 * bool(words.OTHER_ADDRESS.search(hint))
    public = 1.5 * (1 - column.share(is_private))
    return named + other + public + 2 * column.fill - 5 * column.is_constant + order


def _are_alike(one: Column, other: Column) -> bool:
    """Return whether two columns have the same address on most lines, so that the second is not another party's."""
    pairs = [(a, b) for a, b in zip(_addresses(one), _addresses(other), strict=True) if a and b]
    return bool(pairs) and sum(a == b for a, b in pairs) * 2 > len(pairs)


def _belongs(column: Column, clients: Sequence[str | None], sites: Sequence[str | None]) -> float:
    """Return how much better the requested site predicts an unnamed column than the client does.

    Besides the server's address, the client's address as seen from outside may be logged.
    """
    return 0.0 if column.named else 2 * (_follows(column, sites) - _follows(column, clients))


def _addresses(column: Column) -> list[str | None]:
    return [address(value.strip()) if value else None for value in column.values]


def _sites(url: Column | None) -> list[str | None]:
    """Return the hosts in URLs."""
    values = url.values if url is not None else []
    hits = [re.match(_SITE, value.strip()) if value else None for value in values]
    return [hit[1].lower() if hit else None for hit in hits]


def _find_urls(roles: Roles, columns: Sequence[Column], texts: Sequence[str]) -> None:
    found = []
    for column in columns:
        if words.OTHER_URL.search(column.hint):
            continue
        if column.share(is_url) >= 0.5:
            found.append(column)
        elif column.share(lambda value: bool(re.match(_REQUEST_LINE, value))) >= 0.8:
            part = column.part(_REQUEST_LINE)
            if part.share(lambda value: is_url(value) or is_path(value) or is_host(value)) >= 0.8:
                found.append(part)
    best = max(found, key=_url_score, default=None)
    if best is not None:
        roles.assign("url", best)
        return
    in_line = Column(WHOLE_LINE, list(texts), WHOLE_LINE, named=False).part(_IN_LINE)
    if in_line.fill >= 0.2 and not any(column.share(is_host) >= 0.5 for column in columns):
        roles.assign("url", in_line)


def _url_score(column: Column) -> float:
    order = -(column.place or 0) / 1000
    return 2 * column.fill + bool(words.URL.search(column.hint)) - 2 * column.is_constant + order


def _find_hosts(roles: Roles, columns: Sequence[Column]) -> None:
    url = roles.first("url")
    hosts = [c for c in columns if c.share(is_host) >= 0.5 and c.fill >= _LEAST_FILL]
    found = [(_host_score(column, url), column) for column in hosts]
    score, best = max(found, key=lambda hit: hit[0], default=(0.0, None))
    last_resort = url is None and roles.first("destination_ip") is None  # then one host for all lines will do
    if best is not None and score > (_OTHERWISE_NONE if last_resort else 0):
        others = [column for _, column in found if words.HOST.search(column.hint)]
        roles.assign("destination_host", best, *_instead(best, others, lambda column: 4 + _host_score(column, url)))
    _find_parts(roles, columns)


def _host_score(column: Column, url: Column | None) -> float:
    hint = column.hint
    named = 2 * bool(words.HOST.search(hint)) - 4 * bool(words.OTHER_HOST.search(hint))
    agrees = 3 * _same_host(column, url) if url is not None else 0.0
    return 0.5 + named + agrees + column.fill - 3 * column.is_constant - (column.place or 0) / 1000


def _same_host(column: Column, url: Column) -> float:
    """Return the share of lines whose URL contains the host."""
    pairs = [(host, whole) for host, whole in zip(column.values, url.values, strict=True) if host and whole]
    return sum(host.lower().rstrip(".") in whole.lower() for host, whole in pairs) / max(len(pairs), 1)


def _find_parts(roles: Roles, columns: Sequence[Column]) -> None:
    """Find the parts of URLs that are logged separately, the scheme and the method."""
    method = next((c for c in columns if c.share(lambda v: v.upper() in words.METHODS) >= 0.8), None)
    if method is not None:
        roles.assign("method", method)
    schemes = [c for c in columns if c.share(lambda v: v.lower() in words.SCHEMES) >= 0.8]
    scheme = next((c for c in schemes if words.SCHEME.search(c.hint) and c.named), None)
    if scheme is not None:
        roles.assign("scheme", scheme)
    if roles.first("url") is not None or roles.first("destination_host") is None:
        return
    paths = [c for c in columns if c.share(is_path) >= 0.8 and words.PATH.search(c.hint)]
    if paths:
        queries = [c for c in columns if c.share(lambda v: v.startswith("?")) >= 0.8]
        roles.assign("url", paths[0], *queries[:1])


def _find_people(roles: Roles, columns: Sequence[Column]) -> None:
    taken = roles.taken
    source = roles.first("source_ip")
    found = []
    for column in columns:
        if column.name in taken or column.share(is_person) < 0.8 or column.share(is_host) > 0.5:
            continue
        if column.filled >= _MANY_LINES and len(column.counts) * 10 > column.filled * 9:  # a line number
            continue
        score = _person_score(column, source)
        if score > 0:
            found.append((score, column))
    if not found:
        return
    best = max(found, key=lambda hit: hit[0])[1]
    roles.assign("user", _login(best))


def _person_score(column: Column, source: Column | None) -> float:
    hint = column.hint
    named: float = 4 * bool(words.USER.search(hint)) - 6 * bool(words.OTHER_USER.search(hint))
    if column.named and (not named or words.BROWSER.search(hint)):
        return -1
    account = column.share(lambda value: bool(re.fullmatch(r"[^@\s]+@[^@\s]+|[\w.-]+\\[^\\]+|.* \([^()]+\)", value)))
    simple = column.share(lambda value: not re.search(r"[/=,:]", value))
    plain = column.share(lambda value: not re.search(r"\d", value) and value.upper() not in words.METHODS)
    if not column.named:
        goes_with = _follows(column, _addresses(source)) if source is not None else 0.0
        if len(column.counts) < 3 or (goes_with < 0.9 and account < 0.8):
            return -1
        named = 2 * goes_with + account - 3 * column.share(lambda value: bool(re.search(r"[:/]|^\d+$", value)))
    return named + 2 * account + simple + plain + column.fill - 2 * column.is_constant - (column.place or 0) / 1000


def _follows(column: Column, keys: Sequence[str | None]) -> float:
    """Return how well the client, or the site, predicts the value: the share of the most common one per key.

    Values that differ on every line, or never, follow from nothing.
    """
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for value, key in zip(column.values, keys, strict=False):
        if value and key and value.strip() in column.counts:
            groups[key][value.strip()] += 1
    repeated = [counts for counts in groups.values() if counts.total() > 1]
    if len(repeated) < 2 or len(column.counts) * 3 < len(groups):
        return 0.0
    return sum(counts.most_common(1)[0][1] for counts in repeated) / sum(counts.total() for counts in repeated)


def _login(column: Column) -> Column:
    """Return the login in ``Display Name (login)``, or the name in ``name (how)``, ``[name]`` or a directory path."""
    values = list(column.counts)
    both = [hit for value in values if (hit := re.fullmatch(r"(.+?) ?\(([^()]+)\)", value))]
    if len(both) * 5 >= len(values) * 4:
        inner, outer = {hit[2] for hit in both}, {hit[1] for hit in both}
        return column.part(r"\(([^()]+)\)$" if len(inner) * 2 > len(outer) else r"^(.+?) ?\([^()]*\)$")
    if all(re.fullmatch(r"\[[^\[\]]*\]", value) for value in values):
        return column.part(r"^\[([^\[\]]*)\]$")
    if column.share(lambda value: bool(re.match(r"(?i)ldap://|cn=", value))) >= 0.8:
        return column.part(r"([^/]+)$")
    return column


def _find_device(roles: Roles, columns: Sequence[Column]) -> None:
    taken = roles.taken
    named = [c for c in columns if c.named and words.DEVICE.search(c.hint) and c.name not in taken]
    usable = [c for c in named if not c.is_constant and c.share(lambda value: address(value) is None) >= 0.8]
    if usable:
        roles.assign("source_device", usable[0])


def item_of(columns: Sequence[Column]) -> str | FieldRule | list[str | FieldRule]:
    """Return a definition's entry for the columns of a meaning."""
    items = [column.item for column in columns]
    return items[0] if len(items) == 1 else items
