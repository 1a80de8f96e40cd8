"""Finds which fields of an unknown log are bytes to the server, bytes from it, and their total."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, permutations
from typing import Final

from opencasb.discovery.inference import words
from opencasb.discovery.inference.columns import Column, is_size
from opencasb.discovery.inference.roles import Roles

_LARGEST_PORT: Final = 65_535
_LARGEST_USUAL: Final = 100_000_000
"""Largest plausible median in bytes; packet numbers are spread over all of 32 bits."""

_FIRST_NUMBER: Final = r"^(\d+)/"
_LAST_NUMBER: Final = r"/(\d+)$"
_IN_PARENTHESES: Final = r"^\d+\((\d+)\)$"
_OTHER_WAY: Final = {"uploaded_bytes": "downloaded_bytes", "downloaded_bytes": "uploaded_bytes"}
_FEW_LINES: Final = 20
_LARGE: Final = 10_000
"""Bytes compared with which headers are small."""


def find_sizes(roles: Roles, columns: Sequence[Column], *, named: bool) -> list[str]:
    """Assign the sizes in ``roles``, and return in words what was guessed."""
    free = [column for column in columns if column.name not in roles.taken and column.filled]
    return _by_name(roles, free) if named else _by_numbers(roles, free)


def _by_name(roles: Roles, columns: Sequence[Column]) -> list[str]:
    sizes = []
    for column in columns:
        if not words.SIZE.search(column.hint) or words.OTHER_SIZE.search(column.hint):
            continue
        if column.share(is_size) >= 0.95:
            sizes.append(column)
        elif column.share(lambda value: bool(re.fullmatch(r"\d+(?:/\d+)+", value))) >= 0.95:
            roles.assign("uploaded_bytes", column.part(_FIRST_NUMBER))
            roles.assign("downloaded_bytes", column.part(_LAST_NUMBER))
    _assign(roles, sorted(sizes, key=lambda column: (_is_viewed(column), -column.fill)))
    unsaid = [column for column in sizes if _meaning(column.hint) is None]
    if not unsaid or roles.first("total_bytes") is not None:
        return _as_seen(roles)
    if roles.first("uploaded_bytes") is None and roles.first("downloaded_bytes") is None:
        return _unnamed(roles, unsaid)
    said = [part for meaning in _OTHER_WAY if (part := roles.first(meaning)) is not None]
    total = next((column for column in unsaid if _is_total(column, said)), None)
    if total is not None:
        roles.assign("total_bytes", total)
    return _as_seen(roles)


def _assign(roles: Roles, columns: Sequence[Column]) -> None:
    """Assign sizes by their names, first those whose names do not depend on the point of view.

    Next to bytes of requests, "sent" bytes are those of responses: the server is speaking.
    """
    for column in columns:
        meaning = _meaning(column.hint)
        if meaning is None:
            continue
        taken = roles.first(meaning)
        if taken is not None and _is_viewed(column) and not _is_viewed(taken):
            meaning = _OTHER_WAY.get(meaning, meaning)
        if roles.first(meaning) is None:
            roles.assign(meaning, column)


def _is_viewed(column: Column) -> bool:
    return bool(words.VIEWED.search(column.hint)) and not words.WHOSE.search(column.hint)


def _as_seen(roles: Roles) -> list[str]:
    """Swap the directions if a server is speaking: its clients receive what it sends."""
    sent, received = roles.first("uploaded_bytes"), roles.first("downloaded_bytes")
    if sent is None or not _is_viewed(sent):
        return []
    if received is None and roles.first("url") is not None:
        roles.assign("downloaded_bytes", sent)
        del roles.found["uploaded_bytes"]
        return ["the bytes that are sent are taken for those to the client, as servers and proxies log them"]
    if received is not None and _is_viewed(received) and _is_mostly_more(sent, received):
        roles.assign("uploaded_bytes", received)
        roles.assign("downloaded_bytes", sent)
        return ["more is sent than received on most lines: taken as a server says it, whose clients receive that"]
    return []


def _is_total(total: Column, parts: Sequence[Column]) -> bool:
    """Return whether a size is a total: never below either part, and above one that is not all of it."""
    whole = [(most, sorted(others)) for most, *others in _beside(total, *parts)]
    fitting = sum(most > others[-1] or (most == others[-1] and not any(others[:-1])) for most, others in whole)
    more = any(most > others[-1] for most, others in whole)
    return bool(whole) and more and fitting * 10 >= len(whole) * 9


def _is_mostly_more(one: Column, other: Column) -> bool:
    """Return whether one size is far larger than another on two thirds of the lines that have both."""
    pairs = [(a, b) for a, b in _beside(one, other) if a and b]
    return len(pairs) >= _FEW_LINES and sum(a > 2 * b for a, b in pairs) * 3 >= len(pairs) * 2


def _meaning(hint: str) -> str | None:
    if words.TOTAL.search(hint):
        return "total_bytes"
    if words.RECEIVED.search(hint):
        return "downloaded_bytes"
    return "uploaded_bytes" if words.SENT.search(hint) else None


def _unnamed(roles: Roles, columns: Sequence[Column]) -> list[str]:
    """Assign two sizes of a request to both directions if one is much smaller, otherwise the first alone."""
    middles = sorted(_quantile(column.numbers(), 0.5) for column in columns)
    if len(columns) == 2 and roles.first("url") is not None and middles[1] > 3 * middles[0] > 0:
        return _both_ways(roles, columns[0], columns[1])
    return _one_size(roles, columns[0])


def _one_size(roles: Roles, column: Column) -> list[str]:
    """Take a single size for the response's if URLs are logged, as in proxies, otherwise for the total."""
    if roles.first("url") is None:
        roles.assign("total_bytes", column)
        return ["the one size is taken for bytes both ways"]
    roles.assign("downloaded_bytes", column)
    return ["the one size is taken for bytes to the client"]


