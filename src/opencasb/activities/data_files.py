"""Load the data tables shipped with the package."""

from __future__ import annotations

import csv
from importlib.resources import files


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of a table as dictionaries keyed by column."""
    text = (files("opencasb.activities") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
