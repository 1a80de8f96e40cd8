"""Settings: where they come from, and that each is documented."""

from __future__ import annotations

import sys
from pathlib import Path

import pydantic
import pytest

from opencasb.settings import CONFIG_NAME, Settings, load

ROOT = Path(__file__).parents[1]


def test_arguments_win_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file in the data directory is the weakest, an argument the strongest."""
    (tmp_path / CONFIG_NAME).write_text("port = 1001\nhost = '0.0.0.0'\nworkers = 3\n")
    monkeypatch.setenv("OPENCASB_PORT", "1002")
    monkeypatch.setenv("OPENCASB_HOST", "::1")
    settings = load(tmp_path, port=1003, host=None)
    assert (settings.port, settings.host, settings.workers) == (1003, "::1", 3)
    monkeypatch.setenv("OPENCASB_DATA", str(tmp_path))
    assert load().workers == 3


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    """The error says which setting and what is allowed; an unknown line in the file is one too."""
    with pytest.raises(pydantic.ValidationError, match="port"):
        load(tmp_path, port=70_000)
    (tmp_path / CONFIG_NAME).write_text("prot = 1001\n")
    with pytest.raises(pydantic.ValidationError, match="prot"):
        load(tmp_path)


def test_defaults_lie_in_the_data_directory(tmp_path: Path) -> None:
    """Without any setting everything is on this machine."""
    settings = load(tmp_path)
    assert settings.effective_database_url == f"sqlite:///{tmp_path}/opencasb.sqlite3"
    assert settings.effective_lake_url == str(tmp_path / "lake")
    assert settings.effective_public_url == "https://localhost:8443"


def test_every_setting_is_in_the_operator_guide() -> None:
    """The table in the guide is the one the code would write now (make docs)."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from generate_docs import with_settings  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    guide = (ROOT / "docs" / "operator-guide.md").read_text(encoding="utf-8")
    assert with_settings(guide) == guide
    assert all(field.description for field in Settings.model_fields.values())
