"""Validates a definition beyond its types: its parts fit together, and its expressions and formats work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import Final
from zoneinfo import available_timezones

import polars as pl

from opencasb.discovery.custom.definition import (
    MEANINGS,
    MOST_REPETITIONS,
    ONLY_FOR,
    SIZES,
    Definition,
    FieldRule,
    Fields,
    InvalidDefinition,
    listed,
)
from opencasb.discovery.custom.templates import WHOLE_LINE, names_of
from opencasb.discovery.custom.time_format import AUTO, UNIX, percent_pattern
from opencasb.model.custom_parser import NAME

_COUNT: Final = re.compile(r"\{(\d+)(?:,(\d*))?\}", re.ASCII)
_TARGETS: Final = ("destination_host", "destination_ip", "url")
_SPECIAL: Final = frozenset("\"'\\\r\n\ue000")


def check(definition: Definition) -> None:
    """Raise :class:`InvalidDefinition` for the first problem found."""
    if not NAME.fullmatch(definition.name):
        raise InvalidDefinition(f"name: {definition.name!r} must be 1-64 letters, digits, - and _")
    _check_options(definition)
    _check_meanings(definition)
    for where, pattern in _patterns(definition):
        check_pattern(where, pattern)
    _check_time(definition)
    _check_names(definition)


def check_pattern(where: str, pattern: str) -> None:
    """Refuse what the engine cannot compile or what would grow large: it is linear in text and expression size."""
    grown = prod(max(int(low), int(high or low)) for low, high in _COUNT.findall(pattern) if int(high or low) > 1)
    if grown > MOST_REPETITIONS:
        raise InvalidDefinition(
            f"{where}: the counts in braces of {pattern!r} multiply to {grown}; allowed: {MOST_REPETITIONS}"
        )
    try:
        pl.Series([""]).str.contains(pattern)
        pl.Series([""]).str.extract_groups(pattern)
    except pl.exceptions.PolarsError as error:
        reason = " ".join(str(error).partition("This error occurred")[0].split()).removeprefix("regex error: ")
        raise InvalidDefinition(
            f"{where}: {pattern!r} is not a regular expression: {reason}; Rust's syntax is allowed, without look-around"
        ) from None


def group_names(pattern: str) -> list[str]:
    """Return the named groups of a validated pattern."""
    kind = pl.Series([""]).str.extract_groups(pattern).dtype
    fields = kind.fields if isinstance(kind, pl.Struct) else []
    return [field.name for field in fields if not field.name.isdecimal()]


def _check_options(definition: Definition) -> None:
    default = Definition(name="x", kind="json", fields=Fields())
    for option, kinds in ONLY_FOR.items():
        given = getattr(definition, option)
        if given != getattr(default, option) and definition.kind not in kinds:
            raise InvalidDefinition(
                f"{option}: {given!r} does not go with kind {definition.kind}; allowed only for {', '.join(kinds)}"
            )
    if definition.kind == "regex" and not definition.patterns:
        raise InvalidDefinition("patterns: [] is empty; kind regex needs 1-8 regular expressions with named groups")
    for option in ("delimiter", "assign"):
        given = getattr(definition, option) or ""
        if set(given) & _SPECIAL or (given and not given.isprintable() and given != "\t"):
            raise InvalidDefinition(
                f"{option}: {given!r} may hold neither quotes, backslashes nor control characters but the tab"
            )
    if definition.kind == "pairs" and (definition.delimiter or " ").strip() == definition.assign.strip():
        raise InvalidDefinition(f"assign: {definition.assign!r} is the delimiter, too; use another text")
    for text in definition.actions:
        if not 0 < len(text) <= 200:
            raise InvalidDefinition(f"actions: {text[:80]!r} must be 1-200 characters")
    if len(set(definition.columns)) != len(definition.columns):
        twice = next(name for name in definition.columns if definition.columns.count(name) > 1)
        raise InvalidDefinition(f"columns: {twice!r} is there twice; each name is allowed once")


def _check_meanings(definition: Definition) -> None:
    fields = definition.fields
    if fields.source_ip is None:
        raise InvalidDefinition("fields.source_ip is missing; needed: the field with the client's address")
    if not any(getattr(fields, name) is not None for name in _TARGETS):
        raise InvalidDefinition(f"fields: a target is missing; needed: one of {', '.join(_TARGETS)}")
    for name in MEANINGS:
        for item in listed(getattr(fields, name)):
            if isinstance(item, FieldRule) and item.scale != 1 and name not in SIZES:
                raise InvalidDefinition(
                    f"fields.{name}.scale: {item.scale} is for sizes; allowed only for {', '.join(SIZES)}"
                )
    if definition.actions and fields.action is None:
        raise InvalidDefinition("fields.action is missing; actions say what its values mean")
    for number, rule in enumerate(definition.ignore):
        if bool(rule.drop) == bool(rule.keep):
            raise InvalidDefinition(f"ignore.{number}: give drop or keep, a regular expression")


def _patterns(definition: Definition) -> Iterator[tuple[str, str]]:
    yield "start", definition.start
    for number, pattern in enumerate(definition.patterns):
        if not pattern:
            raise InvalidDefinition(f"patterns.{number}: '' is empty; needed: a regular expression with named groups")
        yield f"patterns.{number}", pattern
    for name in MEANINGS:
        for item in listed(getattr(definition.fields, name)):
            if isinstance(item, FieldRule):
                yield f"fields.{name}.pattern", item.pattern
    for item in definition.time.fields if definition.time else []:
        if isinstance(item, FieldRule):
            yield "time.fields.pattern", item.pattern
    for number, rule in enumerate(definition.ignore):
        yield f"ignore.{number}", rule.drop or rule.keep


def _check_time(definition: Definition) -> None:
    time = definition.time
    if time is None:
        return
    if time.zone and time.zone not in available_timezones():
        raise InvalidDefinition(
            f"time.zone: {time.zone!r} is not an IANA time zone; allowed: names such as Europe/Berlin"
        )
    if time.format not in {AUTO, UNIX}:
        try:
            percent_pattern(time.format)
        except ValueError as error:
            raise InvalidDefinition(f"time.format: {error}") from None


def _check_names(definition: Definition) -> None:
    for name in names_of(definition):
        if len(name) > 128 or not name.isprintable() or "\ue000" in name:
            raise InvalidDefinition(f"fields: {name[:80]!r} must be 1-128 printable characters")
    known = definition.columns if definition.kind in {"delimiter", "w3c"} else []
    if definition.kind == "regex":
        known = [name for pattern in definition.patterns for name in group_names(pattern)]
    if known or definition.kind == "regex":
        for name in names_of(definition):
            if name not in known and name != WHOLE_LINE:
                raise InvalidDefinition(f"fields: {name!r} is not in the log; allowed: {', '.join(known) or 'none'}")
