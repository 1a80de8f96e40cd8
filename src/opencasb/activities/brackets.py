"""Cutting JSON at its outermost commas, whatever is wrong between them: so that each part can fail by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{},]', re.DOTALL)
"""A whole text, in which brackets and commas mean nothing, or what means something; a quote alone has no end."""

_MEMBER: Final = re.compile(rb'\s*"((?:[^"\\]++|\\.)*+)"\s*:', re.DOTALL)
_SOMETHING: Final = re.compile(rb"\S")
_CLOSING: Final = {ord("["): ord("]"), ord("{"): ord("}")}
_QUOTE: Final = ord('"')
_COMMA: Final = ord(",")


class Unbalanced(ValueError):
    """The brackets do not balance, or something follows them, so nobody can tell where a part ends."""


def elements(view: memoryview) -> list[memoryview]:
    """Return what stands between the commas of the one array or object in ``view``, which begins with its bracket.

    Levels cost a byte each and no recursion. Raises :class:`Unbalanced`.
    """
    cuts = list(_cuts(view))
    if _SOMETHING.search(view, cuts[-1] + 1):
        raise Unbalanced(f"something follows its end (byte {cuts[-1]})")
    parts = [view[before + 1 : at] for before, at in pairwise(cuts)]
    return parts if len(parts) > 1 or _SOMETHING.search(parts[0]) else []


def members(view: memoryview) -> dict[str, memoryview]:
    """Return the values of the one object in ``view`` by their keys, as these are written.

    Raises :class:`Unbalanced`.
    """
    found = ((part, _MEMBER.match(part)) for part in elements(view))
    return {match[1].decode("utf-8", "replace"): part[match.end() :] for part, match in found if match}


def length(view: memoryview) -> int:
    """Return how many bytes the array or object takes that ``view`` begins with, whatever follows it.

    Raises :class:`Unbalanced`.
    """
    return max(_cuts(view)) + 1


def _cuts(view: memoryview) -> Iterator[int]:
    """Yield where the outermost brackets and the commas between them stand."""
    closing = bytearray()
    for match in _TOKEN.finditer(view):
        at = match.start()
        token = view[at]
        if token == _QUOTE and match.end() > at + 1:
            continue
        if token in _CLOSING:
            closing.append(_CLOSING[token])
        elif token != _COMMA and not (closing and closing.pop() == token):
            break  # the wrong bracket, or a text without end
        if len(closing) == (0 if token in b"]}" else 1):
            yield at
        if not closing:
            return
    raise Unbalanced("its brackets do not balance")
