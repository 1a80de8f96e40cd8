"""Settings for stores, servers and executors: accepted values, and messages for invalid ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from opencasb.app import Casb
from opencasb.setting_values import WrongSettings
from opencasb.settings import CONFIG_NAME, load, load_or_exit

WRONG = {
    "database_url": [
        "nonsense",
        "mysql://casb@host/casb",
        "sqlite://",
        "postgresql://host:99999/casb",
        "postgres://a b/c",
    ],
    "lake_url": ["s3://", "ftp://host/lake", "s3:/bucket/lake", "s3:bucket", "file:/lake"],
    "executor": ["", "dask:8786", "http://dask:8786"],
    "public_url": ["casb.example.org", "https://", "ftp://casb.example.org", "https://casb.example.org:port"],
    "issuer_base": ["login.example.org"],
    "ftp_passive_ports": ["all", "20-10", "0-5", "1-65536", "20"],
    "ftp_passive_address": ["foo", "casb.example", "::1", "1.2.3"],
    "syslog_client_ca": ["/nonexistent", "/", "/dev/null"],
    "smtp_ca": ["/nonexistent"],
    "trusted_proxies": ["proxy.example", "*", "10.0.0.1/8"],
}


@pytest.mark.parametrize(
    ("given", "opened"),
    [
        ("postgres://casb@host/casb", "postgresql+psycopg://casb@host/casb"),
        ("postgresql://casb@host:5433/casb", "postgresql+psycopg://casb@host:5433/casb"),
        ("postgresql+psycopg://casb@/casb?host=/run/pg", "postgresql+psycopg://casb@/casb?host=/run/pg"),
        ("sqlite:////srv/casb.sqlite3", "sqlite:////srv/casb.sqlite3"),
    ],
)
def test_a_database_may_be_named_as_elsewhere(tmp_path: Path, given: str, opened: str) -> None:
    """The common PostgreSQL schemes select the installed driver."""
    assert load(tmp_path, database_url=given).effective_database_url == opened


@pytest.mark.parametrize(("name", "value"), [(name, each) for name, values in WRONG.items() for each in values])
def test_a_wrong_one_is_told_at_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    """The message names the setting and what is allowed; the exit code is 2."""
    with pytest.raises(SystemExit) as ended:
        load_or_exit(tmp_path, **{name: value})
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"setting {name}: allowed: ")


@pytest.mark.parametrize("folder", ["logs [2025]", "env=prod", "100%25", "a\\b"])
def test_a_folder_that_would_be_misread_is_told(tmp_path: Path, folder: str) -> None:
    """The error comes before anything is written there."""
    data = tmp_path / folder / "data"
    with pytest.raises(WrongSettings, match="setting data: allowed: folders without brackets"):
        Casb.open(load(data))
    with pytest.raises(WrongSettings, match="setting lake_url: allowed: folders"):
        Casb.open(load(tmp_path, lake_url=str(data)))
    assert list(tmp_path.iterdir()) == []


def test_a_database_lies_in_the_data_directory_whatever_that_is_called(tmp_path: Path) -> None:
    """The name may contain characters with a meaning in URLs."""
    data = tmp_path / "what? 100% Jürgens #1"
    Casb.open(load(data)).close()
    assert list(tmp_path.iterdir()) == [data]
    assert (data / "opencasb.sqlite3").stat().st_size > 0


def test_right_ports_addresses_and_files_are_taken(tmp_path: Path) -> None:
    """A range may be a single port, and empty values are allowed."""
    trusted = tmp_path / "trusted.pem"
    trustme.CA().cert_pem.write_to_path(trusted)
    settings = load(tmp_path, ftp_passive_ports="20-20", ftp_passive_address="192.0.2.7", smtp_ca=trusted)
    assert (settings.passive_ports, settings.ftp_passive_address) == (range(20, 21), "192.0.2.7")
    assert settings.smtp_ca == trusted
    empty = load(tmp_path, ftp_passive_ports="", ftp_passive_address="")
    assert (empty.passive_ports, empty.ftp_passive_address) == (None, "")


def test_a_password_is_never_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid database URL is not printed; an invalid port is."""
    with pytest.raises(SystemExit):
        load_or_exit(tmp_path, database_url="mysql://casb:pass-word@host/casb", port=70_000)
    told = capsys.readouterr().err
    assert "pass-word" not in told
    assert "70000" in told


def test_a_file_that_is_no_toml_is_told_by_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error gives line and column instead of a traceback."""
    (tmp_path / CONFIG_NAME).write_text("port = 8443\nhost = = 1\n")
    with pytest.raises(SystemExit) as ended:
        load_or_exit(tmp_path)
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"{tmp_path / CONFIG_NAME}: Invalid value (at line 2, column 8)\n"
