"""Keep secrets out of the reprs of records, and thus out of logs and tracebacks."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec


class Guarded(msgspec.Struct, frozen=True, kw_only=True):
    """A record whose repr omits the fields named in ``GUARDED``; dataclasses use ``repr=False`` instead."""

    GUARDED: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        """Return the repr without guarded fields."""
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({shown})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # values of any field
        """Return the same fields for rich, which inspects msgspec structs instead of calling their repr."""
        return [(name, getattr(self, name)) for name in self.__struct_fields__ if name not in self.GUARDED]
