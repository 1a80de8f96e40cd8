"""``opencasb keys``."""

from __future__ import annotations

import pytest

from opencasb.cli.keys import command
from opencasb.identity.errors import InvalidToken
from opencasb.identity.keyring import RETIRE_AFTER, ROTATE_AFTER
from opencasb.model.durations import DAY
from opencasb.model.permissions import MDCA
from tests.cli.commands import Commands
from tests.conftest import NOW
from tests.identity.standin import StandIn


@pytest.fixture
def keys(casb: StandIn) -> Commands:
    """Runs ``keys …``."""
    return Commands(command, casb)


def test_the_list_says_which_key_signs_and_until_when(casb: StandIn, keys: Commands) -> None:
    """The list is available as JSON and in columns."""
    current, upcoming = keys.json("list")
    assert current == {
        "key_id": casb.identity.keyring.signer().key_id,
        "state": "current",
        "created": NOW,
        "signs_from": NOW,
        "signs_until": NOW + ROTATE_AFTER,
        "removed": NOW + ROTATE_AFTER + RETIRE_AFTER,
    }
    assert (upcoming["state"], upcoming["signs_until"], upcoming["removed"]) == ("next", None, None)
    printed = keys.text("list")
    assert current["key_id"] in printed
    assert "open" in printed


def test_a_rotation_stops_no_token_and_an_emergency_all(casb: StandIn, keys: Commands) -> None:
    """A retired key's tokens are valid until they expire; an emergency invalidates them at once."""
    tenant = casb.tenants.create("Contoso")
    application, _ = casb.application(tenant, "discovery.read")
    tokens, target = casb.identity.tokens, casb.identity.resources.target(MDCA.app_id)
    token = tokens.for_application(tenant, application, target).access_token
    assert [each["signs_from"] for each in keys.json("rotate")] == [NOW, NOW + DAY]
    assert tokens.check(token, "mdca")
    before = {each["key_id"] for each in keys.json("list")}
    assert not before & {each["key_id"] for each in keys.json("emergency")}
    with pytest.raises(InvalidToken):
        tokens.check(token, "mdca")
