"""Records that hold a secret, and show it to nobody who only looks: logs and tracebacks show reprs."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec


class Guarded(msgspec.Struct, frozen=True, kw_only=True):
    """A record whose repr leaves out the fields named in ``GUARDED``; those of dataclasses have ``repr=False``."""

    GUARDED: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        """Return what the record shows."""
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({shown})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # values of any field
        """Tell rich the same, which asks msgspec's records for their fields and not for their repr."""
        return [(name, getattr(self, name)) for name in self.__struct_fields__ if name not in self.GUARDED]
