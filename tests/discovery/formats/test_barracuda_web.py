"""Barracuda web filters and web application firewalls."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.barracuda_web import FORMATS
from opencasb.discovery.formats.base import Format
from opencasb.discovery.recognise import recognise
from tests.discovery.formats.appliance_lines import BARRACUDA_GATEWAY, BARRACUDA_WAF, BARRACUDA_WEBLOG
from tests.discovery.formats.parsed import row as by_source
from tests.discovery.formats.parsed import rows
from tests.discovery.formats.reading import fates, ms, one, read

GATEWAY, WEBLOG = FORMATS
SCAN, PAGE, ACCESS = BARRACUDA_GATEWAY[0], BARRACUDA_WEBLOG[0], BARRACUDA_WAF[0]
PAIRS = (
    'Nov 20 11:00:01 waf1 cat=TR dvc=10.1.1.1 duser="-" in=100 out=1000 suser="ann1" src=10.0.0.1 spt=50001'
    ' requestCookies="-" dhost=shop.example.com outcome=200 requestMethod=GET app=HTTPS msg=a=b dst=- dpt=443'
    " rt=1763636401123 request=/a/1 requestClientApplication=Browser src=6.6.6.6 cs1Label=ClientType"
)


def test_a_scanned_page() -> None:
    row = one(GATEWAY, SCAN)
    assert (row["timestamp"], row["user"], row["source_ip"]) == (1_763_636_401_000, "ann1", "10.0.0.1")
    assert (row["url"], row["destination_ip"]) == ("https://files1.example.com/a/1", "203.0.113.1")
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["action"]) == (None, 1000, "allow")


@pytest.mark.parametrize("header", ["<134>Nov 20 12:00:00 wsg ", "Nov 20 12:00:00 wsg "])
def test_headers_change_nothing(header: str) -> None:
    assert one(GATEWAY, header + SCAN) == one(GATEWAY, SCAN)
    assert one(WEBLOG, header + PAGE) == one(WEBLOG, PAGE)


@pytest.mark.parametrize(("word", "action"), [("BLOCKED", "block"), ("DETECTED", "allow"), ("ALLOWED", "allow")])
def test_the_gateway_writes_its_verdict_in_a_word(word: str, action: str) -> None:
    assert one(GATEWAY, SCAN.replace("BYF ALLOWED", f"BYF {word}"))["action"] == action


@pytest.mark.parametrize("header", ["", "<134>Nov 20 12:00:00 fw "])
def test_a_firewall_among_gateways_writes_a_number(header: str) -> None:
    for line in (PAGE, PAGE.replace("CLEAN 2 1 0 0", "CLEAN 2 1 0 1")):
        assert one(GATEWAY, header + line) == one(WEBLOG, header + line)


@pytest.mark.parametrize("details", ["", "stream=>Eicar-Test-Signature FOUND", "1 2 x"])
def test_the_gateway_writes_details_before_the_version(details: str) -> None:
    """They are usually empty, which leaves two blanks."""
    scan = SCAN.replace("CLEAN 2 1 ", f"CLEAN {details} 2 1 ")
    assert scan != SCAN
    assert one(GATEWAY, scan) == one(GATEWAY, SCAN)


@pytest.mark.parametrize(("known", "line"), [(GATEWAY, SCAN), (WEBLOG, PAGE)], ids=["gateway", "firewall"])
def test_an_address_in_brackets_is_no_user(known: Format, line: str) -> None:
    row = one(known, line.replace("files1.example.com", "[2001:db8::1]"))
    assert (row["user"], row["destination_host"]) == ("ann1", None)


def test_a_server_behind_a_translation() -> None:
    row = one(GATEWAY, SCAN.replace(" 203.0.113.1 ", " 203.0.113.1(198.51.100.7) "))
    assert row["destination_ip"] == "203.0.113.1"


@pytest.mark.parametrize("user", ["ann1", "ANON"])
def test_old_firmware_writes_a_checksum_for_the_version_and_the_user_bare(user: str) -> None:
    old = SCAN.replace("http_scan", "httpscan").replace(" BYF ", " 3767734cc16059e52447ee498d31f822 ")
    old = old.replace("(-)", "-").split(" [ann1]")[0] + f" {user}"
    assert recognise(["<22>" + old]).format is GATEWAY
    assert one(GATEWAY, old) == one(GATEWAY, SCAN.replace("[ann1]", f"[{user}]"))


@pytest.mark.parametrize("tag", ["barracuda_pqman[2432]:", "barracuda_pqman:"])
def test_another_program_of_the_gateway_hands_its_records_on(tag: str) -> None:
    scan = SCAN.replace("http_scan[2432]:", tag)
    assert scan != SCAN
    assert recognise(["<22>" + scan]).format is GATEWAY
    assert one(GATEWAY, scan) == one(GATEWAY, SCAN)


def test_the_firewall_writes_its_verdict_in_a_number() -> None:
    row = one(WEBLOG, PAGE)
    assert (row["url"], row["user"], row["action"]) == ("http://files1.example.com/a/1", "ann1", "allow")
    assert one(WEBLOG, PAGE.replace("CLEAN 2 1 0 0", "CLEAN 2 1 0 1"))["action"] == "block"


def test_a_url_within_a_url_has_no_scheme_before_it() -> None:
    page = PAGE.replace("files1.example.com/a/1", "files1.example.com/a?to=http://b.example.com/")
    assert page != PAGE
    assert recognise([page]).format is WEBLOG


def test_nobody() -> None:
    assert one(GATEWAY, SCAN.replace("[ann1]", "[ANON]"))["user"] is None
    assert one(WEBLOG, PAGE.replace("[ann1]", "[-]"))["user"] is None


def test_the_application_firewall() -> None:
    row = one(GATEWAY, ACCESS)
    assert (row["timestamp"], row["user"], row["source_ip"]) == (ms("2025-11-20T11:00:01.123Z"), "ann1", "10.0.0.1")
    assert (row["url"], row["destination_ip"]) == ("https://shop.example.com/a/1?q=1", "203.0.113.1")
    assert (row["uploaded_bytes"], row["downloaded_bytes"]) == (100, 1000)
    pairs = one(GATEWAY, PAIRS)
    assert (pairs["url"], pairs["destination_ip"]) == ("https://shop.example.com/a/1", None)
    same = ("timestamp", "user", "source_ip", "destination_host", "uploaded_bytes", "downloaded_bytes", "action")
    assert {name: pairs[name] for name in same} == {name: row[name] for name in same}


def test_the_application_firewall_names_the_version_of_a_protocol() -> None:
    for written, protocol in ((ACCESS, "HTTPS"), (PAIRS, "app=HTTPS")):
        encrypted = written.replace(protocol, protocol.replace("HTTPS", "TLSv1.2"))
        assert encrypted != written
        assert one(GATEWAY, encrypted) == one(GATEWAY, written)


@pytest.mark.parametrize("header", ["", "<134>", "<134>Nov 20 12:00:00 relay "])
def test_the_application_firewall_may_write_several_blanks(header: str) -> None:
    wide = header + ACCESS.replace(" +0000 ", " +0000  ").replace(" SERVER ", "   SERVER ")
    assert len(wide) == len(header + ACCESS) + 3
    assert one(GATEWAY, wide) == one(GATEWAY, ACCESS)
    assert recognise([wide]).format is GATEWAY


@pytest.mark.parametrize(
    ("login", "user"), [('"-" Gail Maths', None), ('ann lee "-"', "ann lee"), ("ann1 Gail X Maths", "ann1")]
)
def test_names_with_blanks_need_no_quotes(login: str, user: str | None) -> None:
    line = ACCESS.replace('ann1 "-"', login)
    assert line != ACCESS
    assert one(GATEWAY, line) == one(GATEWAY, ACCESS) | {"user": user}


def test_access_records_without_the_server() -> None:
    """A SIEM template omits the request to the server, and has the client again at the end."""
    start = "2025-11-20 11:00:01.123 +0000  waf1 TR 198.51.100.1 443 10.0.0.1 50001"
    line = f'{start} "ann1" "-" GET TLSv1.2 www.example.com HTTP/1.1 200 1000 100 SERVER DEFAULT PROTECTED VALID'
    found = one(GATEWAY, f"<134>Nov 20 11:00:01 waf1 {line} /a/1?b=c 10.0.0.1 50001 2")
    assert (found["timestamp"], found["user"], found["source_ip"]) == (
        ms("2025-11-20T11:00:01.123Z"),
        "ann1",
        "10.0.0.1",
    )
    assert (found["url"], found["destination_ip"]) == ("https://www.example.com/a/1?b=c", None)
    assert (found["uploaded_bytes"], found["downloaded_bytes"]) == (100, 1000)
    assert [row["total_bytes"] for row in read(GATEWAY, line + " /a 10.0.0.1 50001 2", ACCESS)] == [1100, 1100]


def test_an_export_in_the_form_of_w3c() -> None:
    lines = [
        "#Fields: date time c-ip cs-username cs-host cs-uri-stem",
        "2025-11-20 11:00:00 10.0.0.1 - a.example.com /x",
    ]
    assert rows("BARRACUDA", lines)[1]["destination_host"] == "a.example.com"
    assert by_source("BARRACUDA", "2025-11-20 11:00:00 x")["rejected"] == "no #Fields line before this line"


def test_what_is_no_transaction() -> None:
    lines = [
        ACCESS.replace(" TR ", " WF "),
        PAIRS.replace("cat=TR", "cat=WF"),
        "src=10.1.1.1 actionTaken=DENY logType=WF app=TLSv1.2 request=/apps/",
        "hello",
        "CEF:0|Palo Alto Networks|PAN-OS|10|end|TRAFFIC|1|cat=TRAFFIC src=10.0.0.1 dst=203.0.113.9",
    ]
    assert fates(GATEWAY, lines) == [("not an access record", None)] * 3 + [(None, "not a Barracuda record")] * 2
    assert fates(WEBLOG, [ACCESS]) == [(None, "not a web log record")]


OBJECT = (
    '{"timestamp":1763636401000,"traffic_type":0,"action":0,"source_ip":"10.0.0.1","source_port":"50646",'
    '"destination_ip":"203.0.113.1","destination_port":"443","method":"GET","status_code":"200","user_agent":"a b",'
    '"content_type":"text/html; charset=UTF-8","name":"https://files.example.com/a b","size":59558,'
    '"domain":"files.example.com","category":["79"],"user":"ann","user_type":0,"fw_rule":"LAN-2-INTERNET"}'
)


def test_an_object() -> None:
    """The web log streamed to a collector as JSON."""
    found = one(WEBLOG, OBJECT)
    assert (found["timestamp"], found["source_ip"]) == (1763636401000, "10.0.0.1")
    assert (found["destination_ip"], found["url"]) == ("203.0.113.1", "https://files.example.com/a%20b")
    assert (found["user"], found["downloaded_bytes"], found["action"]) == ("ann", 59558, "allow")
    assert one(WEBLOG, OBJECT.replace('"action":0', '"action":1'))["action"] == "block"
    assert one(WEBLOG, OBJECT.replace('"ann"', '"10.0.0.1"'))["user"] is None
    assert WEBLOG.recognise([OBJECT])[0] == 1
    assert WEBLOG.recognise(['{"srcip": "10.0.0.1", "traffic_type": "CloudApp", "app": "Box"}'])[0] == 0
