"""``opencasb keys``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from opencasb.cli.keys import command
from opencasb.identity.errors import InvalidToken
from opencasb.identity.keyring import DAY, RETIRE_AFTER, ROTATE_AFTER
from opencasb.model.permissions import MDCA
from tests.conftest import NOW
from tests.identity.standin import StandIn


def _json(casb: StandIn, name: str) -> list[dict[str, Any]]:
    done = CliRunner().invoke(command, [name, "--json"], obj=casb)
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_the_list_says_which_key_signs_and_until_when(casb: StandIn) -> None:
    """For machines, and in columns for people."""
    current, upcoming = _json(casb, "list")
    assert current == {
        "key_id": casb.identity.keyring.signer().key_id,
        "state": "current",
        "created": NOW,
        "signs_from": NOW,
        "signs_until": NOW + ROTATE_AFTER,
        "removed": NOW + ROTATE_AFTER + RETIRE_AFTER,
    }
    assert (upcoming["state"], upcoming["signs_until"], upcoming["removed"]) == ("next", None, None)
    printed = CliRunner().invoke(command, ["list"], obj=casb).stdout
    assert current["key_id"] in printed
    assert "open" in printed


def test_a_rotation_stops_no_token_and_an_emergency_all(casb: StandIn) -> None:
    """A token of the retired key is good until it expires; after an emergency it is nothing at once."""
    tenant = casb.tenants.create("Contoso")
    application, _ = casb.application(tenant, "discovery.read")
    tokens, target = casb.identity.tokens, casb.identity.resources.target(MDCA.app_id)
    token = tokens.for_application(tenant, application, target).access_token
    assert [each["signs_from"] for each in _json(casb, "rotate")] == [NOW, NOW + DAY]
    assert tokens.check(token, "mdca")
    before = {each["key_id"] for each in _json(casb, "list")}
    assert not before & {each["key_id"] for each in _json(casb, "emergency")}
    with pytest.raises(InvalidToken):
        tokens.check(token, "mdca")
