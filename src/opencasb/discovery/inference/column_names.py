"""Names for the columns of a log without a header row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opencasb.discovery.custom.definition import MEANINGS, Definition, FieldRule, Fields
from opencasb.discovery.inference.columns import replace_field
from opencasb.discovery.inference.roles import Roles


def with_names(definition: Definition, roles: Roles) -> Definition:
    """Return a definition whose columns without header row are named by what they mean."""
    import msgspec

    if definition.kind != "delimiter" or not definition.columns:
        return definition
    names = {column.name: meaning for meaning in reversed(MEANINGS) for column in roles.found.get(meaning, [])}
    timed = list(definition.time.fields) if definition.time else []
    for number, item in enumerate(timed):
        names[_field(item)] = "time" if len(timed) == 1 else f"time_{number + 1}"
    names = {old: new for old, new in names.items() if old in definition.columns}
    rename = _Renaming(names)
    fields = {meaning: rename.source(getattr(definition.fields, meaning)) for meaning in MEANINGS}
    return msgspec.structs.replace(
        definition,
        columns=[names.get(name, name) for name in definition.columns],
        fields=Fields(**fields),
        time=msgspec.structs.replace(definition.time, fields=[rename.item(item) for item in timed])
        if definition.time
        else None,
    )


def _field(item: str | FieldRule) -> str:
    return item if isinstance(item, str) else item.field


@dataclass(frozen=True, slots=True)
class _Renaming:
    """Gives the columns of a definition other names."""

    names: dict[str, str]

    def item(self, item: str | FieldRule) -> str | FieldRule:
        """Return one item, renamed."""
        return replace_field(item, self.names.get(_field(item), _field(item)))

    def source(self, source: Any) -> Any:  # what a definition takes
        """Return what a meaning is taken from, renamed."""
        if isinstance(source, list):
            return [self.item(item) for item in source]
        return None if source is None else self.item(source)
