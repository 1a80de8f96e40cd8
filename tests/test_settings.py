"""Settings: their sources and precedence, and that each is documented."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from opencasb.setting_values import WrongSettings, descriptions
from opencasb.settings import CONFIG_NAME, Settings, load, load_or_exit

ROOT = Path(__file__).parents[1]


def test_arguments_win_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Precedence, lowest first: the file in the data directory, the environment, arguments."""
    (tmp_path / CONFIG_NAME).write_text("port = 1001\nhost = '0.0.0.0'\nworkers = 3\n")
    monkeypatch.setenv("OPENCASB_PORT", "1002")
    monkeypatch.setenv("OPENCASB_HOST", "::1")
    settings = load(tmp_path, port=1003, host=None)
    assert (settings.port, settings.host, settings.workers) == (1003, "::1", 3)
    monkeypatch.setenv("OPENCASB_DATA", str(tmp_path))
    assert load().workers == 3


def test_an_empty_variable_empties_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that the file fills."""
    (tmp_path / CONFIG_NAME).write_text("tls_names = ['casb.example']\n")
    assert load(tmp_path).tls_names == ("casb.example",)
    monkeypatch.setenv("OPENCASB_TLS_NAMES", "")
    assert load(tmp_path).tls_names == ()


def test_the_file_may_begin_with_a_mark_of_its_encoding(tmp_path: Path) -> None:
    """Windows editors write a byte order mark."""
    (tmp_path / CONFIG_NAME).write_text("port = 1001\n", "utf-8-sig")
    assert load(tmp_path).port == 1001


def test_an_unknown_line_in_the_file_is_told(tmp_path: Path) -> None:
    """It is rejected like an unknown argument."""
    (tmp_path / CONFIG_NAME).write_text("prot = 1001\n")
    with pytest.raises(WrongSettings, match="prot"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("port", "1002", 1002),
        ("flush_seconds", "1", 1.0),
        ("catalog_review", "True", True),
        ("catalog_review", "on", True),
        ("catalog_review", "no", False),
        ("tls_key", "/etc/key.pem", Path("/etc/key.pem")),
        ("tls_names", '["casb.example", "10.0.0.1"]', ("casb.example", "10.0.0.1")),
        ("tls_names", "casb.example, 10.0.0.1", ("casb.example", "10.0.0.1")),
        ("tls_names", "", ()),
        ("catalog_layers", "core", ("core",)),
        ("time_servers", "time.example.org", ("time.example.org",)),
        ("unknown_filters", "empty", "empty"),
        ("ftp_passive_ports", "", ""),
    ],
)
def test_a_variable_is_read_as_what_the_setting_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, text: str, value: object
) -> None:
    """Numbers, booleans, paths and lists (by commas or as JSON); the variable's name in upper or lower case."""
    for variable in (f"OPENCASB_{name.upper()}", f"opencasb_{name}"):
        with monkeypatch.context() as patched:
            patched.setenv(variable, text)
            read = getattr(load(tmp_path), name)
        assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("port", ""),
        ("catalog_review", ""),
        ("unknown_filters", ""),
        ("tls_certificate", ""),
        ("smtp_ca", ""),
        ("port", "tcp://10.96.0.1:8443"),
        ("http_port", "tcp://10.96.0.1:8080"),
    ],
)
def test_a_variable_that_says_nothing_sets_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, text: str
) -> None:
    """An empty variable in a Compose file, and the variables of Kubernetes for a service called opencasb."""
    monkeypatch.setenv(f"OPENCASB_{name.upper()}", text)
    assert load(tmp_path) == Settings(data=tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("port", 70_000, "setting port: allowed: a whole number from 0 to 65535 (got 70000)"),
        ("workers", "two", "setting workers: allowed: a whole number from 1 (got 'two')"),
        (
            "database_lock_seconds",
            0,
            "setting database_lock_seconds: allowed: a number above 0 and at most 3600",
        ),
        ("host_alias", "maybe", "setting host_alias: allowed: true or false (got 'maybe')"),
        ("host", 5, "setting host: allowed: a text (got 5)"),
        ("unknown_filters", "no", "setting unknown_filters: Invalid enum value 'no'; allowed: 'error', 'empty'"),
        ("catalog_layers", ["most"], "setting catalog_layers: Invalid enum value 'most'"),
        ("catalog_layers", "core,most", "setting catalog_layers: Invalid enum value 'most'"),
        (
            "tls_names",
            "[casb.example]",
            "setting tls_names: allowed: values with commas between them, or a JSON array",
        ),
        ("places", 5, "setting places: "),
        ("smtp_password", 12345, "setting smtp_password: allowed: a text (got a secret)"),
        ("prot", 1, "setting prot: no such setting (got 1)"),
    ],
)
def test_the_message_says_what_is_allowed(tmp_path: Path, name: str, value: object, told: str) -> None:
    """It names the setting and its value; each of several invalid settings has a line."""
    with pytest.raises(WrongSettings) as error:
        load(tmp_path, **{name: value}, smtp_port=0)
    assert any(line.startswith(told) for line in str(error.value).splitlines())
    assert "setting smtp_port: allowed: a whole number from 1 to 65535 (got 0)" in str(error.value).splitlines()


def test_a_list_in_the_file_may_be_a_text(tmp_path: Path) -> None:
    """A TOML array works, too."""
    (tmp_path / CONFIG_NAME).write_text("tls_names = 'a.example,b.example'\ntime_servers = ['time.example.org']\n")
    settings = load(tmp_path)
    assert (settings.tls_names, settings.time_servers) == (("a.example", "b.example"), ("time.example.org",))


def test_a_variable_that_is_no_setting_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is ignored with a warning."""
    monkeypatch.setenv("OPENCASB_PROT", "1001")
    monkeypatch.setenv("OPENCASB_WORKERS", "3")
    assert load_or_exit(tmp_path).workers == 3
    assert capsys.readouterr().err == "Warning: variable OPENCASB_PROT: no such setting\n"


def test_defaults_lie_in_the_data_directory(tmp_path: Path) -> None:
    """Without any settings everything is on this machine."""
    settings = load(tmp_path)
    assert settings.effective_database_url == f"sqlite:///{tmp_path}/opencasb.sqlite3"
    assert settings.effective_lake_url == str(tmp_path / "lake")
    assert settings.effective_public_url == "https://localhost:8443"


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"port": 443}, "https://localhost"),
        ({"public_url": "https://CASB.example:443/"}, "https://casb.example"),
        ({"public_url": "https://casb.example:443/Behind/"}, "https://casb.example/Behind"),
        ({"public_url": "http://localhost:80"}, "http://localhost"),
        ({"public_url": "http://localhost:443"}, "http://localhost:443"),
        ({"public_url": "HTTPS://[2001:DB8::1]:8443"}, "https://[2001:db8::1]:8443"),
        ({"host": "2001:db8::1"}, "https://[2001:db8::1]:8443"),
    ],
)
def test_the_public_url_is_as_clients_compare_it(tmp_path: Path, given: dict[str, Any], address: str) -> None:
    """The issuer starts with it, and clients compare text: no port of HTTPS, names in lower case."""
    assert load(tmp_path, **given).effective_public_url == address


def test_every_setting_is_in_the_operator_guide() -> None:
    """The table in the guide is up to date (make docs)."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from generate_docs import with_settings  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    guide = (ROOT / "docs" / "operator-guide.md").read_text(encoding="utf-8")
    assert with_settings(guide) == guide
    assert all(descriptions(Settings).values())
