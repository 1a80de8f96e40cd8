"""Names for the columns of a log without a header row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from opencasb.discovery.custom.definition import MEANINGS, Definition, Fields, field_of
from opencasb.discovery.inference.roles import Roles


def with_names(definition: Definition, roles: Roles) -> Definition:
    """Return a definition in which columns without a header row are named by their meaning."""
    if definition.kind != "delimiter" or not definition.columns:
        return definition
    names = {column.name: meaning for meaning in reversed(MEANINGS) for column in roles.found.get(meaning, [])}
    timed = list(definition.time.fields) if definition.time else []
    for number, item in enumerate(timed):
        names[field_of(item)] = "time" if len(timed) == 1 else f"time_{number + 1}"
    names = {old: new for old, new in names.items() if old in definition.columns}
    fields = {meaning: _renamed(getattr(definition.fields, meaning), names) for meaning in MEANINGS}
    return msgspec.structs.replace(
        definition,
        columns=[names.get(name, name) for name in definition.columns],
        fields=Fields(**fields),
        time=definition.time and msgspec.structs.replace(definition.time, fields=_renamed(timed, names)),
    )


def _renamed(source: Any, names: Mapping[str, str]) -> Any:  # what a definition takes
    """Return the source of a meaning with its columns renamed."""
    if source is None or isinstance(source, list):
        return source and [_renamed(item, names) for item in source]
    name = names.get(field_of(source), field_of(source))
    return name if isinstance(source, str) else msgspec.structs.replace(source, field=name)
