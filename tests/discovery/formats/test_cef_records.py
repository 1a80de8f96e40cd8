"""Which CEF records count as transactions, for firewalls without their own CEF source type."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.cef_status import CHALLENGE
from tests.discovery.formats.parsed import row, rows

EXTENSION = "src=10.0.0.1 dst=203.0.113.9 dhost=www.example.com out=10 in=20"
LEFT = "not a connection or request record"


def fate(header: str, extension: str = EXTENSION) -> str | None:
    """Return why a line with this header is ignored, None if it is not."""
    return row("GENERIC_CEF", f"CEF:0|{header}|3|{extension}").get("ignored")


@pytest.mark.parametrize("product", ["PAN-OS|10.2", "LF|2.0"])
def test_palo_alto_networks(product: str) -> None:
    """Type and subtype come in either order; for some records the type suffices."""
    for words in ("TRAFFIC|end", "end|TRAFFIC", "TRAFFIC|drop", "THREAT|url", "url|THREAT", "THREAT(9999)|THREAT"):
        assert fate(f"Palo Alto Networks|{product}|{words}") is None
    for words in ("start|TRAFFIC", "TRAFFIC|start", "THREAT|spyware", "wildfire-virus|THREAT", "general|SYSTEM",
                  "GLOBALPROTECT|login", "HIPMATCH|", "AUTH|Radius", "DECRYPTION|end", "DNS|realtime_dns_query",
                  "AUDIT|gui", "gre|TUNNEL"):  # fmt: skip
        assert fate(f"Palo Alto Networks|{product}|{words}") == LEFT


@pytest.mark.parametrize("number", ["(9999)", "URL-filtering(9999)", "Any Exe(52020)", "Test File(39040)", "x(999)"])
def test_threats_of_palo_alto_networks(number: str) -> None:
    """Some templates begin with the name and number of the threat; a request to a site has its own."""
    fates = {fate(f"Palo Alto Networks|PAN-OS|9.1|{words}") for words in (f"{number}|THREAT", f"THREAT|{number}")}
    assert fates == {None if "9999" in number else LEFT}


@pytest.mark.parametrize("product", ["Fortigate|v7.2.8", "FortiGate-100F|7.2.8,build1639 (GA)"])
def test_fortigate(product: str) -> None:
    """Forwarded traffic, the web filter, and application control if it has a host."""
    for name in ("traffic:forward close", "forward traffic accept", "utm:webfilter ftgd_blk blocked", "utm:app-ctrl x"):
        assert fate(f"Fortinet|{product}|00013|{name}") is None
    for name in ("traffic:local accept", "utm:ips signature", "dns:dns-response pass", "event:vpn",
                 "traffic:forward start",
                 "system event login"):  # fmt: skip
        assert fate(f"Fortinet|{product}|00013|{name}") == LEFT
    assert fate(f"Fortinet|{product}|1|utm:app-ctrl x", "src=10.0.0.1 dst=203.0.113.9") == LEFT


def test_firepower() -> None:
    """Connections, with bytes under eStreamer's names, but not files, malware and intrusions."""
    extension = "src=10.0.0.1 dst=203.0.113.9 act=Block bytesIn=20 bytesOut=10 request=https://www.example.com"
    found = row("GENERIC_CEF", f"CEF:0|Cisco|Firepower|6.0|RNA:1003:1|CONNECTION STATISTICS|3|{extension}")
    assert (found["uploaded_bytes"], found["downloaded_bytes"], found["action"]) == (10, 20, "block")
    assert (found["destination_host"], "ignored" in found) == ("www.example.com", False)
    for words in ("FileMalware:502:1|File Malware Event", "INTRUSION:400:129:15|STREAM5_BAD_RST", "File:500:1|x"):
        assert fate(f"Cisco|Firepower|6.0|{words}", extension) == LEFT


def test_questions_for_names() -> None:
    """DNS is never a transaction, whoever answers it; connections to the same balancer are."""
    for words in ("DNS Query|DNS Query IN A", "DNS Response|DNS Response IN A NOERROR", "RPZ-QNAME|NXDOMAIN"):
        assert fate(f"Infoblox|Data Connector|2.1.3|{words}") == LEFT
    assert fate("F5|Advanced Firewall Module|11.3.0|23003139|DNS Event") == LEFT
    assert fate("F5|Advanced Firewall Module|11.3.0|23003137|Network Event") is None


def test_sonicwall() -> None:
    """The rules of its native format; the user has a separate key."""
    for number in (537, 97, 14, 36):
        assert fate(f"SonicWall|NSa 4700|7.0.1|{number}|x") is None
    for number in (98, 38, 1154, 1460):
        assert fate(f"SonicWALL|NSA 2400|5.9|{number}|x") == LEFT
    line = f'CEF:0|SonicWall|NSa 4700|7.0.1|537|Connection Closed|4|{EXTENSION} susr="CORP\\jo lee" cnt=9'
    assert (row("GENERIC_CEF", line)["user"], row("GENERIC_CEF", line)["transactions"]) == ("CORP\\jo lee", 1)


@pytest.mark.parametrize("vendor", ["CISCO|ASA|", "Cisco|PIX|6.3"])
def test_adaptive_security_appliance(vendor: str) -> None:
    """Its messages as converted by ArcSight."""
    for words in ("302014|Teardown TCP connection", "106023|Deny", "106100|access-list denied", "304001|Accessed URL"):
        assert fate(f"{vendor}|{words}") is None
    for words in (
        "302013|Built outbound TCP connection",
        "305012|Teardown",
        "106100|access-list permitted",
        "111008|x",
    ):
        assert fate(f"{vendor}|{words}") == LEFT


