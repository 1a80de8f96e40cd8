"""Log collectors (api §12.7)."""

from __future__ import annotations

from tests.api.v1.conftest import Client

PATH = "discovery/log_collectors/"


def test_the_server_is_the_collector_of_sources_that_it_listens_for(client: Client) -> None:
    """With the status of its sources; without such a source there is none."""
    record = {
        "_id": "000000010000000000000000",
        "name": "built-in",
        "hostAddress": "localhost",
        "status": "Created",
        "lastDataReceived": None,
        "dataSources": ["firewall"],
    }
    assert client.get(PATH)["data"] == [record]
    casb, known = client.casb, client.known
    casb.streams.update(known.tenant_id, known.firewall, last_data_received=casb.now)
    connected = {**record, "status": "Connected", "lastDataReceived": "2025-11-20T12:00:00.000Z"}
    assert client.get(PATH)["data"] == [connected]
    client.call("DELETE", f"discovery/data_sources/{known.firewall}/")
    empty = client.get(PATH)
    assert (empty["data"], empty["total"]) == ([], 0)
