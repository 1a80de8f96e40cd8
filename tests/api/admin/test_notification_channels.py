"""Notification channels over the administration API."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.app import Casb
from opencasb.model.roles import Role
from opencasb.notify.notifications import Notifications
from opencasb.notify.webhook import Webhook
from opencasb.outbound import Network
from tests.api.admin.conftest import House

PATH = "notification-channels"
HOOK = {"kind": "webhook", "address": "https://hooks.example.org/casb"}


def look_up_inside(casb: Casb) -> None:
    """Have every receiver be at an address to which nothing is sent."""

    async def here(_host: str) -> list[str]:
        return ["10.0.0.1"]

    ways = {"webhook": Webhook(casb.settings, Network(here))}
    casb.__dict__["notifications"] = Notifications(
        casb.database, casb.identity.vault, casb.clock, tenants=casb.tenants, ways=ways, base_url=""
    )


def test_a_webhook_is_added_listed_and_removed(house: House) -> None:
    """Its secret is shown once; each change is audited, with the host only."""
    made = house.ok("POST", PATH, HOOK)
    assert (made["private_addresses"], made["waiting"], made["problem"]) == (False, 0, None)
    (listed,) = house.ok("GET", PATH)["notification_channels"]
    assert listed == {name: value for name, value in made.items() if name != "secret"}
    assert "there is a notification channel" in house.refusal(400, "POST", PATH, HOOK)
    assert house.ok("DELETE", f"{PATH}/{made['id']}") == {}
    house.refusal(404, "DELETE", f"{PATH}/{made['id']}")
    entries = house.ok("GET", "audit-log")["entries"]
    found = sorted((each["action"], str(each["details"])) for each in entries if "notification" in each["action"])
    facts = "{'kind': 'webhook', 'address': 'hooks.example.org'}"
    assert found == [("notification.add", facts), ("notification.remove", facts)]


def test_a_test_says_what_became_of_it(house: House) -> None:
    """Also where the name leads into the network of the server."""
    look_up_inside(house.casb)
    made = house.ok("POST", PATH, HOOK)
    problem = "hooks.example.org has an address that is not public"
    assert house.ok("POST", f"{PATH}/{made['id']}/test") == {"delivered": False, "problem": problem}
    house.refusal(404, "POST", f"{PATH}/{'0' * 24}/test")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "kind"),
        ({"kind": "webhook"}, "address"),
        ({"kind": "pigeon", "address": "roof"}, "channel: kind 'pigeon' is not one of: mail, webhook"),
        ({"kind": "webhook", "address": "http://127.0.0.1/"}, "'http://127.0.0.1/' must have a public host name"),
        ({"kind": "webhook", "address": "https://10.0.0.1/"}, "'https://10.0.0.1/' must have a public host name"),
        ({"kind": "mail", "address": "ann@contoso.example"}, "setting smtp_host"),
        ({"kind": "webhook", "address": "x" * 1001}, "address"),
        ({"kind": 7, "address": []}, "address: text is expected"),
    ],
)
def test_what_makes_no_channel_is_named(house: House, body: dict[str, object], words: str) -> None:
    """With what is allowed."""
    assert words in house.refusal(400, "POST", PATH, body)


def test_only_global_administrators_of_the_tenant_see_and_change_them(house: House) -> None:
    """Neither others with full access nor another tenant."""
    made = house.ok("POST", PATH, HOOK)
    other = house.token(tenant_id=house.fabrikam.tenant_id)
    assert house.ok("GET", PATH, token=other) == {"notification_channels": []}
    security = house.token(Role.SECURITY_ADMINISTRATOR)
    for token, status in ((other, 404), (security, 403)):
        house.refusal(status, "DELETE", f"{PATH}/{made['id']}", token=token)
        house.refusal(status, "POST", f"{PATH}/{made['id']}/test", token=token)
    house.refusal(403, "GET", PATH, token=security)
    assert "Only a global administrator" in house.refusal(403, "POST", PATH, HOOK, token=security)


def test_mail_is_there_where_a_server_is_configured(tmp_path: Path) -> None:
    """Nothing is sent before there is a notification."""
    house = House(tmp_path / "mail", smtp_host="127.0.0.1", smtp_from="casb@casb.example")
    assert "secret" not in house.ok("POST", PATH, {"kind": "mail", "address": "ann@contoso.example"})
    house.casb.close()
