"""The build from the real open data, if present on this machine."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from opencasb.catalog.builder.build import build
from opencasb.catalog.builder.report import BuildReport

pytestmark = pytest.mark.slow

SHIPPED = Path(str(files("opencasb.catalog").joinpath("data")))
RAW = Path(__file__).parents[4] / "shared" / "catalog" / "raw"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BuildReport]:
    """One build with the shipped register of ids, and its report."""
    if not RAW.is_dir():
        pytest.skip("the open data are not on this machine")
    out = tmp_path_factory.mktemp("built")
    shutil.copytree(SHIPPED / "core", out / "core")
    shutil.copytree(SHIPPED / "sharealike", out / "sharealike")
    shutil.copy(SHIPPED / "ids.csv", out / "ids.csv")
    return out, build(RAW, out)


def test_the_shipped_files_are_those_of_the_build(built: tuple[Path, BuildReport]) -> None:
    """Neither data nor rules were changed without a new build."""
    out, _ = built
    names = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert "ids.csv" in names
    for name in names:
        if name.endswith(".parquet"):
            assert pl.read_parquet(out / name).equals(pl.read_parquet(SHIPPED / name)), name
        else:
            assert (out / name).read_bytes() == (SHIPPED / name).read_bytes(), name


def test_a_build_of_the_same_data_reports_no_change(built: tuple[Path, BuildReport]) -> None:
    """No app may have absorbed unrelated domains, and few of the sources' values are invalid."""
    _, report = built
    assert (report.new, report.changed, report.vanished) == ([], [], [])
    assert not [app for app in report.large if app.suspect]
    assert report.layers["core"].apps >= 12_000
    assert report.apps >= 14_500
    assert all(counts.bad_values < 0.01 * counts.facts for counts in report.layers.values())
    assert report.conflicts
