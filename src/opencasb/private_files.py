"""Owner-only permissions for private files in a data directory."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencasb.settings import Settings


def keep_private(settings: Settings) -> None:
    """Create the files and folders that show what people do as owner-only, if missing; others may read ``ca.pem``.

    Whoever needs a folder that cannot be created reports it. Raises ``OSError`` if the database file cannot be created.
    """
    with suppress(OSError):
        for name in ("uploads", "receivers") if settings.lake_url else ("uploads", "receivers", "lake"):
            (settings.data / name).mkdir(mode=0o700, exist_ok=True)
    if not settings.database_url and not settings.database_file.exists():
        settings.database_file.touch(mode=0o600)