def test_web_gateway() -> None:
    """The name is that of the last rule evaluated, which need not have blocked.

    Authentication challenges are ignored.
    """
    head, labels = (
        "McAfee|Web Gateway|12.2|200|Proxy-Block If Virus was Found",
        f"{EXTENSION} cn1={{}} cn1Label=Block Reason",
    )
    for reason, action in ((0, "allow"), (10, "block")):
        assert row("GENERIC_CEF", f"CEF:0|{head}|2|{labels.format(reason)}")["action"] == action
    assert fate(head.replace("200", "407"), labels.format(81)) == LEFT


def test_bytes_of_the_web_gateway() -> None:
    """It counts them as a proxy does: ``in`` from the client, ``out`` to it."""
    head = "CEF:0|McAfee|Web Gateway|12.2|200|Proxy-Default|2|rt=Nov 20 2025 11:00:00"
    line = f"{head} src=10.0.0.1 dhost=a.example.com in=90 out=7000"
    found = row("GENERIC_CEF", line)
    assert (found["uploaded_bytes"], found["downloaded_bytes"], found["total_bytes"]) == (90, 7000, 7090)
    found = row("GENERIC_CEF", line.replace(" in=90", ""))
    assert ("uploaded_bytes" in found, found["downloaded_bytes"]) == (False, 7000)
    both = rows("GENERIC_CEF", [line, line.replace("McAfee", "Example")])
    assert [each["uploaded_bytes"] for each in both] == [90, 7000]


def test_bytes_of_pan_os() -> None:
    """Its template names the bytes from the client ``in``; the logging service's does not."""
    line = f"CEF:0|Palo Alto Networks|PAN-OS|10.1.3|end|TRAFFIC|1|{EXTENSION} act=allow"
    found = row("GENERIC_CEF", line)
    assert (found["uploaded_bytes"], found["downloaded_bytes"], found["total_bytes"]) == (20, 10, 30)
    found = row("GENERIC_CEF", line.replace("|PAN-OS|10.1.3|end|TRAFFIC|", "|LF|2.0|TRAFFIC|end|"))
    assert (found["uploaded_bytes"], found["downloaded_bytes"]) == (10, 20)


def test_a_client_that_a_proxy_forwarded_to_pan_os() -> None:
    """It is logged in place of the user."""
    head = "CEF:0|Palo Alto Networks|PAN-OS|10.1.3|url|THREAT|1"
    found = row("GENERIC_CEF", f"{head}|{EXTENSION} suser=x-fwd-for: 10.9.9.9 duser= act=alert")
    assert (found["source_ip"], "user" in found) == ("10.9.9.9", False)


def test_forcepoint() -> None:
    """A start counts only in a log without ends, and a record without a client does not count."""
    allowed, closed, discarded, other = (
        f"CEF:0|FORCEPOINT|Firewall|6.8.5|7001{number}|{name}|0|{EXTENSION}"
        for number, name in enumerate(["Connection_Allowed", "Connection_Closed", "Connection_Discarded", "Generic"])
    )
    bare = closed.replace(EXTENSION, "suser=ann in=1 out=2")
    found = rows("GENERIC_CEF", [allowed, closed, discarded, other])
    assert [line.get("ignored") for line in found] == ["connection start", None, None, LEFT]
    assert [line["action"] for line in found] == ["allow", "allow", "block", "allow"]
    assert [line.get("ignored") for line in rows("GENERIC_CEF", [allowed, bare])] == [None, "no traffic record"]


def test_alarms_of_an_application_firewall() -> None:
    """They are about requests to the own sites, whether or not those were let through."""
    for alarm in ("APPFW|APPFW_STARTURL", "APPFW|APPFW_SIGNATURE_MATCH", "IDS|IDS_SIGNATURE", "BOT|BOT_DETECTION"):
        request = "src=10.0.0.1 method=GET request=https://www.example.com/ msg=Illegal URL cs4=ALERT act=not blocked"
        assert fate(f"Citrix|NetScaler|NS14.1|{alarm}", request) == LEFT
    assert fate("Citrix|NetScaler|NS14.1|TCP|TCP_CONN_TERMINATE") is None


@pytest.mark.parametrize(
    "status",
    [
        "outcome={}",
        "status={}",
        "responseCode={}",
        "cs1=a b cs2=7 cs2Label=Policy cs3={} cs3Label=HTTP Status",
        "cs4Label=responseCode cs4={}",
        "cn1={} cn1Label=Response Code",
        "cn2={} cs2Label=x cn2Label=http_status_code",
    ],
)
def test_challenges_to_sign_in(status: str) -> None:
    """There is no common key for the status."""
    for place in ("{} {}", "{1} {0}"):
        assert fate("Example|Proxy|6|1|request", place.format(EXTENSION, status.format(407))) == CHALLENGE
        assert fate("Example|Proxy|6|1|request", place.format(EXTENSION, status.format(200))) is None


@pytest.mark.parametrize(
    "other", ["cn1=407 cn1Label=Duration", "cs1Label=Status cs1=ok cs2=407", "out=407", "outcome=4070", "spt=407"]
)
def test_other_numbers_are_no_status(other: str) -> None:
    assert fate("Example|Proxy|6|1|request", f"{EXTENSION} {other}") is None


def test_other_makers() -> None:
    """Unknown records count as usual."""
    assert fate("Fortinet|FortiWeb|6|1|event:system") is None
    assert fate("Example|Firewall|6|start|TRAFFIC") is None
