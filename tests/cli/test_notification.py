"""``opencasb notification``: notification channels."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from tests.cli.commands import Shell
from tests.notify.mailbox import PASSWORD, USER, mailing
from tests.notify.receiver import receiving


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A data directory with two tenants."""
    made = Shell(tmp_path / "data")
    for name in ("Contoso", "Fabrikam"):
        made.text("tenant", "create", name)
    return made


def test_a_webhook_is_added_tried_listed_and_removed(shell: Shell) -> None:
    """Its secret is shown once; the command line may name receivers on this machine."""
    with receiving(None) as receiver:
        made = shell.json("notification", "add", "webhook", receiver.url)
        assert made["secret"].startswith("whsec_")
        assert (made["kind"], made["address"], made["private_addresses"]) == ("webhook", receiver.url, True)
        listed = shell.json("notification", "list")
        assert listed == [{name: value for name, value in made.items() if name != "secret"}]
        assert shell.json("notification", "test", made["id"]) == {"delivered": True, "problem": None}
        assert f"localhost:{receiver.port} accepted it" in shell.text("notification", "test", made["id"])
        receiver.statuses = [500, 500]
        assert "answered with status 500" in shell.refused("notification", "test", made["id"])
        failed = shell.run("notification", "test", made["id"], "--json")
        assert (failed.exit_code, '"delivered":false' in failed.stdout) == (1, True)
    assert receiver.url in shell.text("notification", "list")
    assert shell.json("notification", "list", "--tenant", "Fabrikam") == []
    assert "is not a channel of this tenant" in shell.refused(
        "notification", "remove", made["id"], "--tenant", "Fabrikam"
    )
    assert shell.json("notification", "remove", made["id"]) == {"removed": made["id"]}
    assert shell.text("notification", "list") == ""


def test_people_see_the_secret_and_what_to_do_next(shell: Shell) -> None:
    """In text output as well."""
    done = shell.run("notification", "add", "webhook", "https://hooks.example.org/casb")
    assert "secret: whsec_" in done.stdout
    assert "cannot be shown again" in done.stderr
    assert "opencasb notification test" in done.stderr


def test_a_mail_address_needs_a_mail_server(
    shell: Shell, tmp_path: Path, ca: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail server comes from the settings; if it is missing, the message names the setting."""
    words = ("notification", "add", "mail", "ann@contoso.example")
    assert "channel: no mail can be sent: no mail server is configured (setting smtp_host)" in shell.refused(*words)
    (tmp_path / "ca.pem").write_bytes(ca.cert_pem.bytes())
    with mailing(ca) as box:
        given = {
            "HOST": "localhost",
            "PORT": str(box.port),
            "CA": str(tmp_path / "ca.pem"),
            "USER": USER,
            "PASSWORD": PASSWORD,
            "FROM": "casb@casb.example",
        }
        for name, value in given.items():
            monkeypatch.setenv(f"OPENCASB_SMTP_{name}", value)
        made = shell.json(*words)
        assert "secret" not in made
        shell.text("notification", "test", made["id"])
    assert box.recipients == ["ann@contoso.example"]
    assert "there is a notification channel" in shell.refused(*words)


@pytest.mark.parametrize(
    ("kind", "address", "words"),
    [
        ("pigeon", "roof", "kind 'pigeon' is not one of: mail, webhook"),
        ("webhook", "http://hooks.example.org/", "must begin with https://"),
        ("webhook", "x", "must be an address https://HOST/"),
        ("mail", "x", "must be a mail address in ASCII"),
    ],
)
def test_what_is_wrong_is_named(shell: Shell, kind: str, address: str, words: str) -> None:
    """With what is allowed."""
    assert words in shell.refused("notification", "add", kind, address)
