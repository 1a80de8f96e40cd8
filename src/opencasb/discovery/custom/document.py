"""Reads a custom parser's document, YAML or JSON; every error names the field, the value and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, get_args, get_type_hints

import msgspec

from opencasb.discovery.custom.checks import check
from opencasb.discovery.custom.definition import (
    MEANINGS,
    Definition,
    FieldRule,
    Fields,
    Ignored,
    InvalidDefinition,
    Time,
)

LARGEST_DOCUMENT: Final = 64 * 1024
_PATH: Final = re.compile(r" - at `(?:key in )?\$(.*?)`$", re.DOTALL)
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING: Final = re.compile(r"Object missing required field `(.*)`", re.DOTALL)
_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_STRUCTS: Final = {"fields": Fields, "time": Time, "ignore": Ignored}


def read_document(content: bytes | str) -> Definition:
    """Parse and validate the definition in a document. Raises :class:`InvalidDefinition`."""
    if len(content) > LARGEST_DOCUMENT:
        raise InvalidDefinition(f"the document has {len(content)} bytes; allowed: {LARGEST_DOCUMENT}")
    return from_values(_values(content))


def from_values(values: Any) -> Definition:  # any JSON
    """Return the validated definition from decoded JSON or YAML. Raises :class:`InvalidDefinition`."""
    if not isinstance(values, Mapping):
        raise InvalidDefinition(f"the document is {_shown(values)}; an object of {_names(Definition)} is expected")
    try:
        definition = msgspec.convert(values, Definition)
    except msgspec.ValidationError as error:
        raise InvalidDefinition(_explained(str(error), values)) from None
    check(definition)
    return definition


def to_json(definition: Definition) -> str:
    """Return a definition as JSON text for storage."""
    return msgspec.json.encode(definition).decode()


def to_yaml(definition: Definition) -> str:
    """Return a definition as a YAML document."""
    import yaml

    values = msgspec.to_builtins(definition)
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)


def _values(content: bytes | str) -> Any:  # any JSON
    import yaml

    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    except UnicodeDecodeError:
        raise InvalidDefinition("the document is not UTF-8 text") from None
    try:
        if text.lstrip().startswith("{"):
            return msgspec.json.decode(text)
        return yaml.load(text, Loader=_loader())  # noqa: S506 -- a restricted safe loader
    except (yaml.YAMLError, msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())
        raise InvalidDefinition(f"the document is neither YAML nor JSON: {reason}") from None


def _loader() -> Any:  # a class of yaml's, which is imported here only
    import yaml

    class Loader(yaml.SafeLoader):
        """Refuses aliases: a few of them can expand to a document of terabytes."""

        def compose_node(self, parent: Any, index: Any) -> Any:  # nodes of yaml's
            """Return the next node."""
            if self.check_event(yaml.AliasEvent):
                raise ValueError("aliases (*name) are not allowed")
            return super().compose_node(parent, index)

    return Loader


def _explained(message: str, values: Any) -> str:  # any JSON
    """Turn msgspec's message into a sentence with field, value and what is allowed."""
    at = _PATH.search(message)
    path = at[1] if at else ""
    what = message[: at.start()] if at else message
    steps = [name or number for name, number in _STEP.findall(path) if number != "..."]
    where = ".".join(steps)
    unknown, missing = _UNKNOWN.match(what), _MISSING.match(what)
    if unknown:
        return f"{'.'.join([*steps, unknown[1]])} is not a field; allowed: {_names(_struct(steps))}"
    if missing:
        return f"{'.'.join([*steps, missing[1]])} is missing; needed: {_allowed(missing[1])}"
    value = _at(values, steps)
    name = steps[-1] if steps else ""
    return f"{where or 'the document'}: {_shown(value)} does not fit; allowed: {_allowed(name) or what}"


def _struct(steps: list[str]) -> Any:  # a class of msgspec's
    if len(steps) > 1 and steps[0] in {"fields", "time"}:
        return FieldRule
    return _STRUCTS.get(steps[0], Definition) if steps else Definition


def _names(struct: Any) -> str:  # a class of msgspec's
    return ", ".join(struct.__struct_fields__)


def _at(values: Any, steps: list[str]) -> Any:  # any JSON
    for step in steps:
        if isinstance(values, Mapping) and step in values:
            values = values[step]
        elif isinstance(values, list) and step.isdecimal() and int(step) < len(values):
            values = values[int(step)]
        else:
            break
    return values


_WORDS: Final = {
    "name": "1-64 letters, digits, - and _",
    "fields": f"an object of {', '.join(MEANINGS)}",
    "time": f"an object of {', '.join(Time.__struct_fields__)}",
    "ignore": f"a list of objects of {', '.join(Ignored.__struct_fields__)}",
    "columns": "a list of up to 512 names of 1-128 characters",
    "patterns": "a list of up to 8 regular expressions of up to 2000 characters",
    "actions": "an object of up to 256 values, each allow or block",
    **dict.fromkeys(("delimiter", "assign"), "1-4 characters"),
    "scale": "a number above 0, up to 1e12",
    "format": "auto, unix or a pattern such as dd/MM/yyyy HH:mm:ss, of 1-64 characters",
    "description": "a text of up to 1000 characters",
    "values": "an object of up to 256 texts",
    **dict.fromkeys(("syslog", "repeated", "brackets", "open_values", "day_first"), "true or false"),
    "zone": "an IANA time zone such as Europe/Berlin",
    **dict.fromkeys(("start", "pattern", "drop", "keep"), "a regular expression of up to 2000 characters"),
    "reason": "a text of up to 100 characters",
    "field": "the name of a field of the log",
    **dict.fromkeys(MEANINGS, "a field's name, a template, an object with field, or a list of these"),
}


def _allowed(name: str) -> str:
    """Return a description of what a field accepts."""
    hint = get_type_hints(Definition, include_extras=False).get(name)
    choices = [choice for choice in get_args(hint) if isinstance(choice, str)] if hint is not None else []
    if choices:
        return " or ".join(choice or "nothing ('')" for choice in choices)
    return _WORDS.get(name, "")


def _shown(value: Any) -> str:  # any JSON
    try:
        text = repr(value)
    except ValueError:  # YAML reads numbers of any length, and Python writes none of more than 4300 digits
        return "a number of more than 4300 digits"
    return text if len(text) <= 80 else text[:77] + "..."
