"""Where values of settings come from, and how they are checked.

Uses msgspec, which every command that opens an installation loads anyway: pydantic-settings cost each 100 ms
(decision 0019).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, fields
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec

PREFIX: Final = "OPENCASB_"
_WORDS: Final = {"yes": True, "y": True, "on": True, "t": True, "no": False, "n": False, "off": False, "f": False}
"""Words accepted as booleans besides ``true``, ``false``, 1 and 0."""

_KINDS: Final = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
"""What a value of each type is called."""

_OF_A_SERVICE: Final = re.compile(r"(?:tcp|udp|sctp)://")
"""The value that Kubernetes puts into ``OPENCASB_PORT`` in every container for a service called ``opencasb``."""


class WrongSettings(ValueError):
    """Invalid settings: one line for each, with its name, what is allowed and the value."""


def Field(  # noqa: N802 -- reads like a type in the settings class, as msgspec.Meta does
    default: Any,  # of the type of the setting
    *,
    description: str,
    check: Callable[[Any], Any] | None = None,  # of and to the type of the setting
    repr: bool = True,  # noqa: A002 -- as dataclasses.field has it
    **limits: Any,  # of msgspec.Meta
) -> Any:  # whatever the setting is
    """Return a field of the settings class; ``limits`` are those of ``msgspec.Meta``.

    ``check`` returns the value in its final form, and raises ``ValueError`` for one that is not allowed.
    """
    meta = msgspec.Meta(description=description, **limits)
    return field(default=default, repr=repr, metadata={"meta": meta, "check": check})


def descriptions(settings: type) -> dict[str, str]:
    """Return each setting's description."""
    return {each.name: each.metadata["meta"].description for each in fields(settings)}


def from_environment(settings: type) -> dict[str, Any]:  # a value may be of any type
    """Return the settings given by ``OPENCASB_*`` variables, whose names may be in any case.

    An empty variable sets only text and lists: Compose files pass on variables that are not set.
    """
    types = get_type_hints(settings)
    given = {key: os.environ[name] for name, key in _variables() if key in types}
    return {key: text for key, text in given.items() if not _says_nothing(text, types[key])}


def _says_nothing(text: str, kind: Any) -> bool:  # of any setting
    if kind is str or get_origin(kind) is tuple:
        return False
    return text == "" or (kind is int and _OF_A_SERVICE.match(text) is not None)


def unknown_variables(settings: type) -> list[str]:
    """Return the ``OPENCASB_*`` variables that name no setting; they may belong to another version and do no harm."""
    names = {each.name for each in fields(settings)}
    return sorted(name for name, key in _variables() if key not in names)


def _variables() -> Iterator[tuple[str, str]]:
    """Yield each ``OPENCASB_*`` variable and the setting that it names."""
    for name in os.environ:
        if name.upper().startswith(PREFIX):
            yield name, name.upper().removeprefix(PREFIX).lower()


def from_file(path: Path) -> dict[str, Any]:  # TOML
    """Return the values in a TOML file, none if it is missing. Raises :class:`WrongSettings` if it is invalid."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except ValueError as error:  # invalid TOML or UTF-8
        raise WrongSettings(f"{path}: {error}") from None


def checked(settings: type, values: Mapping[str, Any]) -> dict[str, Any]:  # values of any setting
    """Return ``values`` converted to the settings' types. Raises :class:`WrongSettings` listing the invalid ones."""
    known = {each.name: each for each in fields(settings)}
    types = get_type_hints(settings)
    problems = [f"setting {name}: no such setting (got {values[name]!r})" for name in values if name not in types]
    right = {}
    for name in values.keys() & types.keys():
        meta = known[name].metadata["meta"]
        try:
            value = _converted(values[name], types[name], meta)
            check = known[name].metadata["check"]
            right[name] = value if check is None else check(value)
        except ValueError as error:  # includes msgspec's ValidationError
            given = repr(values[name]) if known[name].repr else "a secret"
            problems.append(f"setting {name}: {_told(error, types[name], meta)} (got {given})")
    if problems:
        raise WrongSettings("\n".join(sorted(problems)))
    return right


def _converted(value: Any, kind: Any, meta: msgspec.Meta) -> Any:  # of any setting
    if kind is bool and isinstance(value, str):
        value = _WORDS.get(value.lower(), value)
    if get_origin(kind) is tuple and isinstance(value, str):
        value = _listed(value)
    return msgspec.convert(value, Annotated[kind, meta], strict=False, dec_hook=_made)


def _listed(text: str) -> Any:  # any JSON, if it looks like a list
    """Return the values of a list given as text."""
    if not text.lstrip().startswith("["):
        return [each.strip() for each in text.split(",") if each.strip()]
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(f"allowed: values with commas between them, or a JSON array; {error}") from None


def _made(kind: Any, value: Any) -> Any:  # types that msgspec does not know
    """Convert a value to a type that msgspec does not know, such as a path."""
    return kind(value)


def _told(error: ValueError, kind: Any, meta: msgspec.Meta) -> str:  # of any setting
    """Return what is allowed; msgspec names types as Python does."""
    if isinstance(error, msgspec.ValidationError) and kind in _KINDS:
        return f"allowed: {_KINDS[kind]}{_limits(meta)}"
    choices = ", ".join(repr(choice) for choice in _choices(kind))
    return f"{error}; allowed: {choices}" if choices else str(error)


def _limits(meta: msgspec.Meta) -> str:
    limits = (("from", meta.ge), ("above", meta.gt), ("to" if meta.ge is not None else "and at most", meta.le))
    return "".join(f" {word} {limit:g}" for word, limit in limits if limit is not None)


def _choices(kind: Any) -> Iterator[Any]:
    if get_origin(kind) is Literal:
        yield from get_args(kind)
    elif get_origin(kind) is tuple:
        yield from _choices(get_args(kind)[0])
