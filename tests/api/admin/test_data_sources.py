"""The state of data sources over the administration API."""

from __future__ import annotations

import msgspec

from opencasb.discovery.drift import Baseline
from opencasb.discovery.line_shape import LineShape
from opencasb.model.stream import StreamType
from opencasb.store.receiver_counters import Taken
from tests.api.admin.conftest import House
from tests.conftest import NOW


def test_a_data_source_tells_how_it_does(house: House) -> None:
    """Its binding without secrets, counters, normal shape, and open warnings, which can be resolved."""
    tenant_id = house.contoso.tenant_id
    stream = house.casb.streams.create(tenant_id, "edge", StreamType.INPUT, source="SQUID_NATIVE", receiver="sftp")
    house.casb.streams.global_view(tenant_id)
    key = (tenant_id, stream.stream_id)
    house.casb.bindings.change(*key, login="edge", password_hash="$argon2id$x", public_keys="ssh-ed25519 x")
    house.casb.receiver_counters.add([Taken(tenant_id=tenant_id, stream_id=stream.stream_id, lines=7, drops=2)])
    (state,) = house.ok("GET", "data-sources")["data_sources"]
    assert (state["login"], state["has_password"], state["lines"], state["drops"]) == ("edge", True, 7, 2)
    assert state["usual_lines"] is None
    assert "argon2" not in str(state)
    usual = LineShape(lines=1000, filled={"user": 500}, measured=500, separators={"blank": {9: 500}})
    with house.casb.database.write() as connection:
        house.casb.source_shapes.lock(connection, *key)
        house.casb.source_shapes.keep(
            connection,
            *key,
            msgspec.to_builtins(Baseline(usual=usual, format="SQUID_NATIVE"), str_keys=True),
        )
        made = house.casb.source_shapes.warn(connection, *key, kind="format", text="a", before=["b"], after=["c"])
    state = house.ok("GET", f"data-sources/{stream.stream_id}")
    assert state["usual_lines"] == {
        "lines": 1000,
        "format": "SQUID_NATIVE",
        "rejected_share": 0.0,
        "filled_shares": {"user": 0.5},
        "separators": {"blank": {"9": 500}},
    }
    assert [each["id"] for each in state["warnings"]] == [made.warning_id]
    assert house.ok("POST", f"source-warnings/{made.warning_id}/resolve") == {}
    assert house.ok("GET", f"data-sources/{stream.stream_id}")["warnings"] == []
    (warning,) = house.ok("GET", f"data-sources/{stream.stream_id}/warnings")["warnings"]
    assert warning["resolved"] == NOW
    entries = house.ok("GET", "audit-log")["entries"]
    assert [each["target"] for each in entries if each["action"] == "data_source.resolve_warning"] == [made.warning_id]
    house.refusal(404, "POST", f"source-warnings/{made.warning_id}/resolve")


def test_other_tenants_have_their_own(house: House) -> None:
    """A source of another tenant is not found, nor is its report."""
    other = house.casb.streams.create(house.fabrikam.tenant_id, "edge", StreamType.INPUT, source="SQUID_NATIVE")
    view = house.casb.streams.global_view(house.contoso.tenant_id)
    assert house.ok("GET", "data-sources") == {"data_sources": []}
    for stream_id in (other.stream_id, view.stream_id):
        house.refusal(404, "GET", f"data-sources/{stream_id}")
        house.refusal(404, "GET", f"data-sources/{stream_id}/warnings")
