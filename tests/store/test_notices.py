"""The outbox: each notice exists once, and each delivery is leased to one server at a time."""

from __future__ import annotations

import msgspec

from opencasb.model.notification import Channel, Credential, Notice
from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.notices import LEASE_MS, Notices
from opencasb.store.notification_channels import NotificationChannels
from tests.conftest import NOW
from tests.identity.standin import HandClock

TENANT, OTHER = 1, 2
CREDENTIAL = Credential(
    tenant_id=TENANT,
    kind="secret",
    client_id="client",
    application="tool",
    key_id="key",
    description="",
    expires=NOW + 1000,
)
NOTICE = Notice(notice_id="a" * 24, credential=CREDENTIAL, days=1, made=NOW)


def channel(number: int, tenant_id: int = TENANT) -> Channel:
    """Return a channel."""
    return Channel(
        tenant_id=tenant_id,
        channel_id=f"{number:024}",
        kind="mail",
        address=f"{number}@example.org",
        anywhere=False,
        created=NOW,
        created_by="test",
    )


def opened(database: Database, clock: HandClock) -> Notices:
    """Return the outbox of a tenant with two channels, and of a tenant with one."""
    channels = NotificationChannels(database, clock)
    for each in (channel(1), channel(2), channel(1, OTHER)):
        channels.add(each)
    return Notices(database, clock)


def test_a_notice_is_there_once_with_a_delivery_a_channel(database: Database) -> None:
    """Adding it again changes nothing; the audit log has the first."""
    clock = HandClock()
    notices = opened(database, clock)
    assert [notices.add(NOTICE), notices.add(msgspec.structs.replace(NOTICE, made=NOW + 1))] == [True, False]
    assert (notices.get(TENANT, NOTICE.notice_id), notices.get(OTHER, NOTICE.notice_id)) == (NOTICE, None)
    assert [each.channel_id for each in notices.deliveries(TENANT)] == [f"{1:024}", f"{2:024}"]
    assert notices.deliveries(OTHER) == []
    assert notices.known(TENANT, [NOTICE.notice_id, "b" * 24]) == {NOTICE.notice_id}
    assert notices.known(OTHER, [NOTICE.notice_id]) == set()
    made = [each for each in AuditLog(database, clock).latest(TENANT) if each.action == "app.secret_expires"]
    assert [(each.target, each.details) for each in made] == [
        ("client", {"key_id": "key", "expires": NOW + 1000, "days": 1})
    ]


def test_a_delivery_is_leased_to_one_at_a_time(database: Database) -> None:
    """The one that is due longest comes first; an expired lease can be taken over."""
    clock = HandClock()
    notices = opened(database, clock)
    notices.add(NOTICE)
    first, second = notices.take("one"), notices.take("two")
    assert first is not None
    assert second is not None
    assert (first.channel_id, second.channel_id, notices.take("three")) == (f"{1:024}", f"{2:024}", None)
    assert notices.postpone(first, NOW + 10 * LEASE_MS, "down")
    assert not notices.end(first, "delivered")
    clock.now += LEASE_MS
    again = notices.take("four")
    assert again is not None
    assert (again.channel_id, again.attempts, notices.take("five")) == (second.channel_id, 2, None)
    assert not notices.end(second, "delivered")
    assert notices.end(again, "delivered")
    clock.now += 9 * LEASE_MS
    last = notices.take("six")
    assert last is not None
    assert (last.channel_id, last.attempts, last.last_error) == (first.channel_id, 2, "down")


def notice(number: int, tenant_id: int) -> Notice:
    """Return a notice of a tenant."""
    credential = msgspec.structs.replace(CREDENTIAL, tenant_id=tenant_id)
    return msgspec.structs.replace(NOTICE, notice_id=f"{number:024}", credential=credential)


def test_a_tenant_with_many_deliveries_holds_up_no_other(database: Database) -> None:
    """Two may be under way, and whoever has not had a turn comes before whoever had."""
    clock = HandClock()
    notices = opened(database, clock)
    for number in range(5):
        notices.add(notice(number, TENANT))
    clock.now += 1
    first = [notices.take("dead") for _ in range(3)]
    assert [each and each.tenant_id for each in first] == [TENANT, TENANT, None]
    for number in range(2):
        notices.add(msgspec.structs.replace(notice(number, OTHER), made=clock.now))
    for leased in first[:2]:
        assert leased is not None
        notices.end(leased, "given_up")
    clock.now += 1
    order = []
    for _ in range(4):
        clock.now += 1
        leased = notices.take("next")
        assert leased is not None
        order.append(leased.tenant_id)
        notices.end(leased, "delivered")
    assert order[:2] in ([TENANT, OTHER], [OTHER, TENANT])
    assert order[2:] == order[:2]
