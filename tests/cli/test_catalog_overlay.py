"""``opencasb catalog overlay``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import Shell

EXPORT, IMPORT = ("catalog", "overlay", "export"), ("catalog", "overlay", "import")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Return a shell on an installation with two tenants, of which the first has an overlay."""
    made = Shell(tmp_path / "data")
    for name in ("Contoso", "Fabrikam"):
        made.text("tenant", "create", "--name", name)
    made.text("custom-app", "create", "--name", "Fleet", "--domain", "fleet.example", "--vendor", "Fleet Inc")
    made.text("catalog", "attest", "Fleet", "founded", "2020", "--remark", "ours")
    made.text("catalog", "correct-domain", "boxcdn.net", "--app", "Fleet")
    return made


@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_overlay_goes_from_tenant_to_tenant(shell: Shell, tmp_path: Path, form: str) -> None:
    """The exported overlay equals the imported one; importing it again changes nothing."""
    file, there = tmp_path / "overlay", ("--tenant", "Fabrikam")
    shell.text(*EXPORT, "--format", form, "--out", str(file))
    done = "3 rows: 3 added, 0 waiting, 0 changed, 0 unchanged, 0 refused\n"
    assert shell.text(*IMPORT, str(file), *there) == done
    assert shell.run(*EXPORT, "--format", form, *there).stdout_bytes == file.read_bytes()
    assert shell.json(*IMPORT, str(file), *there)["unchanged"] == 3


def test_refused_rows_are_told(shell: Shell, tmp_path: Path) -> None:
    """The first ten are reported on stderr by line; the others are imported and the exit code is 1."""
    file = tmp_path / "overlay.csv"
    wrong = "".join(f"name,{number},x\r\n" for number in range(12))
    file.write_text(f"kind,app_id,value\r\nnote,10489,ask\r\n{wrong}", newline="")
    done = shell.run(*IMPORT, str(file))
    assert done.exit_code == 1
    assert done.stdout == "13 rows: 1 added, 0 waiting, 0 changed, 0 unchanged, 12 refused\n"
    told = done.stderr.splitlines()
    assert (told[0], told[-1], len(told)) == (
        "line 3: app_id 0 is neither an app of the catalog nor a custom app",
        "and 2 more",
        11,
    )
    assert shell.text("catalog", "note", "Box") == "ask\n"


def test_what_cannot_be_read_or_written_says_why(shell: Shell, tmp_path: Path) -> None:
    """The message has the file and the reason."""
    file = tmp_path / "overlay.txt"
    file.write_bytes(b"\xff\xff")
    assert f"{file}: the file is not UTF-8" in shell.refused(*IMPORT, str(file))
    assert "overlay: Not a directory" in shell.refused(*EXPORT, "--out", str(file / "overlay"))
