"""What nobody but its owner may read in a data directory."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencasb.settings import Settings


def keep_private(settings: Settings) -> None:
    """Make what shows people's doings readable by its owner only, where it is not there yet; ``ca.pem`` is for others.

    A folder that cannot be made is told by whoever needs it. Raises ``OSError`` where there can be no database.
    """
    with suppress(OSError):
        for name in ("uploads", "receivers") if settings.lake_url else ("uploads", "receivers", "lake"):
            (settings.data / name).mkdir(mode=0o700, exist_ok=True)
    if not settings.database_url and not settings.database_file.exists():
        settings.database_file.touch(mode=0o600)
