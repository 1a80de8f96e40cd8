"""The definition of a custom parser: how a log is split into fields, and what the fields mean (portal §3).

The document is YAML or JSON; ``docs/custom-parsers.md`` describes it for authors. All limits are here, because a
definition is untrusted input, and so are its regular expressions.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from opencasb.discovery.compression import LogError


class InvalidDefinition(LogError):
    """The definition of a custom parser cannot be used; the message names field, value and what is allowed."""


Kind = Literal["delimiter", "pairs", "json", "cef", "leef", "w3c", "regex"]
Verdict = Literal["allow", "block"]

LONGEST_PATTERN: Final = 2000
MOST_PATTERNS: Final = 8
MOST_REPETITIONS: Final = 1000
"""Product of the counts in braces in one regular expression, which bounds its size when compiled."""

Name = Annotated[str, Meta(min_length=1, max_length=128)]
Pattern = Annotated[str, Meta(max_length=LONGEST_PATTERN)]
Template = Annotated[str, Meta(min_length=1, max_length=512)]


class FieldRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a field: the first group of ``pattern`` in ``field``, or the whole match if it has no group.

    ``values`` maps texts to replacements; ``scale`` is the factor that converts a size to bytes.
    """

    field: Template
    pattern: Pattern = ""
    values: Annotated[dict[str, str], Meta(max_length=256)] = {}
    scale: Annotated[float, Meta(gt=0, le=1e12)] = 1


Source = str | FieldRule | Annotated[list[str | FieldRule], Meta(min_length=1, max_length=16)]
"""A field, a template of several (``{scheme}://{host}{path}``), a rule, or a list of these, of which the first with a
value wins."""


class Fields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which log field holds which part of a transaction (log-formats §1)."""

    source_ip: Source | None = None
    user: Source | None = None
    source_device: Source | None = None
    destination_host: Source | None = None
    destination_ip: Source | None = None
    url: Source | None = None
    scheme: Source | None = None
    method: Source | None = None
    action: Source | None = None
    uploaded_bytes: Source | None = None
    downloaded_bytes: Source | None = None
    total_bytes: Source | None = None
    transactions: Source | None = None


class Time(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where the time is and how it is written: ``fields`` are joined with blanks.

    ``format`` is ``auto``, ``unix`` (the unit is inferred from the magnitude), a percent pattern or a Java pattern.
    ``zone`` applies to times without one, and defaults to the data source's.
    """

    fields: Annotated[list[str | FieldRule], Meta(min_length=1, max_length=3)]
    format: Annotated[str, Meta(min_length=1, max_length=64)] = "auto"
    zone: str = ""
    day_first: bool | None = None


class Ignored(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Lines that are not transactions: those that match ``drop`` or do not match ``keep``, in a field or the line."""

    drop: Pattern = ""
    keep: Pattern = ""
    field: Annotated[str, Meta(max_length=128)] = ""
    reason: Annotated[str, Meta(max_length=100)] = ""


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A custom parser.

    ``syslog`` strips syslog headers, and collectors' objects, first; ``start`` is where the text begins after them.
    ``delimiter`` separates columns or pairs (``repeated``: any number of it), ``assign`` separates a key from its
    value, and ``quote`` encloses values; ``brackets`` hold a value together as quotes do. ``columns`` names columns
    that no header row names. With ``open_values`` a value extends to the next key. ``patterns`` have named groups; the
    first match wins. ``actions`` gives the meaning of action values, with ``*`` for any text; unlisted values mean
    allowed. Lines without a client or a target are rejected, or ignored if ``incomplete`` says so.
    """

    name: str
    kind: Kind
    fields: Fields
    description: Annotated[str, Meta(max_length=1000)] = ""
    syslog: bool = True
    start: Pattern = ""
    delimiter: Annotated[str, Meta(min_length=1, max_length=4)] | None = None
    repeated: bool = False
    quote: Literal['"', "'", ""] = '"'
    brackets: bool = False
    columns: Annotated[list[Name], Meta(max_length=512)] = []
    assign: Annotated[str, Meta(min_length=1, max_length=4)] = "="
    open_values: bool = False
    patterns: Annotated[list[Pattern], Meta(max_length=MOST_PATTERNS)] = []
    time: Time | None = None
    actions: Annotated[dict[str, Verdict], Meta(max_length=256)] = {}
    ignore: Annotated[list[Ignored], Meta(max_length=32)] = []
    incomplete: Literal["reject", "ignore"] = "reject"


ONLY_FOR: Final[dict[str, tuple[str, ...]]] = {
    "delimiter": ("delimiter", "pairs"),
    "repeated": ("delimiter",),
    "brackets": ("delimiter",),
    "columns": ("delimiter", "w3c"),
    "quote": ("delimiter", "pairs"),
    "assign": ("pairs",),
    "open_values": ("pairs",),
    "patterns": ("regex",),
}
"""Option → the kinds that support it."""

MEANINGS: Final[tuple[str, ...]] = Fields.__struct_fields__
SIZES: Final = ("uploaded_bytes", "downloaded_bytes", "total_bytes")


def field_of(item: str | FieldRule) -> str:
    """Return the field, or template, that an item takes its value from."""
    return item if isinstance(item, str) else item.field


def listed(source: Source | None) -> list[str | FieldRule]:
    """Return the alternatives for a field, in order."""
    if source is None:
        return []
    return source if isinstance(source, list) else [source]
