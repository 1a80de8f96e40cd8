"""Output of commands about applications."""

from __future__ import annotations

from tests.cli.applications import Desk


def test_people_read_lines_and_machines_the_same_facts(desk: Desk) -> None:
    """Text and JSON agree and contain no secret; times and flags are readable in the text."""
    client_id = desk.created("--permission", "discovery.read", "--public-client")
    record = desk.json("show", client_id.upper())
    assert (record["permissions"], record["public_client"], record["multitenant"]) == (["discovery.read"], True, False)
    assert record["requested"] == [{"resource": "mdca", "kind": "application", "name": "discovery.read"}]
    assert [sorted(secret) for secret in record["secrets"]] == [["created", "description", "expires", "hint", "key_id"]]
    text = desk.text("show", client_id)
    assert "public_client: yes" in text
    assert "created: 2025-11-20 12:00Z" in text
    assert "  resource mdca  kind application  name discovery.read" in text
    assert "redirects" not in text


def test_an_unknown_application_is_named(desk: Desk) -> None:
    """The message names the command that lists known applications."""
    assert "'nothing' is not an application of this tenant (opencasb app list)" in desk.refused("show", "nothing")
