"""Menlo Security's records."""

from __future__ import annotations

import pytest

from opencasb.discovery.recognise import recognise
from tests.discovery.formats.parsed import row, rows
from tests.discovery.formats.reading import ms
from tests.discovery.formats.vendor_lines import MENLO

REQUEST = (
    '{"top_url": "portal.example", "domain": "example.com", "protocol": "https", "origin_ip": "203.0.113.7", "dst":'
    ' ["203.0.113.8", "203.0.113.9"], "event_time": "2025-11-20T11:00:01.250000", "user-agent": "Agent/5.0 (X; y)",'
    ' "xff_ip": "NA", "product": "MSIP", "vendor": "Menlo Security", "request_type": "POST", "groups": ["a", "b"],'
    ' "categories": "Business", "x-client-ip": "10.0.0.1", "name": "form_post", "url": "https://files.example.com/up",'
    ' "userid": "ann@corp.example", "pe_action": "isolate", "response_code": "200"}'
)
CONNECT = (
    '{"event":{"connId":"DkErZk","domain":"files.example.com","event_time":"2025-11-20T11:00:02","name":"proxy_event",'
    '"pe_action":"proxy_event","product":"MSIP","proxyEventType":"cert_error","request_type":"CONNECT",'
    '"url":"https://files.example.com:443/","vendor":"Menlo Security","x-client-ip":"10.0.0.2"}}'
)
UPLOADED_DATA = (
    '{"dst_url": "https://files.example.com/", "domain": "example.com", "event_time": "2025-11-20T11:00:03.1",'
    ' "product": "MSIP", "vendor": "Menlo Security", "request_type": "GET", "userid": "ann", "action": "log"}'
)


def test_a_request() -> None:
    """Fields are found by any of their usual names."""
    found = row("MENLO_SECURITY_CEF", MENLO[0])
    other = (
        MENLO[0]
        .replace("suser=", "user=")
        .replace("src=", "x-client-ip=")
        .replace("request=", "url=")
        .replace("dhost", "host")
    )
    assert row("MENLO_SECURITY_CEF", other.replace("out=", "bytes_sent=").replace(" in=", " bytes_received=")) == found
    assert (found["destination_host"], found["url"]) == ("files1.example.com", "https://files1.example.com/a")
    assert (found["user"], found["uploaded_bytes"], found["downloaded_bytes"]) == ("ann1@corp.example", 10, 100)


@pytest.mark.parametrize(("action", "verdict"), [("isolate", "allow"), ("allow", "allow"), ("block", "block")])
def test_the_verdict(action: str, verdict: str) -> None:
    """Isolated requests are allowed."""
    for key in ("act", "pe_action"):
        assert row("MENLO_SECURITY_CEF", MENLO[0].replace("act=isolate", f"{key}={action}"))["action"] == verdict
    assert row("MENLO_SECURITY_CEF", REQUEST.replace("isolate", action))["action"] == verdict


def test_an_object() -> None:
    """The log export writes JSON objects; their times are UTC, whatever the source's zone."""
    assert row("MENLO_SECURITY_CEF", REQUEST, timezone="Europe/Berlin") == {
        "timestamp": ms("2025-11-20T11:00:01.250+00:00"),
        "user": "ann@corp.example",
        "source_ip": "10.0.0.1",
        "destination_host": "files.example.com",
        "url": "https://files.example.com/up",
        "destination_ip": "203.0.113.8",
        "action": "allow",
        "transactions": 1,
    }


def test_a_wrapped_object() -> None:
    """The proxy's tunnel records are nested; only their host is known."""
    found = row("MENLO_SECURITY_CEF", CONNECT)
    assert (found["source_ip"], found["destination_host"]) == ("10.0.0.2", "files.example.com")
    assert found["action"] == "allow"
    assert "url" not in found
    assert found["timestamp"] == ms("2025-11-20T11:00:02+00:00")


def test_objects_that_are_no_requests() -> None:
    assert row("MENLO_SECURITY_CEF", UPLOADED_DATA)["ignored"] == "no traffic record"


def test_other_shapes() -> None:
    """Pairs, LEEF and columns under a header row are parsed, too."""
    lines = [
        "event_time=2025-11-20T11:00:01Z userid=ann x-client-ip=10.0.0.1 url=https://a.example.com/ pe_action=block",
        (
            "LEEF:1.0|Menlo Security|MSIP|2|web|devTime=1763636401000\tusrName=ann\tsrc=10.0.0.1"
            "\turl=https://a.example.com/\taction=block"
        ),
        "event_time,userid,x-client-ip,url,pe_action",
        "2025-11-20T11:00:01Z,ann,10.0.0.1,https://a.example.com/,block",
    ]
    found = rows("MENLO_SECURITY_CEF", lines)
    wanted = {key: value for key, value in found[0].items() if key != "line"}
    assert (wanted["timestamp"], wanted["user"], wanted["action"]) == (ms("2025-11-20T11:00:01Z"), "ann", "block")
    assert [{**wanted, "line": line} for line in (1, 2, 4)] == [found[0], found[1], found[3]]
    assert found[2] == {"line": 3, "ignored": "header row"}


@pytest.mark.parametrize("line", [REQUEST, CONNECT, MENLO[0], "LEEF:1.0|Menlo Security|MSIP|2|web|src=10.0.0.1"])
def test_recognition(line: str) -> None:
    assert recognise([line]).source == "MENLO_SECURITY_CEF"
    assert recognise([f"<134>Nov 20 12:00:00 relay {line}"]).source == "MENLO_SECURITY_CEF"


def test_others() -> None:
    assert (
        row("MENLO_SECURITY_CEF", MENLO[0].replace("Menlo Security", "Example"))["rejected"]
        == "not a CEF line of this vendor"
    )
