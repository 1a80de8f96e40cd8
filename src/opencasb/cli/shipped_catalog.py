"""The catalog for commands that open no installation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog


def shipped_catalog(data: Path) -> Catalog:
    """Return the shipped catalog, limited to the layers of the setting ``catalog_layers``.

    ``data`` is the directory whose settings apply, if it exists; nothing is created in it. An invalid setting ends the
    program with a message and exit code 2.
    """
    from opencasb.catalog.catalog import Catalog
    from opencasb.settings import load_or_exit

    return Catalog.shipped(load_or_exit(data).catalog_layers)
