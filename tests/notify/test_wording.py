"""Texts of warnings."""

from __future__ import annotations

import pytest

from opencasb.model.durations import DAY
from opencasb.model.notification import Credential, CredentialKind
from opencasb.model.tenant import Tenant
from opencasb.notify.expiry import notice
from opencasb.notify.notifier import Message
from opencasb.notify.wording import warning
from tests.conftest import NOW

TENANT = Tenant(
    tenant_id=1,
    guid="6f1d2c3b-0000-4000-8000-00000000aaaa",
    name="Contoso",
    domain="c.example",
    created=NOW,
    sealed_pseudonym_key=b"",
)
CLIENT, KEY = "0aa1b2c3-0000-4000-8000-00000000bbbb", "77777777-0000-4000-8000-00000000cccc"


def said(left: int, kind: CredentialKind = "secret", application: str = "Report tool") -> Message:
    """Return the warning for a credential that expires in the given ms."""
    credential = Credential(
        tenant_id=1,
        kind=kind,
        client_id=CLIENT,
        application=application,
        key_id=KEY,
        description="nightly",
        expires=NOW + left,
    )
    return warning(notice(credential, NOW), TENANT, "https://casb.example")


def test_it_says_what_ends_when_what_happens_and_what_to_do() -> None:
    """It does so for people and for machines."""
    message = said(7 * DAY)
    assert message.subject == "The client secret of Report tool expires in 7 days"
    for words in (
        "expires in 7 days, on 2025-11-27 12:00 UTC.",
        f"Organization: Contoso ({TENANT.guid})",
        f"Client id:    {CLIENT}",
        f"Key id:       {KEY}",
        "Description:  nightly",
        "What will happen then: programs",
        "401 with\nAADSTS7000222",
        "add a new secret to the application",
        f"https://casb.example/portal/applications/{CLIENT}",
        f"opencasb app add-secret {CLIENT} --tenant {TENANT.guid}\n",
    ):
        assert words in message.text, words
    assert message.facts == {
        "tenant_id": TENANT.guid,
        "tenant": "Contoso",
        "client_id": CLIENT,
        "application": "Report tool",
        "credential": "secret",
        "key_id": KEY,
        "description": "nightly",
        "expires": "2025-11-27T12:00:00.000Z",
        "days_left": 7,
        "error_code": "AADSTS7000222",
        "url": f"https://casb.example/portal/applications/{CLIENT}",
    }


@pytest.mark.parametrize(
    ("left", "words", "days_left"),
    [
        (30 * DAY, "expires in 30 days", 30),
        (4 * DAY + 1, "expires in 5 days", 5),
        (DAY + 1, "expires in 2 days", 2),
        (DAY, "expires within a day", 1),
        (1, "expires within a day", 1),
        (0, "has expired", 0),
        (-DAY, "has expired", 0),
    ],
)
def test_days_are_counted_as_people_do(left: int, words: str, days_left: int) -> None:
    """A part of a day counts as one."""
    message = said(left)
    assert message.subject.endswith(words)
    assert message.facts["days_left"] == days_left
    assert message.kind == ("credential.expiring" if days_left else "credential.expired")


def test_a_certificate_is_refused_otherwise() -> None:
    """It is renewed with another command, too."""
    message = said(-1, "certificate")
    assert message.subject == "The client certificate of Report tool has expired"
    assert "has expired on 2025-11-20" in message.text
    assert "AADSTS700027." in message.text
    assert f"opencasb app add-certificate {CLIENT} FILE --tenant {TENANT.guid}\n" in message.text
    assert "What happens now" in message.text


def test_names_stay_as_people_write_them() -> None:
    """They keep the joiners of emoji and scripts."""
    assert said(DAY, application="\U0001f469\u200d\U0001f4bb").subject.startswith(
        "The client secret of \U0001f469\u200d\U0001f4bb expires"
    )


def test_a_name_cannot_begin_another_line() -> None:
    """It cannot control a terminal or be missing either."""
    assert (
        said(DAY, application="a\r\nBcc: x\u202e").subject
        == r"The client secret of a\r\nBcc: x\u202e expires within a day"
    )
    assert CLIENT in said(DAY, application="").subject
