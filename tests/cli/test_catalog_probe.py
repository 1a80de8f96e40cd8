"""``opencasb catalog probe``."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.cli.catalog_probe import probe
from opencasb.store.probes import Probes
from tests.cli.commands import Commands
from tests.discovery.probe.test_prober import BOX, DROPBOX, House, house
from tests.store.test_probes import VISIT

__all__ = ["house"]


class Opening:
    """An opener whose installation cannot reach the network."""

    def __init__(self, made: House) -> None:
        made.__dict__["prober"] = made.tested
        self._made = made

    def open(self, data: Path | None = None, *, new: bool = False) -> House:
        """Return the installation."""
        del data, new
        return self._made


@pytest.fixture
def command(house: House) -> Commands:
    """Runs ``catalog probe …``."""
    return Commands(probe, Opening(house))


def test_apps_in_use_are_measured(house: House, command: Commands) -> None:
    """Either the given apps or all; apps that cannot be measured are reported."""
    assert [each["app_id"] for each in command.json("Box", "dropbox.com")] == [BOX, DROPBOX]
    assert house.resolved == ["box.com", "dropbox.com"]
    done = command.run("--all")
    assert "Fleet (fleet.example.com, no public address)" in done.stdout
    assert "not measured: fleet.example.com has an address that is not public" in done.stderr


def test_what_was_measured_is_shown(house: House, command: Commands) -> None:
    """No app is visited."""
    Probes(house.database, house.clock).put(house.tenant_id, BOX, VISIT)
    shown = command.text("--show")
    assert "Box (box.example, 140.82.112.3)" in shown
    assert "is_trusted_certificate  yes" in shown
    (record,) = command.json("Box", "--show")
    assert (record["certificate_expires"], record["facts"][1]["value"]) == (VISIT.certificate_expires, "tls1_2")
    assert command.json("Dropbox", "--show") == []
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
def test_what_cannot_be_done_says_why(
    house: House, command: Commands, words: tuple[str, ...], code: int, message: str
) -> None:
    """No app is visited."""
    assert message in command.refused(*words, code=code)
    assert house.resolved == []
