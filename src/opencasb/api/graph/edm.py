"""The entity data model of the resource types: one table that feeds all other parts.

``$metadata``, ``$select``, ``$filter``, ``$orderby`` and the records themselves are all derived from these values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

NAMESPACE: Final = "microsoft.graph.security"
UNKNOWN_FUTURE: Final = "unknownFutureValue"


class Primitive(StrEnum):
    """The primitive types in use. Instants are stored as ms since the epoch UTC."""

    STRING = "Edm.String"
    BOOLEAN = "Edm.Boolean"
    INT32 = "Edm.Int32"
    INT64 = "Edm.Int64"
    INSTANT = "Edm.DateTimeOffset"


def squeezed(text: str) -> str:
    """Return ``text`` in lower case, reduced to letters and digits, as enum values are compared (graph §5.2)."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


@dataclass(frozen=True, eq=False)
class Enum:
    """An enumeration. ``late`` members follow the sentinel (graph §4); ``labels`` are display names by member."""

    name: str
    members: tuple[str, ...]
    late: frozenset[str] = frozenset()
    flags: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _by_text(self) -> dict[str, str]:
        labels = {squeezed(label): member for member, label in self.labels.items()}
        return labels | {squeezed(member): member for member in self.members}

    def member(self, text: str) -> str | None:
        """Return the member that ``text`` denotes (member or display name, any case or punctuation), or None."""
        return self._by_text.get(squeezed(text))

    def shown(self, value: str, *, include_late: bool) -> str:
        """Return the wire form of ``value`` (comma-separated members for flags); late members only on request."""
        if include_late:
            return value
        return ",".join(UNKNOWN_FUTURE if member in self.late else member for member in value.split(","))


@dataclass(frozen=True, slots=True)
class Property:
    """A structural property."""

    name: str
    type: Primitive | Enum
    collection: bool = False
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Navigation:
    """A property that leads to other entities; sent only when expanded."""

    name: str
    target: str
    collection: bool = False


@dataclass(frozen=True, eq=False)
class EntityType:
    """A resource type. ``hidden`` properties can be used in filters but are never sent."""

    name: str
    own_properties: tuple[Property, ...] = ()
    own_navigations: tuple[Navigation, ...] = ()
    base: EntityType | None = None
    key: str = "id"
    namespace: str = NAMESPACE
    abstract: bool = False
    hidden: tuple[Property, ...] = ()

    @cached_property
    def full_name(self) -> str:
        """The qualified name."""
        return f"{self.namespace}.{self.name}"

    @cached_property
    def properties(self) -> Mapping[str, Property]:
        """All structural properties by name, inherited ones first."""
        inherited = self.base.properties if self.base else {}
        return {**inherited, **{each.name: each for each in self.own_properties}}

    @cached_property
    def navigations(self) -> Mapping[str, Navigation]:
        """All navigation properties by name, inherited ones first."""
        inherited = self.base.navigations if self.base else {}
        return {**inherited, **{each.name: each for each in self.own_navigations}}

    @cached_property
    def filterable(self) -> Mapping[str, Property]:
        """All properties that may be used in a filter, by name."""
        inherited = self.base.filterable if self.base else {}
        return {**inherited, **self.properties, **{each.name: each for each in self.hidden}}
