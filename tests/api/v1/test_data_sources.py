"""Data sources (api §12.7)."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from opencasb.api.v1.data_sources import SILENT_AFTER
from opencasb.lake import maintenance
from opencasb.lake.usage import stream_key
from opencasb.model.roles import Role
from tests.api.v1.conftest import Client

PATH = "discovery/data_sources/"


def create(client: Client, **given: Any) -> dict[str, Any]:
    """Create a source and return its record."""
    made: dict[str, Any] = client.post(PATH, {"displayName": "edge", "logType": 112, **given})
    return made


@pytest.mark.parametrize(
    ("given", "full", "kind", "protocol", "port"),
    [
        ({}, "", "ftp", None, None),
        ({"receiverType": "ftp"}, "ftp", "ftp", None, None),
        ({"receiverTypeFull": "ftps", "receiverType": "ftps"}, "ftps", "ftps", None, None),
        ({"receiverType": "syslog"}, "syslog-udp", "syslog", "udp", 514),
        ({"receiverType": "syslog", "protocol": "tcp"}, "syslog-tcp", "syslog", "tcp", 601),
        (
            {"receiverTypeFull": "syslog-tls", "receiverType": "syslog", "protocol": "tls"},
            "syslog-tls",
            "syslog",
            "tls",
            601,
        ),
        ({"receiverTypeFull": "SYSLOG-UDP", "port": 5140}, "syslog-udp", "syslog", "udp", 5140),
    ],
)
def test_a_source_is_added_with_its_receiver(
    client: Client, given: dict[str, Any], full: str, kind: str, protocol: str | None, port: int | None
) -> None:
    """In the short and the full form; syslog gets the next free port by default."""
    made = create(client, **given, anonymizeUsers="true", comment="rack 3")
    assert (made["receiverTypeFull"], made["receiverType"], made.get("protocol"), made["port"]) == (
        full,
        kind,
        protocol,
        port,
    )
    assert (made["anonymizeUsers"], made["anonymizeMachines"], made["comment"]) == (True, False, "rack 3")
    assert (made["logType"], made["status"], made["streamType"]) == (112, "Created", 1)
    assert made["logCollectors"] == (["built-in"] if full else [])
    assert client.casb.identity.audit_log.latest(client.known.tenant_id, 1)[0].action == "data_source.create"


def test_a_source_is_added_by_the_powershell_module(client: Client) -> None:
    """Its switch is an object in JSON, and its device types are log types."""
    body = {"displayName": "edge", "logType": 129, "receiverType": "ftp", "receiverTypeFull": "ftp"}
    for is_present in (True, False):
        name = f"edge-{is_present}"
        made = client.post(PATH, {**body, "displayName": name, "anonymizeUsers": {"IsPresent": is_present}})
        assert (made["displayName"], made["anonymizeUsers"]) == (name, is_present)


@pytest.mark.parametrize("given", [129, "146", 155, 167, 195, 1])
def test_a_source_keeps_the_number_of_its_log_type(client: Client, given: object) -> None:
    """Also if its lines are those of another one (api §12.7); logs are parsed as that."""
    made = create(client, logType=given)
    assert made["logType"] == int(str(given))
    assert {each["_id"]: each["logType"] for each in client.get(PATH)["data"]}[made["_id"]] == made["logType"]


def test_every_source_has_a_port_of_its_own(client: Client) -> None:
    """Ports are assigned in ascending order; a taken one is rejected."""
    ports = [create(client, displayName=f"s{number}", receiverType="syslog")["port"] for number in range(3)]
    assert ports == [514, 515, 516]
    said = client.refusal(400, PATH, {"displayName": "x", "logType": 112, "receiverType": "syslog", "port": 6514})
    assert said == "port: 6514 must be 1-65535 and used by no other source"


def test_sources_are_listed_the_newest_first(client: Client) -> None:
    """By query string, as in the PowerShell client; other kinds of reports are not listed."""
    client.casb.now += 1000
    create(client, logType="SQUID")
    query = "?skip=0&limit=100&sortField=created&sortDirection=desc"
    page = client.get(PATH + query)
    assert (page["data"][0]["displayName"], page["total"]) == ("edge", 3)
    assert {each["displayName"] for each in page["data"]} == {"edge", "proxy", "firewall"}
    assert client.get(f"{PATH}?sortField=displayName&sortDirection=asc&limit=1")["data"][0]["displayName"] == "edge"


def test_one_source_is_fetched(reader: Client) -> None:
    """By its id in any case; other reports, unknown ids and sources outside a scoped role are not found."""
    known = reader.known
    (wanted,) = (each for each in reader.get(PATH)["data"] if each["_id"] == known.firewall)
    role = Role.CLOUD_DISCOVERY_REPORT_ADMIN
    assert reader.get(f"{PATH}{known.firewall.upper()}", role=role) == wanted
    for stream_id in (known.global_view, "x", "%00"):
        assert reader.call("GET", f"{PATH}{stream_id}/").status_code == 404
    assert reader.call("GET", f"{PATH}{known.proxy}/", role=role).status_code == 404


def test_the_status_follows_the_data(client: Client) -> None:
    """Connected while data arrive, disconnected after a day of silence (portal §2.3)."""
    casb = client.casb
    casb.streams.update(client.known.tenant_id, client.known.proxy, last_data_received=casb.now)
    states = []
    for later in (0, SILENT_AFTER, 1):
        casb.now += later
        found = {each["displayName"]: each["status"] for each in client.get(PATH)["data"]}
        states.append(found["proxy"])
        assert found["firewall"] == "Created"
    assert states == ["Connected", "Connected", "Disconnected"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"displayName": None}, "displayName: this parameter is required"),
        ({"displayName": "a b"}, "displayName: 'a b' must be 1-64 letters, digits, - and _"),
        ({"displayName": "x" * 65}, "displayName: 'xxx"),
        ({"displayName": "proxy"}, "displayName: 'proxy' is taken"),
        ({"logType": None}, "logType: this parameter is required"),
        ({"logType": 99999}, "logType: '99999' is not a source type; allowed:"),
        (
            {"receiverType": "carrier-pigeon"},
            "receiverTypeFull: 'carrier-pigeon' is not a receiver; allowed",
        ),
        ({"receiverType": "ftp", "receiverTypeFull": "syslog-udp"}, "receiverType: 'ftp' does not go with"),
        ({"receiverTypeFull": "syslog-udp", "protocol": "tcp"}, "protocol: 'tcp' does not go with"),
        ({"receiverType": "syslog", "port": 0}, "port: 0 must be 1-65535"),
        ({"receiverType": "syslog", "port": 70000}, "port: 70000 must be 1-65535"),
        ({"anonymizeUsers": "x"}, "anonymizeUsers: true or false"),
    ],
)
def test_what_is_wrong_with_a_source_is_named(reader: Client, given: dict[str, Any], said: str) -> None:
    """400; nothing is created."""
    assert reader.refusal(400, PATH, {"displayName": "edge", "logType": 112, **given}).startswith(said)
    assert reader.get(PATH)["total"] == 2


def test_a_source_is_removed_with_what_it_reported(client: Client) -> None:
    """Other streams are not sources; an unknown id is not found."""
    known = client.known
    assert client.call("DELETE", f"{PATH}{known.firewall}/").json() == {}
    assert client.get(PATH)["total"] == 1
    apps = client.post("discovery/discovered_apps/")["data"]
    assert "Microsoft Teams" not in {app["name"] for app in apps}
    assert client.casb.identity.audit_log.latest(known.tenant_id, 1)[0].action == "data_source.delete"
    for stream_id in (known.firewall, known.global_view, "x", "%00"):
        assert client.call("DELETE", f"{PATH}{stream_id}/").status_code == 404


def test_a_removal_that_was_stopped_is_done_by_the_next(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever part failed, the call can be repeated, and then neither the source nor its usage is left."""
    lake, streams, known = client.casb.lake, client.casb.streams, client.known
    for target, name in ((maintenance, "forget_stream"), (streams, "delete")):
        with monkeypatch.context() as patch:
            patch.setattr(target, name, raising)
            assert client.call("DELETE", f"{PATH}{known.firewall}/").status_code == 503
        assert client.get(PATH)["total"] == 2
    assert client.call("DELETE", f"{PATH}{known.firewall}/").json() == {}
    usage = lake.usage(known.tenant_id)
    assert stream_key(known.firewall) not in usage.select("stream_key").collect()["stream_key"]


def raising(*_: object, **__: object) -> None:
    """Fail like a disk."""
    raise OSError(errno.EIO, "broken")


def test_a_scoped_role_sees_its_sources_and_changes_none(reader: Client) -> None:
    """Lists are narrowed, changes need the permission."""
    role = Role.CLOUD_DISCOVERY_REPORT_ADMIN
    assert [each["displayName"] for each in reader.get(PATH, role=role)["data"]] == ["firewall"]
    assert reader.call("DELETE", f"{PATH}{reader.known.firewall}/", role=role).status_code == 403
