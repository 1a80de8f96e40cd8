"""Channels: creation, tests, removal."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook as Receiving

from opencasb.store.conflict import Conflict
from opencasb.store.notification_channels import MOST
from tests.conftest import NOW
from tests.notify.conftest import House
from tests.notify.mailbox import Mailbox
from tests.notify.receiver import Receiver


def test_a_webhook_has_a_secret_that_is_shown_once(each_house: House, receiver: Receiver) -> None:
    """It signs messages; it is stored encrypted, and appears neither in the list nor in the audit log."""
    channels = each_house.casb.notifications.channels
    made = channels.add(each_house.tenant_id, "webhook", receiver.url, anywhere=True, by="ann")
    assert channels.test(made.channel, each_house.contoso, by="ben") == ""
    (post,) = receiver.posts
    signed = {name: value for name, value in post.headers.items() if name.startswith("webhook-")}
    assert signed["webhook-signature"] == _signature(made.secret, post.id, post.content)
    assert post.json["type"] == "test"
    assert made.secret not in repr(made)
    assert made.secret not in str(channels.records(each_house.tenant_id))
    entries = each_house.audited("notification.")
    facts = {"kind": "webhook", "address": f"localhost:{receiver.port}"}
    assert entries == [
        ("notification.add", made.channel.channel_id, facts),
        ("notification.test", made.channel.channel_id, facts),
    ]
    sealed = channels.get(each_house.tenant_id, made.channel.channel_id)
    assert sealed is not None
    assert sealed.sealed_secret is not None
    assert made.secret.encode() not in sealed.sealed_secret


def test_a_test_tells_why_it_failed(house: House, box: Mailbox) -> None:
    """The response and the audit log have the reason."""
    channel = house.channel("mail", "ann@contoso.example")
    box.refusals = ["550 no such mailbox"]
    problem = house.casb.notifications.channels.test(channel, house.contoso, by="ben")
    assert "no such mailbox" in problem
    assert house.audited("notification.test")[0][2]["problem"] == problem
    assert house.casb.notifications.channels.test(channel, house.contoso, by="ben") == ""
    assert box.mails[0]["subject"] == "Test of a notification channel"


def test_channels_belong_to_their_tenant(each_house: House) -> None:
    """Each exists once; another tenant may have the same."""
    channels, other = each_house.casb.notifications.channels, each_house.fabrikam.tenant_id
    made = each_house.channel("mail", "ann@contoso.example")
    with pytest.raises(Conflict, match="there is a notification channel mail"):
        each_house.channel("mail", "ann@contoso.example")
    assert (channels.get(other, made.channel_id), channels.records(other)) == (None, [])
    channels.add(other, "mail", "ann@contoso.example", anywhere=False, by="test")
    assert [channels.remove(made, by="ben"), channels.remove(made, by="ben")] == [True, False]
    assert (len(channels.records(each_house.tenant_id)), len(channels.records(other))) == (0, 1)
    assert [action for action, _, _ in each_house.audited("notification.")] == [
        "notification.add",
        "notification.remove",
    ]


def test_a_tenant_has_so_many_channels_at_most(each_house: House) -> None:
    """Each means another connection for every warning."""
    for number in range(MOST):
        each_house.channel("mail", f"ann{number}@contoso.example")
    with pytest.raises(Conflict, match=f"there are {MOST} notification channels already"):
        each_house.channel("mail", "ann@contoso.example")


def test_an_unknown_kind_is_refused_with_those_there_are(house: House) -> None:
    """They are listed in the order of registration."""
    with pytest.raises(ValueError, match=r"kind 'pigeon' is not one of: mail, webhook\Z"):
        house.channel("pigeon", "the roof")


def test_nothing_is_sent_unsigned(house: House, receiver: Receiver) -> None:
    """The secret cannot be decrypted if the key file was replaced, or the row is another tenant's."""
    channel = house.channel("webhook", receiver.url)
    moved = msgspec.structs.replace(channel, tenant_id=house.fabrikam.tenant_id)
    channels = house.casb.notifications.channels
    assert "sealed with another key file" in channels.test(moved, house.fabrikam, by="test")
    (house.settings.data / "keys" / "vault").write_bytes(bytes(32))
    with closing(house.second()) as second:
        assert "sealed with another key file" in second.notifications.channels.test(channel, house.contoso, by="test")
    assert receiver.posts == []


def _signature(secret: str, message_id: str, content: bytes) -> str:
    return Receiving(secret).sign(message_id, datetime.fromtimestamp(NOW / 1000, UTC), content.decode())
