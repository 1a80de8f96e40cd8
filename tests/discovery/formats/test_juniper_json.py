"""Juniper SRX's records in the JSON objects of collectors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opencasb.discovery.recognise import recognise
from tests.discovery.formats.parsed import row, rows
from tests.discovery.formats.reading import ms

PAIRS = {
    "reason": "TCP RST", "source-address": "10.0.0.1", "source-port": "50001", "destination-address": "203.0.113.9",
    "destination-port": "443", "bytes-from-client": "100", "bytes-from-server": 2000, "username": "ann1",
}  # fmt: skip
WRITTEN = " ".join(f'{name}="{value}"' for name, value in PAIRS.items())
HEADER = {
    "hostname": "srx1",
    "appname": "RT_FLOW",
    "msgid": "RT_FLOW_SESSION_CLOSE",
    "timestamp": "2025-11-20T12:00:00Z",
}
FOUND = {
    "timestamp": ms("2025-11-20T12:00:00Z"), "user": "ann1", "source_ip": "10.0.0.1", "destination_ip": "203.0.113.9",
    "action": "allow", "uploaded_bytes": 100, "downloaded_bytes": 2000, "total_bytes": 2100, "transactions": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        PAIRS | {"syslog": HEADER, "roles": ["staff"]},
        PAIRS | HEADER,
        HEADER | {"message": "", "junos@2636.1.1.1.2.129": PAIRS},
        HEADER | {"message": "", "extradata": f"[junos@2636.1.1.1.2.129 {WRITTEN}]"},
    ],
)
def test_a_session(written: dict[str, Any]) -> None:
    """It is what the same record in its usual form is."""
    line = json.dumps(written)
    assert recognise([line]).source == "JUNIPER_SRX_SD_SYSLOG"
    assert row("JUNIPER_SRX_SD_SYSLOG", line) == FOUND


def test_other_records() -> None:
    """A refused request has its host; what is no transaction is ignored."""
    web = PAIRS | {"url": "files.example.com", "obj": "/a"} | {"syslog": HEADER | {"msgid": "WEBFILTER_URL_BLOCKED"}}
    attack = PAIRS | {"syslog": HEADER | {"msgid": "IDP_ATTACK_LOG_EVENT"}}
    refused, ignored = rows("JUNIPER_SRX_SD_SYSLOG", [json.dumps(web), json.dumps(attack)])
    assert (refused["url"], refused["action"]) == ("https://files.example.com/a", "block")
    assert ignored["ignored"] == "not a session or web-filter record"
