"""Format numbers for people."""

from __future__ import annotations

from typing import Final

_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def count_text(value: int) -> str:
    """Return a count with thousands separators: ``12,345``."""
    return f"{value:,}"


def counted(value: int, thing: str) -> str:
    """Return a count of things: ``1 app``, ``12,345 apps``, ``2 entries``."""
    several = f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"
    return f"{count_text(value)} {thing if value == 1 else several}"


def bytes_text(value: int) -> str:
    """Return a size with at most three digits in a fitting decimal unit: ``1.5 MB``, ``740 kB``."""
    size, unit = float(value), 0
    while size >= 999.5 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    digits = 1 if unit and size < 9.95 else 0
    return f"{size:.{digits}f} {_UNITS[unit]}"
