"""``opencasb catalog probe``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from opencasb.cli.catalog_probe import probe
from opencasb.store.probes import Probes
from tests.discovery.probe.test_prober import BOX, DROPBOX, House, house
from tests.store.test_probes import VISIT

__all__ = ["house"]


class Opening:
    """Gives the command an installation that reaches nobody."""

    def __init__(self, made: House) -> None:
        made.__dict__["prober"] = made.tested
        self._made = made

    def open(self, data: Path | None = None) -> House:
        """Return the installation."""
        del data
        return self._made


def run(made: House, *words: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(probe, words, obj=Opening(made))


def test_apps_in_use_are_measured(house: House) -> None:
    """Those given, or all; what cannot be measured is told."""
    done = run(house, "Box", "dropbox.com", "--json")
    assert [each["app_id"] for each in json.loads(done.stdout)] == [BOX, DROPBOX]
    assert house.resolved == ["box.com", "dropbox.com"]
    done = run(house, "--all")
    assert "Fleet (fleet.example.com, no public address)" in done.stdout
    assert "not measured: fleet.example.com has an address that is not public" in done.stderr


def test_what_was_measured_is_shown(house: House) -> None:
    """Without a visit."""
    Probes(house.database, house.clock).put(house.tenant_id, BOX, VISIT)
    done = run(house, "--show")
    assert "Box (box.example, 140.82.112.3)" in done.stdout
    assert "is_trusted_certificate  yes" in done.stdout
    (record,) = json.loads(run(house, "Box", "--show", "--json").stdout)
    assert (record["certificate_expires"], record["facts"][1]["value"]) == (VISIT.certificate_expires, "tls1_2")
    assert json.loads(run(house, "Dropbox", "--show", "--json").stdout) == []
    assert house.resolved == []


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((), 2, "give either APP or --all"),
        (("Box", "--all"), 2, "give either APP or --all"),
        (("Okta",), 1, "APP: 'Okta' is no listed app that was used in the last 90 days"),
        (("Box", "no-such-app-here"), 1, "APP: 'no-such-app-here' is no id, name or domain"),
    ],
)
def test_what_cannot_be_done_says_why(house: House, words: tuple[str, ...], code: int, message: str) -> None:
    """Nobody is visited then."""
    done = run(house, *words)
    assert (done.exit_code, message in done.stderr) == (code, True)
    assert house.resolved == []
