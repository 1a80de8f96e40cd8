"""Records do not show their secrets."""

from __future__ import annotations

import io

import msgspec
from rich.console import Console
from rich.pretty import pretty_repr

from opencasb.model.notification import Channel
from opencasb.model.tenant import Tenant

KEY = b"0123456789abcdef" * 2


def test_a_repr_leaves_the_secret_out_and_nothing_else() -> None:
    """A copy does not show it either; the record still has it."""
    tenant = Tenant(tenant_id=1, guid="g", name="Example", domain="example.org", created=5, sealed_pseudonym_key=KEY)
    renamed = msgspec.structs.replace(tenant, name="Other")
    assert repr(renamed).startswith("Tenant(tenant_id=1, guid='g', name='Other', domain='example.org', created=5, ")
    assert "pseudonym_key" not in repr(renamed)
    assert renamed.sealed_pseudonym_key == KEY
    channel = Channel(
        tenant_id=1,
        channel_id="c",
        kind="mail",
        address="a@b.example",
        anywhere=False,
        created=1,
        created_by="x",
        sealed_secret=KEY,
    )
    assert "sealed_secret" not in repr(channel)


def test_rich_shows_no_more_than_a_repr() -> None:
    """It reads the fields of msgspec's records directly, bypassing the repr."""
    tenant = Tenant(tenant_id=1, guid="g", name="Example", domain="example.org", created=5, sealed_pseudonym_key=KEY)
    out = io.StringIO()
    Console(file=out).print(tenant)
    assert "Example" in out.getvalue()
    assert "pseudonym_key" not in out.getvalue() + pretty_repr(tenant)
