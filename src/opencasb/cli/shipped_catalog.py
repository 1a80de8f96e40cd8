"""The catalog of commands that open no installation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog


def shipped_catalog(data: Path) -> Catalog:
    """Return the catalog that comes with the program, as far as the setting ``catalog_layers`` lets.

    ``data`` is the directory whose settings count, if there is one; nothing is made in it. A wrong setting ends the
    program with a message and exit code 2.
    """
    from opencasb.catalog.catalog import Catalog
    from opencasb.settings import load_or_exit

    return Catalog.shipped(load_or_exit(data).catalog_layers)
