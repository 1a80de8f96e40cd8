"""Notifications of expiring secrets: delivered once, despite failures."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import pytest

from opencasb.model.notification import Delivery
from opencasb.notify.notifications import BACKOFF, KEPT
from opencasb.store.notices import LEASE_MS
from tests.notify.conftest import DAY, House
from tests.notify.mailbox import Mailbox
from tests.notify.receiver import Receiver


def deliveries(house: House) -> list[Delivery]:
    """Return Contoso's deliveries."""
    return house.casb.notifications.notices.deliveries(house.tenant_id)


def states(house: House) -> list[str]:
    """Return the states of Contoso's deliveries."""
    return [each.state for each in deliveries(house)]


def test_each_threshold_is_told_once_on_every_channel(each_house: House, receiver: Receiver, box: Mailbox) -> None:
    """A month, a week and a day before expiry, and after it."""
    each_house.channel("webhook", receiver.url)
    each_house.channel("mail", "ann@contoso.example")
    key_id = each_house.secret(40)
    told = []
    for day in range(60):
        each_house.warn()
        each_house.deliver()
        told += [(day, post.json["type"], post.json["data"]["days_left"]) for post in receiver.posts]
        receiver.posts.clear()
        each_house.pass_time(DAY)
    assert told == [
        (10, "credential.expiring", 30),
        (33, "credential.expiring", 7),
        (39, "credential.expiring", 1),
        (40, "credential.expired", 0),
    ]
    assert [mail["subject"] for mail in box.mails] == [
        "The client secret of Report tool expires in 30 days",
        "The client secret of Report tool expires in 7 days",
        "The client secret of Report tool expires within a day",
        "The client secret of Report tool has expired",
    ]
    assert states(each_house) == ["delivered"] * 8
    expiry = each_house.audited("app.secret_")
    assert [(action, details["days"]) for action, _, details in expiry] == [
        ("app.secret_expires", 30),
        ("app.secret_expires", 7),
        ("app.secret_expires", 1),
        ("app.secret_expired", 0),
    ]
    assert {(target, details["key_id"]) for _, target, details in expiry} == {(each_house.client_id, key_id)}


def test_a_short_life_begins_with_the_nearest_threshold(house: House, receiver: Receiver) -> None:
    """A secret valid for five days has the warning of a week, and later that of a day; never several at once."""
    house.channel("webhook", receiver.url)
    house.secret(5)
    assert [house.warn(), house.warn()] == [1, 0]
    house.pass_time(4 * DAY)
    assert [house.warn(), house.warn()] == [1, 0]
    house.deliver()
    assert [post.json["data"]["days_left"] for post in receiver.posts] == [1]


def test_without_a_channel_the_audit_log_has_it(each_house: House) -> None:
    """A channel added later gets only later warnings."""
    each_house.secret(5)
    assert (each_house.warn(), each_house.deliver()) == (1, 0)
    assert [action for action, _, _ in each_house.audited("app.secret_")] == ["app.secret_expires"]


def test_nobody_is_told_of_the_secrets_of_others(each_house: House, receiver: Receiver) -> None:
    """No other tenant, not even one that has consented to this tenant's application."""
    other = each_house.fabrikam.tenant_id
    each_house.casb.notifications.channels.add(other, "webhook", receiver.url, anywhere=True, by="test")
    applications = each_house.casb.identity.applications
    applications.change(each_house.tenant_id, each_house.client_id, multitenant=True)
    application = applications.get(each_house.tenant_id, each_house.client_id)
    assert application is not None
    each_house.casb.identity.consents.enter(each_house.fabrikam, application, "test")
    each_house.secret(5)
    assert each_house.casb.notifications.warn(other) == 0
    assert (each_house.warn(), each_house.deliver(), receiver.posts) == (1, 0, [])


def test_what_is_over_before_it_can_be_told_is_dropped(each_house: House, receiver: Receiver) -> None:
    """A removed secret, a disabled application, a removed channel, a nearer threshold."""
    casb = each_house.casb
    channel = each_house.channel("webhook", receiver.url)
    key_id = each_house.warned(5)
    casb.identity.applications.remove_secret(each_house.tenant_id, each_house.client_id, key_id)
    assert (each_house.deliver(), states(each_house), receiver.posts) == (1, ["dropped"], [])
    each_house.warned(20)
    casb.identity.applications.set_enabled(each_house.tenant_id, each_house.client_id, enabled=False)
    assert (each_house.deliver(), each_house.warn(), receiver.posts) == (1, 0, [])
    casb.identity.applications.set_enabled(each_house.tenant_id, each_house.client_id, enabled=True)
    each_house.warned(8)
    each_house.pass_time(2 * DAY)
    each_house.warn()
    assert each_house.deliver() == 2
    assert [post.json["data"]["days_left"] for post in receiver.posts] == [6]
    each_house.warned(9)
    casb.notifications.channels.remove(channel, by="test")
    each_house.deliver()
    assert Counter(states(each_house)) == {"dropped": 4, "delivered": 1}


