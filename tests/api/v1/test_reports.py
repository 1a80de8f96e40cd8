"""The REST API's access to streams."""

from __future__ import annotations

from opencasb.api.v1.reports import visible_streams
from opencasb.model.principal import Principal
from tests.api.v1.conftest import Client


def principal(client: Client, *stream_ids: str) -> Principal:
    """Return a caller limited to ``stream_ids``, if there are any."""
    limit = frozenset(stream_ids) if stream_ids else None
    return Principal(client.known.tenant_id, "x", frozenset(), stream_ids=limit)


def test_a_caller_sees_own_streams(reader: Client) -> None:
    """All without a limit; otherwise those in the limit and the tenant."""
    known = reader.known
    every = {stream.stream_id for stream in visible_streams(reader.casb, principal(reader))}
    assert every == {known.global_view, known.proxy, known.firewall}
    limited = visible_streams(reader.casb, principal(reader, known.proxy, "f" * 24))
    assert [stream.stream_id for stream in limited] == [known.proxy]


def test_the_global_report_exists_as_soon_as_anyone_looks(client: Client) -> None:
    """It exists even for a tenant without data."""
    tenant = client.casb.tenants.create("Newcomer")
    made = visible_streams(client.casb, Principal(tenant.tenant_id, "x", frozenset()))
    assert [stream.display_name for stream in made] == ["Global View"]
