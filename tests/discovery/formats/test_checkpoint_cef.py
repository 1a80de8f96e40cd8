"""Check Point in CEF."""

from __future__ import annotations

from tests.discovery.formats.parsed import row, rows
from tests.discovery.formats.vendor_lines import CHECKPOINT_CEF


def test_cef() -> None:
    """The user's login and the device's name are read; other blades are ignored."""
    found = row("CHECKPOINT_CEF_SYSLOG", CHECKPOINT_CEF[0])
    assert (found["user"], found["source_device"], found["source_ip"], found["action"]) == (
        "ann1",
        "pc1",
        "10.0.0.1",
        "allow",
    )
    assert row("CHECKPOINT_CEF_SYSLOG", CHECKPOINT_CEF[0].replace("act=Accept", "act=Drop"))["action"] == "block"
    ips = CHECKPOINT_CEF[0].replace("VPN-1 & FireWall-1", "SmartDefense")
    assert row("CHECKPOINT_CEF_SYSLOG", ips)["ignored"] == "not a connection or request record"
    assert row("CHECKPOINT_CEF_SYSLOG", CHECKPOINT_CEF[0].replace("proto=6", "proto=1"))["ignored"] == "ICMP"
    assert row("CHECKPOINT_CEF_SYSLOG", CHECKPOINT_CEF[0].replace("Check Point|VPN", "Example|VPN"))["rejected"]
    assert row("CHECKPOINT_CEF_SYSLOG", CHECKPOINT_CEF[0].replace("|Check Point", "||Check Point", 1)) == found


def test_others_at_the_same_address() -> None:
    """A mark after user and device is not part of their names."""
    line = CHECKPOINT_CEF[0].replace("(ann1)", "(ann1)(+)").replace("@corp ", "@corp(+) ")
    assert line.count("(+)") == 2
    assert row("CHECKPOINT_CEF_SYSLOG", line) == row("CHECKPOINT_CEF_SYSLOG", CHECKPOINT_CEF[0])


def test_a_connection_that_is_told_again_counts_once() -> None:
    told = f"{CHECKPOINT_CEF[0]} loguid={{0x5e812cd4,0x1,0x6401a8c0,0x108620ab}}"
    first, last = rows("CHECKPOINT_CEF_SYSLOG", [told, f"{told} out=30 in=500"])
    assert first["ignored"] == "told again later"
    assert (last["uploaded_bytes"], last["downloaded_bytes"]) == (30, 500)
