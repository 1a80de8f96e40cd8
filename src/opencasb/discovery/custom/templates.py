"""Field references in a definition: a single field, or a template joining several (``{scheme}://{host}{path}``)."""

from __future__ import annotations

import re
from typing import Final

from opencasb.discovery.custom.definition import MEANINGS, Definition, FieldRule, field_of, listed

WHOLE_LINE: Final = "*"
"""The name of the whole line, without its transport header."""

_BRACED: Final = re.compile(r"\{([^{}]+)\}")


def parts(template: str) -> list[tuple[str, str]]:
    """Split a template into (literal text, field) pairs; a text without braces is one field, the last may be empty.

    ``a{b}`` is ``[("a", "b")]``, ``b`` is ``[("", "b")]``, ``{b}!`` is ``[("", "b"), ("!", "")]``.
    """
    found = list(_BRACED.finditer(template))
    if not found:
        return [("", template)]
    ends = [0, *(hit.end() for hit in found)]
    pieces = [(template[end : hit.start()], hit[1]) for end, hit in zip(ends, found, strict=False)]
    rest = template[ends[-1] :]
    return [*pieces, (rest, "")] if rest else pieces


def names_in(item: str | FieldRule) -> list[str]:
    """Return the fields that a template or rule uses."""
    return [name for _, name in parts(field_of(item)) if name]


def names_of(definition: Definition) -> list[str]:
    """Return every field that a definition uses, without duplicates."""
    meant = [item for name in MEANINGS for item in listed(getattr(definition.fields, name))]
    timed = definition.time.fields if definition.time is not None else []
    tested = [rule.field for rule in definition.ignore if rule.field]
    return list(dict.fromkeys([name for item in [*meant, *timed] for name in names_in(item)] + tested))