def _by_numbers(roles: Roles, columns: Sequence[Column]) -> list[str]:
    """Decide by the numbers alone: sizes vary widely, and a total is the sum of two others."""
    source = roles.first("source_ip")
    after = -1 if source is None or source.place is None else source.place
    wrapped = [c.part(_IN_PARENTHESES) if _is_wrapped(c) else c for c in columns if c.place is not None]
    likely = [c for c in wrapped if _is_like_sizes(c)]
    behind = [c for c in likely if (c.place or 0) > after]
    for total, one, other in [*permutations(behind[:8], 3), *permutations(likely[:8], 3)]:
        if (one.place or 0) < (other.place or 0) and _is_sum(total, one, other):
            roles.assign("total_bytes", total)
            return _both_ways(roles, one, other)
    likely = behind
    likely.sort(key=lambda column: -_quantile(column.numbers(), 0.5))
    likely = [one for place, one in enumerate(likely) if not any(_is_one_size(one, more) for more in likely[:place])]
    chosen = sorted(likely[:2], key=lambda column: column.place or 0)
    if len(chosen) == 2:
        return _both_ways(roles, *chosen)
    return _one_size(roles, chosen[0]) if chosen else []


def _is_one_size(one: Column, other: Column) -> bool:
    """Return whether two columns measure the same data, such as a response with headers and its body alone."""
    pairs = [sorted(pair) for pair in _beside(one, other) if max(pair) >= _LARGE]
    return len(pairs) >= _FEW_LINES // 2 and sum(10 * less >= 8 * more for less, more in pairs) * 10 >= 9 * len(pairs)


def _is_wrapped(column: Column) -> bool:
    return column.share(lambda value: bool(re.fullmatch(_IN_PARENTHESES, value))) >= 0.9


def _both_ways(roles: Roles, one: Column, other: Column) -> list[str]:
    """Take the smaller for what was sent, since people read more than they write; if similar, the first."""
    first, second = (_quantile(column.numbers(), 0.5) for column in (one, other))
    sent, received = (other, one) if first > 3 * max(second, 1) else (one, other)
    roles.assign("uploaded_bytes", sent)
    roles.assign("downloaded_bytes", received)
    return ["which size is sent and which is received was decided by the amounts alone"]


def _is_like_sizes(column: Column) -> bool:
    numbers = column.numbers()
    if len(numbers) < 0.9 * column.filled or len(set(numbers)) * 5 < len(numbers) or not numbers:
        return False
    middle, high = _quantile(numbers, 0.5), _quantile(numbers, 0.98)
    least = min((number for number in numbers if number), default=1)
    spread = high >= 4 * max(middle, 1) or (high > _LARGEST_PORT and high >= 20 * least)
    rising = sum(after >= before for before, after in pairwise(numbers)) >= 0.95 * (len(numbers) - 1)
    return high >= 1000 and middle < _LARGEST_USUAL and spread and not (rising and len(numbers) > 10)


def _is_sum(total: Column, one: Column, other: Column) -> bool:
    triples = _beside(total, one, other)
    hits = sum(a == b + c for a, b, c in triples)
    return bool(triples) and hits * 20 >= len(triples) * 19


def _beside(*columns: Column) -> list[list[int]]:
    """Return the numbers of the lines that have one in each column."""
    lines = zip(*(column.values for column in columns), strict=True)
    known = [[int(each) for each in line if each and each.isdecimal()] for line in lines]
    return [numbers for numbers in known if len(numbers) == len(columns)]


def _quantile(numbers: Sequence[int], share: float) -> int:
    ordered = sorted(numbers)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0
