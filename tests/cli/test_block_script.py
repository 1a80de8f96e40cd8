"""``opencasb block-script``."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.cli.block_script import command
from tests.cli.commands import Commands
from tests.cli.installation import Installation, Opening


@pytest.fixture
def installation(installation: Installation) -> Installation:
    """Return an installation whose default tenant has an unsanctioned listed, custom and unlisted app."""
    custom = installation.custom_apps.create(installation.contoso, "Fleet board", domains=["fleet.example"]).app_id
    outside = installation.unlisted_apps.ids(installation.contoso, ["odd.example"])["odd.example"]
    for app_id in (11627, custom, outside, 999_999_999):
        installation.tags.add(installation.contoso, app_id, "Unsanctioned")
    installation.tags.add(installation.contoso, 31001, "Sanctioned")
    return installation


@pytest.fixture
def commands(installation: Installation) -> Commands:
    """Run ``opencasb block-script …``."""
    return Commands(command, Opening(installation))


@pytest.mark.parametrize("given", ["120", "Zscaler", " zscaler"])
def test_the_script_goes_to_stdout(commands: Commands, given: str) -> None:
    """An appliance is given by number or name; domains that cannot be blocked are only reported on stderr."""
    result = commands.run("--format", given)
    assert (result.exit_code, result.stdout) == (0, ".dropbox.com\n.fleet.example\n.odd.example\n")
    assert result.stderr == "left out: 'dropbox.zz_' is not a host name that a rule can be made of\n"


def test_a_part_of_a_name_is_enough(commands: Commands) -> None:
    """A partial name is accepted if it identifies one appliance."""
    assert commands.text("--format", "asa").startswith("object network CASB_BLOCK_1\n")


def test_into_a_file_or_a_directory(commands: Commands, tmp_path: Path) -> None:
    """In a directory the file gets its usual name; stdout names the file, stderr explains write errors."""
    script = tmp_path / "script.txt"
    assert commands.text("--format", "120", "--out", str(script)) == f"{script}\n"
    assert script.read_bytes() == b".dropbox.com\n.fleet.example\n.odd.example\n"
    usual = tmp_path / "2025-11-20_CAS_Zscaler_block_script.txt"
    assert commands.text("--format", "120", "--out", str(tmp_path)) == f"{usual}\n"
    assert usual.read_bytes() == script.read_bytes()
    assert "No such file or directory" in commands.refused("--format", "120", "--out", str(tmp_path / "missing" / "x"))


def test_for_machines(commands: Commands) -> None:
    """The JSON output has the script and its included and refused domains."""
    assert commands.json("--format", "BlueCoat ProxySG") == {
        "format": 102,
        "appliance": "BlueCoat ProxySG",
        "file": "2025-11-20_CAS_BlueCoat_ProxySG_block_script.txt",
        "domains": 3,
        "refused": ["dropbox.zz_"],
        "script": "url.domain=dropbox.com deny\nurl.domain=fleet.example deny\nurl.domain=odd.example deny\n",
    }


def test_a_script_without_apps_is_empty(commands: Commands) -> None:
    """A tenant without unsanctioned apps gets an empty script and a message."""
    result = commands.run("--format", "104", "--tenant", "Fabrikam")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no app with a domain is tagged Unsanctioned; the script is empty\n"


@pytest.mark.parametrize("given", ["", "1", "PIX", "o", "Cisco ASA 9"])
def test_an_unknown_appliance_is_wrong_usage(commands: Commands, given: str) -> None:
    """Exit code 2, with every allowed value."""
    result = commands.run("--format", given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "must be one of 102 (BlueCoat ProxySG), 104 (Cisco ASA)" in " ".join(result.stderr.split())
