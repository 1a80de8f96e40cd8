"""Delta tables at a location: a URL of an object store, or a directory, whatever letters its name has."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from deltalake import DeltaTable


class _LocalTable(DeltaTable):
    """Tells where its files are as the file system has it: the library writes blanks and umlauts as URLs do."""

    def file_uris(self, *given: Any, **named: Any) -> list[str]:  # as the library's
        """Return the paths of the files that count now."""
        return [unquote(path) for path in super().file_uris(*given, **named)]


def opened(location: str, options: dict[str, str] | None) -> DeltaTable:
    """Open a table as it is now. Raises ``TableNotFoundError``."""
    return (DeltaTable if "://" in location else _LocalTable)(location, storage_options=options)
