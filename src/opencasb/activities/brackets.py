"""Split JSON at its outermost commas without parsing the parts, so that each part can fail on its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{},]', re.DOTALL)
"""A complete string, whose brackets and commas do not count, or a structural character; a lone quote never closes."""

_MEMBER: Final = re.compile(rb'\s*"((?:[^"\\]++|\\.)*+)"\s*:', re.DOTALL)
_SOMETHING: Final = re.compile(rb"\S")
_CLOSING: Final = {ord("["): ord("]"), ord("{"): ord("}")}
_QUOTE: Final = ord('"')
_COMMA: Final = ord(",")


class Unbalanced(ValueError):
    """The brackets do not balance or something follows them, so the parts cannot be delimited."""


def elements(view: memoryview) -> list[memoryview]:
    """Return the comma-separated parts of the one array or object in ``view``, which begins with its bracket.

    Nesting costs one byte per level and no recursion. Raises :class:`Unbalanced`.
    """
    cuts = list(_cuts(view))
    if _SOMETHING.search(view, cuts[-1] + 1):
        raise Unbalanced(f"something follows its end (byte {cuts[-1]})")
    parts = [view[before + 1 : at] for before, at in pairwise(cuts)]
    return parts if len(parts) > 1 or _SOMETHING.search(parts[0]) else []


def members(view: memoryview) -> dict[str, memoryview]:
    """Return the members of the one object in ``view``, keyed by their raw (still escaped) names.

    Raises :class:`Unbalanced`.
    """
    found = ((part, _MEMBER.match(part)) for part in elements(view))
    return {match[1].decode("utf-8", "replace"): part[match.end() :] for part, match in found if match}


def length(view: memoryview) -> int:
    """Return the length in bytes of the array or object at the start of ``view``, whatever follows it.

    Raises :class:`Unbalanced`.
    """
    return max(_cuts(view)) + 1


def _cuts(view: memoryview) -> Iterator[int]:
    """Yield the offsets of the outermost brackets and of the commas between them."""
    closing = bytearray()
    for match in _TOKEN.finditer(view):
        at = match.start()
        token = view[at]
        if token == _QUOTE and match.end() > at + 1:
            continue
        if token in _CLOSING:
            closing.append(_CLOSING[token])
        elif token != _COMMA and not (closing and closing.pop() == token):
            break  # mismatched bracket or unterminated string
        if len(closing) == (0 if token in b"]}" else 1):
            yield at
        if not closing:
            return
    raise Unbalanced("its brackets do not balance")
