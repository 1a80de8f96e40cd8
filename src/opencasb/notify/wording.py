"""The wording of a warning: what expires, when, what happens then, and what to do (saas §4)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from opencasb.model.durations import DAY
from opencasb.model.iso_time import iso
from opencasb.model.notification import Channel, Notice
from opencasb.model.tenant import Tenant
from opencasb.model.visible_text import visible_name
from opencasb.notify.notifier import Message

EXPIRING: Final = "credential.expiring"
EXPIRED: Final = "credential.expired"
TEST: Final = "test"
_REFUSAL: Final = {"secret": "AADSTS7000222", "certificate": "AADSTS700027"}
"""The error that sign-ins then get (identity §8)."""
_TEXT: Final = """\
The client {kind} of the application {application} {ends}{comma} on {expires}.

Organization: {tenant} ({tenant_id})
Application:  {application}
Client id:    {client_id}
Key id:       {key_id}
Description:  {description}
{until}      {expires}

What {happens}: programs that prove themselves with this {kind} get no token any more; the answer is 401 with
{refusal}. Tokens they have stay good until these expire.

What to do: add a new {kind} to the application, put it into every program that uses the old one, then remove the old
one. In the portal: {url}
On the command line: opencasb app add-{kind} {client_id}{file} --tenant {tenant_id}
"""


def warning(notice: Notice, tenant: Tenant, base_url: str) -> Message:
    """Return the message of a notice, the same at any time; ``base_url`` is the server's, without a trailing slash."""
    credential, over = notice.credential, notice.days == 0
    days_left = max(0, -((notice.made - credential.expires) // DAY))
    ends = "has expired" if over else "expires within a day" if days_left <= 1 else f"expires in {days_left} days"
    application = visible_name(credential.application) or credential.client_id
    moment = f"{datetime.fromtimestamp(credential.expires / 1000, UTC):%Y-%m-%d %H:%M} UTC"
    refusal, url = _REFUSAL[credential.kind], f"{base_url}/portal/applications/{credential.client_id}"
    facts = {
        "tenant_id": tenant.guid,
        "tenant": tenant.name,
        "client_id": credential.client_id,
        "application": credential.application,
        "credential": credential.kind,
        "key_id": credential.key_id,
        "description": credential.description,
        "expires": iso(credential.expires),
        "days_left": days_left,
        "error_code": refusal,
        "url": url,
    }
    text = _TEXT.format(
        kind=credential.kind,
        file=" FILE" if credential.kind == "certificate" else "",
        application=application,
        ends=ends,
        comma="" if over else ",",
        tenant=visible_name(tenant.name),
        tenant_id=tenant.guid,
        client_id=credential.client_id,
        key_id=credential.key_id,
        description=visible_name(credential.description) or "-",
        until="Expired:" if over else "Expires:",
        expires=moment,
        happens="happens now" if over else "will happen then",
        refusal=refusal,
        url=url,
    )
    subject = f"The client {credential.kind} of {application} {ends}"
    return Message(notice.notice_id, EXPIRED if over else EXPIRING, notice.made, subject, text, facts)


def test(message_id: str, channel: Channel, tenant: Tenant, now: int) -> Message:
    """Return the message that tests a channel."""
    text = (
        f"This is a test of OpenCASB. Warnings of {visible_name(tenant.name)} will come this way, such as that the "
        "client secret of an application expires.\n"
    )
    facts = {"tenant_id": tenant.guid, "tenant": tenant.name, "channel_id": channel.channel_id}
    return Message(message_id, TEST, now, "Test of a notification channel", text, facts)
