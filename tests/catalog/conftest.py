"""A small catalog, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.catalog.builder.build import build
from opencasb.catalog.builder.materials import Materials, gather
from opencasb.catalog.catalog import Catalog
from tests.catalog.builder.synthetic import curated, write_sources


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small sources, read-only."""
    return write_sources(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="session")
def materials(sources: Path) -> Materials:
    """The build's input from them."""
    return gather(sources, curated())


@pytest.fixture(scope="session")
def built(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the catalog built from them."""
    out = tmp_path_factory.mktemp("built")
    build(sources, out, curated())
    return out


@pytest.fixture(scope="session")
def small(built: Path) -> Catalog:
    """This catalog."""
    return Catalog.of_folder(built)
