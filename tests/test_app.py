"""The composition root: opens an installation and creates its parts."""

from __future__ import annotations

import subprocess
import sys
from functools import cached_property
from pathlib import Path

import pytest

from opencasb.app import Casb, now_ms
from opencasb.settings import load
from opencasb.store.stores import Stores


def test_a_new_directory_becomes_an_installation(tmp_path: Path) -> None:
    """The database has its schema, and the next process finds what was written."""
    folder = tmp_path / "a" / "b"
    first = Casb.open(load(folder))
    made = first.tenants.create("Contoso")
    first.close()
    second = Casb.open(load(folder))
    assert second.tenants.all() == [made]
    assert abs(now_ms() - made.created) < 3_600_000
    second.close()


def test_every_part_can_be_made(tmp_path: Path) -> None:
    """Each is created once, on first access; each repository has its annotated type."""
    casb = Casb.open(load(tmp_path))
    parts = [name for kind in Casb.__mro__ for name, value in vars(kind).items() if isinstance(value, cached_property)]
    for name in parts:
        assert getattr(casb, name) is getattr(casb, name)
    assert {"lake", "intake", "processing", "reports", "identity", "users", "ip_ranges"} <= set(parts)
    for name, written in Stores.__annotations__.items():
        assert written == f"cached_property[{type(getattr(casb, name)).__name__}]"
    casb.close()


def test_the_share_alike_layer_of_the_catalog_can_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting disables it; its apps and sources are then missing."""
    monkeypatch.setenv("OPENCASB_CATALOG_LAYERS", '["core"]')
    core = Casb.open(load(tmp_path))
    both = Casb.open(load(tmp_path, catalog_layers=("core", "sharealike")))
    assert core.catalog.apps.height < both.catalog.apps.height
    assert {source.licence for source in both.catalog.sources} - {
        source.licence for source in core.catalog.sources
    } >= {"CC BY-SA 4.0"}
    core.close()
    both.close()


def test_what_is_not_needed_is_not_loaded(tmp_path: Path) -> None:
    """Nothing of PostgreSQL on SQLite, no Alembic for a current schema, no custom parser for a known format."""
    Casb.open(load(tmp_path)).close()
    names = ("alembic", "pydantic", "sqlalchemy.dialects.postgresql", "opencasb.discovery.custom.cutting")
    code = (
        "import sys; from pathlib import Path\n"
        "from opencasb.app import Casb\n"
        "from opencasb.settings import load\n"
        f"casb = Casb.open(load(Path({str(tmp_path)!r})))\n"
        "casb.processing, casb.intake, casb.streams.all(1), casb.close()\n"
        f"print(sorted(set({names!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
