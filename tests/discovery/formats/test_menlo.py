"""Menlo Security's records."""

from __future__ import annotations

import pytest

from tests.discovery.formats.parsed import row
from tests.discovery.formats.vendor_lines import MENLO


def test_a_request() -> None:
    """Fields are known by any of their usual names."""
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
    """What is isolated is allowed."""
    for key in ("act", "pe_action"):
        assert row("MENLO_SECURITY_CEF", MENLO[0].replace("act=isolate", f"{key}={action}"))["action"] == verdict


def test_others() -> None:
    assert (
        row("MENLO_SECURITY_CEF", MENLO[0].replace("Menlo Security", "Example"))["rejected"]
        == "not a CEF line of this vendor"
    )
