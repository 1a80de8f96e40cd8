"""Splits free-text lines into tokens: the words of their sentences, and what stands between them.

Every expression here visits each position of a line once, so tokenising takes linear time.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from opencasb.discovery.inference import words
from opencasb.discovery.inference.columns import is_host

MOST_TOKENS: Final = 250
"""Most tokens in a line from which a pattern is made."""

SENTENCE: Final = frozenset({
    "a", "after", "and", "at", "by", "bytes", "for", "from", "has", "in", "into", "is", "of", "on", "out", "over",
    "port", "the", "through", "to", "user", "via", "was", "with",
})  # fmt: skip
"""Words that are never values: two of them in a line, between blanks, make it a sentence."""

LONGEST: Final = 2048
"""Longest such line in characters."""

_DAY: Final = (
    r"\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/. ](?:\d\d?|[A-Z][a-z]{2})[-/. ]\d{4}|[A-Z][a-z]{2}  ?\d\d?(?: \d{4})?"
)
_CLOCK: Final = r"\d\d?:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?[AaPp][Mm]\b)?"
_ZONE: Final = r"(?: ?[+-]\d\d:?\d\d\b|Z\b| (?:GMT|UTC)\b)?"
_PATH: Final = r"[^\s\"'<>]*[^\s\"'<>.,;:)\]}]"
_TOKEN: Final = re.compile(
    rf"(?P<time>(?:{_DAY})(?:,? |T|:){_CLOCK}{_ZONE}(?: \d{{4}}\b)?|{_CLOCK}|\d{{4}}[-/.]\d\d?[-/.]\d\d?\b)"
    rf"|(?P<url>[A-Za-z][A-Za-z0-9+.-]{{1,12}}://{_PATH}|(?:[A-Za-z0-9-]{{1,63}}\.){{1,8}}[A-Za-z]{{2,24}}(?::\d+)?/{_PATH})"
    r"|(?P<address>\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\w)|(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{2,39}(?!\w))"
    r"|(?P<quoted>\"[^\"]*\"|(?<![^\s=:(\[,])'[^']*'(?!\w))"
    r"|(?P<number>\d+(?:\.\d+)?(?![\w@%]|[.-]\w))"
    rf"|(?P<path>(?<![\w)\]])/{_PATH})"
    r"|(?P<none>(?<![^\s=:(\[,;])-(?![^\s,;)\]]))"
    r"|(?P<word>[\w$%~\\](?:[\w+~\\.-]*[\w$%~\\])?(?:@(?!\d+\.\d+\.\d)\w(?:[\w.-]*\w)?)?)"
    r"|(?P<blank>\s+)"
    r"|(?P<mark>.)",
    re.DOTALL,
)


class Token(NamedTuple):
    """A piece of a line: ``word`` (letters only), ``blank``, ``mark`` (one character), or a kind of value."""

    kind: str
    text: str


def tokens(text: str) -> list[Token] | None:
    """Return the consecutive pieces of a line, or None if it is too long to be a sentence."""
    if len(text) > LONGEST:
        return None
    found: list[Token] = []
    for hit in _TOKEN.finditer(text):
        if len(found) == MOST_TOKENS:
            return None
        found.append(Token(_kind(hit), hit[0]))
    return found


def _kind(hit: re.Match[str]) -> str:
    kind, text = str(hit.lastgroup), hit[0]
    if kind != "word":
        return kind
    if is_host(text):
        return "host"
    if not text.isalpha():
        return "value"
    return "verdict" if is_verdict(text) else "word"


def is_verdict(word: str) -> bool:
    """Return whether a word says that something was allowed or blocked."""
    return bool(words.BLOCK.match(word) or words.ALLOW.match(word))
