"""``opencasb block-script``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from opencasb.cli.block_script import command
from tests.cli.installation import Installation, Opening


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Return an installation whose default tenant has unsanctioned a listed, a custom and an unlisted app."""
    made = Installation(tmp_path)
    custom = made.custom_apps.create(made.contoso, "Fleet board", domains=["fleet.example"]).app_id
    outside = made.unlisted_apps.ids(made.contoso, ["odd.example"])["odd.example"]
    for app_id in (11627, custom, outside, 999_999_999):
        made.tags.add(made.contoso, app_id, "Unsanctioned")
    made.tags.add(made.contoso, 31001, "Sanctioned")
    yield made
    made.close()


def run(installation: Installation, *words: str) -> Result:
    """Run ``opencasb block-script`` with these words."""
    return CliRunner().invoke(command, words, obj=Opening(installation))


@pytest.mark.parametrize("given", ["120", "Zscaler", " zscaler"])
def test_the_script_goes_to_stdout(installation: Installation, given: str) -> None:
    """An appliance has a number and a name; what cannot be blocked is told beside the script, not in it."""
    result = run(installation, "--format", given)
    assert (result.exit_code, result.stdout) == (0, ".dropbox.com\n.fleet.example\n.odd.example\n")
    assert result.stderr == "left out: 'dropbox.zz_' is no host name that a rule can be made of\n"


def test_a_part_of_a_name_is_enough(installation: Installation) -> None:
    """As long as it means one appliance."""
    assert run(installation, "--format", "asa").stdout.startswith("object network CASB_BLOCK_1\n")


def test_into_a_file_or_a_directory(installation: Installation, tmp_path: Path) -> None:
    """A directory gets a file of the usual name; stdout says which, stderr why it could not be written."""
    script = tmp_path / "script.txt"
    assert run(installation, "--format", "120", "--out", str(script)).stdout == f"{script}\n"
    assert script.read_bytes() == b".dropbox.com\n.fleet.example\n.odd.example\n"
    usual = tmp_path / "2025-11-20_CAS_Zscaler_block_script.txt"
    assert run(installation, "--format", "120", "--out", str(tmp_path)).stdout == f"{usual}\n"
    assert usual.read_bytes() == script.read_bytes()
    failed = run(installation, "--format", "120", "--out", str(tmp_path / "missing" / "x"))
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert "No such file or directory" in failed.stderr


def test_for_machines(installation: Installation) -> None:
    """The script comes with what went into it and what did not."""
    assert json.loads(run(installation, "--format", "BlueCoat ProxySG", "--json").stdout) == {
        "format": 102,
        "appliance": "BlueCoat ProxySG",
        "file": "2025-11-20_CAS_BlueCoat_ProxySG_block_script.txt",
        "domains": 3,
        "refused": ["dropbox.zz_"],
        "script": "url.domain=dropbox.com deny\nurl.domain=fleet.example deny\nurl.domain=odd.example deny\n",
    }


def test_nothing_to_block(installation: Installation) -> None:
    """Another tenant has no unsanctioned app: an empty script, and a word about it."""
    result = run(installation, "--format", "104", "--tenant", "Fabrikam")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no app with a domain is tagged Unsanctioned; the script is empty\n"


@pytest.mark.parametrize("given", ["", "1", "PIX", "o", "Cisco ASA 9"])
def test_an_unknown_appliance_is_wrong_usage(installation: Installation, given: str) -> None:
    """Exit code 2 and every allowed value."""
    result = run(installation, "--format", given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "must be one of 102 (BlueCoat ProxySG), 104 (Cisco ASA)" in " ".join(result.stderr.split())
