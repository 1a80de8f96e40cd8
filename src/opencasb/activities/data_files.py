"""The tables that lie beside the code."""

from __future__ import annotations

import csv
from importlib.resources import files


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of a table, each with its columns by name."""
    text = (files("opencasb.activities") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