def test_a_receiver_that_is_down_is_tried_again_for_a_day(each_house: House, receiver: Receiver) -> None:
    """Delays increase, id and content stay the same; giving up is recorded in the audit log and the list."""
    channel = each_house.channel("webhook", receiver.url)
    receiver.statuses = [500] * 99
    each_house.warned(20)
    for wait in BACKOFF:
        assert [each_house.deliver(), each_house.deliver()] == [1, 0]
        each_house.pass_time(wait)
    (record,) = each_house.casb.notifications.channels.records(each_house.tenant_id)
    host = f"localhost:{receiver.port}"
    assert (record["waiting"], record["problem"]) == (1, f"{host} answered with status 500")
    assert [each_house.deliver(), each_house.deliver()] == [1, 0]
    each_house.pass_time(DAY)
    assert (each_house.warn(), each_house.deliver()) == (0, 0)
    assert DAY <= sum(BACKOFF) <= 2 * DAY
    assert len(receiver.posts) == len(BACKOFF) + 1
    assert len({(post.id, post.content) for post in receiver.posts}) == 1
    assert len({post.headers["webhook-timestamp"] for post in receiver.posts}) == len(receiver.posts)
    (record,) = each_house.casb.notifications.channels.records(each_house.tenant_id)
    assert (record["waiting"], record["given_up"], record["last_delivered"]) == (0, 1, None)
    ((_, target, details),) = each_house.audited("notification.give_up")
    assert target == channel.channel_id
    assert details == {
        "kind": "webhook",
        "address": host,
        "notice": receiver.posts[0].id,
        "problem": f"{host} answered with status 500",
    }


def test_it_is_delivered_as_soon_as_the_receiver_is_back(house: House, receiver: Receiver, box: Mailbox) -> None:
    """One channel does not wait for the other."""
    house.channel("webhook", receiver.url)
    house.channel("mail", "ann@contoso.example")
    receiver.statuses, box.refusals = [503], ["450 come back later"]
    house.warned(20)
    assert (house.deliver(), box.mails) == (2, [])
    house.pass_time(BACKOFF[0])
    assert (house.deliver(), house.deliver()) == (2, 0)
    assert (len(receiver.posts), len(box.mails), states(house)) == (2, 1, ["delivered", "delivered"])
    records = house.casb.notifications.channels.records(house.tenant_id)
    assert [(each["problem"], each["last_delivered"]) for each in records] == [(None, house.clock())] * 2


def test_a_server_that_was_killed_before_it_sent_loses_nothing(each_house: House, receiver: Receiver) -> None:
    """Another server takes over after the lease expires, not before; the killed one can change nothing more."""
    each_house.channel("webhook", receiver.url)
    each_house.warned(20)
    killed = each_house.casb.notifications.notices.take("killed")
    assert killed is not None
    each_house.pass_time(LEASE_MS - 1)
    assert each_house.deliver() == 0
    with closing(each_house.second()) as other:
        each_house.pass_time(1)
        assert other.notifications.deliver(Event()) == 1
    assert not each_house.casb.notifications.notices.end(killed, "given_up")
    assert not each_house.casb.notifications.notices.postpone(killed, 0, "x")
    assert (len(receiver.posts), states(each_house)) == (1, ["delivered"])


def test_a_server_that_was_killed_after_it_sent_sends_with_the_same_id(
    house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receiver can then drop the duplicate."""
    house.channel("webhook", receiver.url)
    house.warned(20)

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(house.casb.notifications.notices, "end", killed)
        with pytest.raises(KeyboardInterrupt):
            house.deliver()
    house.pass_time(LEASE_MS)
    house.deliver()
    first, second = receiver.posts
    assert (first.id, first.content) == (second.id, second.content)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_servers_make_and_send_each_warning_once(each_house: House, receiver: Receiver) -> None:
    """Both work at the same time, on one PostgreSQL."""
    each_house.channel("webhook", receiver.url)
    for number in range(12):
        each_house.secret(20, f"secret {number}")
    with closing(each_house.second()) as second, ThreadPoolExecutor(4) as pool:
        servers = [each_house.casb, second] * 2
        made = sum(pool.map(lambda casb: casb.notifications.warn(each_house.tenant_id), servers))
        tried = sum(pool.map(lambda casb: casb.notifications.deliver(Event()), servers))
    assert (made, tried) == (12, 12)
    assert Counter(Counter(post.id for post in receiver.posts).values()) == {1: 12}
    assert len(each_house.audited("app.secret_expires")) == 12


def test_a_stopped_server_takes_nothing_more(house: House, receiver: Receiver) -> None:
    """Due deliveries wait for the next server."""
    house.channel("webhook", receiver.url)
    house.warned(20)
    stop = Event()
    stop.set()
    assert house.casb.notifications.deliver(stop) == 0


def test_a_notifier_that_breaks_keeps_nobody_else_waiting(
    house: House, receiver: Receiver, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its delivery is retried like any other."""
    house.channel("mail", "ann@contoso.example")
    house.channel("webhook", receiver.url)
    house.warned(20)
    monkeypatch.setattr("opencasb.notify.mail.Mail.send", lambda *_: 1 / 0)
    assert house.deliver() == 2
    assert len(receiver.posts) == 1
    (waiting,) = [each for each in deliveries(house) if each.state == "waiting"]
    assert waiting.last_error == "the notifier failed; the log of the server says more"


def test_old_notices_are_forgotten(each_house: House, receiver: Receiver) -> None:
    """They are deleted once they could no longer be created again."""
    each_house.channel("webhook", receiver.url)
    each_house.warned(5)
    each_house.pass_time(5 * DAY + KEPT)
    each_house.warn()
    assert len(deliveries(each_house)) == 1
    each_house.pass_time(1)
    assert each_house.warn() == 0
    assert deliveries(each_house) == []
