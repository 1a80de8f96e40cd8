"""Zscaler feeds."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.zscaler import FORMATS
from opencasb.discovery.recognise import recognise
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.formats.reading import fates, ms, one, read, used

ZSCALER, CEF, QRADAR = FORMATS

PAIRS = {
    "reason": "Allowed",
    "event_id": "77001",
    "protocol": "HTTPS",
    "action": "Allowed",
    "transactionsize": "1500",
    "responsesize": "1100",
    "requestsize": "400",
    "urlcategory": "File Share",
    "serverip": "203.0.113.20",
    "requestmethod": "GET",
    "useragent": "Agent x=1 y=2",
    "product": "NSS",
    "ClientIP": "10.60.0.7",
    "status": "200",
    "user": "dora@corp.example",
    "url": "files.example.com/a?b=1",
    "vendor": "Zscaler",
    "hostname": "Files.Example.com",
    "clientpublicIP": "198.51.100.20",
    "appname": "Files",
    "deviceowner": "dora",
    "devicehostname": "LAP-0007",
}
EXPECTED = {
    "line": 1,
    "ignored": None,
    "rejected": None,
    "timestamp": ms("2024-02-03T04:05:06Z"),
    "user": "dora@corp.example",
    "source_ip": "10.60.0.7",
    "source_device": "LAP-0007",
    "destination_host": "files.example.com",
    "url": "https://files.example.com/a?b=1",
    "destination_ip": "203.0.113.20",
    "action": "allow",
    "uploaded_bytes": 400,
    "downloaded_bytes": 1100,
    "total_bytes": 1500,
    "transactions": 1,
}


UNKNOWN = "0.0.0.0"  # noqa: S104 - no address is bound


def tabbed(*, time: str = "2024-02-03 04:05:06", quote: str = "", drop: str = "", **more: str) -> str:
    """Write the tab-separated form with changed keys, and without some (separated by blanks)."""
    pairs = {key: value for key, value in (PAIRS | more).items() if key not in drop.split()}
    return "\t".join(([time] if time else []) + [f"{key}={quote}{value}{quote}" for key, value in pairs.items()])


def quoted(*optional: str, **more: str) -> str:
    """Write the CSV form, with the named columns of later releases."""
    cells = {
        "time": "Sat Feb 03 04:05:06 2024", "login": "dora@corp.example", "proto": "HTTPS",
        "url": "files.example.com/a?b=1", "action": "Allowed", "appname": "Files", "app_status": "Sanctioned",
        "appclass": "File Share", "reqsize": "400", "respsize": "1100", "stime": "12", "ctime": "34",
        "urlclass": "Business Use", "urlsupercat": "IT", "urlcat": "File Share", "malwarecat": "None",
        "threatname": "None", "riskscore": "0", "threatseverity": "None", "dlpeng": "None", "dlpdict": "None",
        "location": "HQ, 2nd floor", "dept": "Sales", "cip": "10.60.0.7", "sip": "203.0.113.20", "method": "GET",
        "respcode": "200", "ua": "Agent, x", "ref": "None", "ruletype": "None", "rulelabel": "None",
        "contenttype": "text/html", "unscannabletype": "None", "deviceowner": "dora", "devicehostname": "LAP-0007",
        "keyprotectiontype": "N/A",
    } | more  # fmt: skip
    left = {"app_status", "stime", "ctime", "threatseverity"} - set(optional)
    return ",".join(f'"{value}"' for name, value in cells.items() if name not in left)


def cef(**more: str) -> str:
    pairs = {
        "act": "Allowed", "app": "HTTPS", "cat": "File Share", "dhost": "files.example.com", "dst": "203.0.113.20",
        "src": "10.60.0.7", "in": "1100", "outcome": "200", "out": "400", "request": r"files.example.com/a?b\=1",
        "rt": "Feb 03 2024 04:05:06", "sourceTranslatedAddress": "198.51.100.20", "requestMethod": "GET",
        "suser": "dora@corp.example", "spriv": "HQ 2", "deviceowner": "dora", "devicehostname": "LAP-0007",
    } | more  # fmt: skip
    return "CEF:0|Zscaler|NSSWeblog|5.7|Allowed|Allowed|3|" + " ".join(f"{key}={value}" for key, value in pairs.items())


def leef(separator: str = "\t", **more: str) -> str:
    pairs = {
        "cat": "Allowed", "devTime": "Sat Feb 03 2024 04:05:06 GMT", "devTimeFormat": "EEE MMM dd yyyy HH:mm:ss zzz",
        "src": "10.60.0.7", "dst": "203.0.113.20", "srcPostNAT": "198.51.100.20", "realm": "HQ 2",
        "usrName": "dora@corp.example", "srcBytes": "400", "dstBytes": "1100", "role": "Sales", "policy": "Allowed",
        "url": "files.example.com/a?b", "hostname": "files.example.com", "appproto": "HTTPS", "deviceowner": "dora",
        "devicehostname": "LAP-0007",
    } | more  # fmt: skip
    pairs_text = separator.join(f"{key}={value}" for key, value in pairs.items())
    return f"LEEF:1.0|Zscaler|NSS|4.1|Allowed|{pairs_text}"


def coded(text: str) -> str:
    """Return the text in base64."""
    return base64.b64encode(text.encode()).decode()


def nested(*, feed: str = "web", drop: str = "", **more: str) -> str:
    """Write the JSON form with changed keys, and without some (separated by blanks)."""
    pairs = {"datetime": "2024-02-03 04:05:06"} | PAIRS | more
    event = {key: value for key, value in pairs.items() if key not in drop.split()}
    return json.dumps({"sourcetype": f"zscalernss-{feed}", "event": event})


BARE = {
    "time": "Sat Feb 03 04:05:06 2024", "login": "dora@corp.example", "proto": "HTTPS", "action": "Allowed",
    "eurl": "files.example.com/a?b=1", "ehost": "files.example.com", "reqsize": 400, "respsize": 1100,
    "totalsize": 1500, "cip": "10.60.0.7", "sip": "203.0.113.20", "reqmethod": "GET", "deviceowner": "dora",
    "devicehostname": "LAP-0007",
}  # fmt: skip
"""A JSON event with the feed's own names."""


@pytest.mark.parametrize(
    "line",
    [
        nested(),
        nested().replace(": ", ":").replace("{", "{ "),
        "<134>Feb  3 05:00:00 nss NSS " + nested(),
        json.dumps({"version": "v1", "sourcetype": "zscalernss-web", "event": BARE}),
        tabbed(),
        "<134>" + tabbed(),
        "<134>Feb  3 05:00:00 nss " + tabbed(),
        '<134>1 2024-02-03T05:00:00Z nss - - - [meta sequenceId="1"] ' + tabbed(),
        tabbed().replace("\t", "#011"),
        tabbed() + "\r",
        tabbed(quote='"'),
        tabbed(time='datetime="Sat Feb 03 04:05:06 2024"', quote='"'),
        tabbed(time="", epochtime="1706933106"),
        tabbed(time="2024-02-0304:05:06"),
        "<134>Feb  3 05:00:00 nss " + tabbed(time="2024-02-0304:05:06"),
        tabbed(time="Sat Feb  3 04:05:06 2024"),
        tabbed().replace("\t", " ").replace("Agent x=1 y=2", "Agent (x; y)"),
        "<134>Feb  3 05:00:00 nss " + tabbed(url='"files.example.com/a?b=1"').replace("\t", " "),
        tabbed(time='datetime="Sat Feb 03 04:05:06 2024"', quote='"').replace("\t", " "),
        tabbed(quote='"', product="Zscaler").replace("action=", "actual_action=").replace("ClientIP=", "clientip="),
        tabbed().replace("ClientIP=", "clientIP=").replace("publicIP", "publicip"),
        "<134>Feb  3 04:05:06 2024 nss " + tabbed(time=""),
        quoted(),
        quoted("app_status"),
        quoted("app_status", "threatseverity"),
        quoted("stime", "ctime"),
        quoted("app_status", "stime", "ctime", "threatseverity"),
        "<134>Feb  3 05:00:00 nss " + quoted(),
        '<134>1 2024-02-03T05:00:00Z nss - - - [meta sequenceId="1"] ' + quoted(),
        quoted().replace('"Agent, x"', '"Agent ""x"", y"'),
        quoted().replace('"Sales"', "Sales"),
        cef(),
        "<134>Feb  3 05:00:00 nss " + cef(),
        leef().replace("a?b", "a?b=1"),
        "<13>Feb  3 05:00:00 nss " + leef().replace("a?b", "a?b=1"),
    ],
)
def test_the_shapes_of_the_feed_say_the_same(line: str) -> None:
    assert one(ZSCALER, line) == EXPECTED


@pytest.mark.parametrize(
    "line",
    [
        tabbed(),
        tabbed(quote='"'),
        tabbed(quote='"', product="Zscaler"),
        tabbed().replace("\t", " "),
        tabbed(quote='"').replace("\t", " "),
    ],
)
def test_tabs_are_recognised_with_and_without_quotes(line: str) -> None:
    assert ZSCALER.recognise([line])[0] == 1


def test_leef_that_lost_its_tabs() -> None:
    assert one(QRADAR, leef(" ")) == EXPECTED | {"url": "https://files.example.com/a?b"}


def test_local_time_is_that_of_the_data_source() -> None:
    berlin = ParseContext(RECEIVED, timezone="Europe/Berlin")
    assert one(ZSCALER, tabbed(), berlin)["timestamp"] == ms("2024-02-03T04:05:06+01:00")
    assert one(ZSCALER, tabbed(time="x"), berlin)["timestamp"] is None


@pytest.mark.parametrize("write", [tabbed, nested])
def test_the_feed_may_name_its_zone(write: Callable[..., str]) -> None:
    """It then has precedence over the data source's."""
    tokyo = ParseContext(RECEIVED, timezone="Asia/Tokyo")
    for zone, offset in (("GMT", "Z"), ("UTC", "Z"), ("Europe/Berlin", "+01:00"), ("None", "+09:00")):
        assert one(ZSCALER, write(tz=zone), tokyo)["timestamp"] == ms(f"2024-02-03T04:05:06{offset}")
    epoch = nested(tz="EST", epochtime="1706933106")
    assert one(ZSCALER, epoch, tokyo)["timestamp"] == EXPECTED["timestamp"]


@pytest.mark.parametrize("line", [tabbed(), quoted(), cef(), leef(), nested()])
def test_an_action_with_block_in_it_blocks(line: str) -> None:
    assert one(ZSCALER, line)["action"] == "allow"
    for word, verdict in (("Blocked", "block"), ("Block", "block"), ("Cautioned", "allow"), ("Isolated", "allow")):
        assert one(ZSCALER, line.replace("Allowed", word))["action"] == verdict


@pytest.mark.parametrize(
    "protocol", ["HTTP", "HTTPS", "HTTP_PROXY", "FTPOVERHTTP", "TUNNEL_SSL", "WEBSOCKET", "DNSOVERHTTPS"]
)
def test_the_columns_are_recognised_by_the_protocol(protocol: str) -> None:
    """In the same place, Forcepoint's cloud has the user, whose name may be in capitals."""
    assert recognise([quoted(proto=protocol)]).source == "ZSCALER"
    other = (
        '"20/11/2025","11:00:01","ANN","PC1","Games","Blocked","Games","Staff","https://games.example.com/",'
        '"198.51.100.7","203.0.113.1","10.0.0.1","None","None","Agent","403","Get"'
    )
    assert recognise([other]).source == "FORCEPOINT"


@pytest.mark.parametrize(
    "line",
    [tabbed(status="407"), quoted(respcode="407"), cef(outcome="407"), leef(respcode="407"), nested(status="407")],
)
def test_a_client_that_is_asked_to_sign_in(line: str) -> None:
    assert fates(ZSCALER, [line]) == [("authentication challenge", None)]
    assert one(ZSCALER, line.replace("407", "403"))["action"] == "allow"


@pytest.mark.parametrize(
    ("more", "host", "url"),
    [
        ({"protocol": "HTTP"}, "files.example.com", "http://files.example.com/a?b=1"),
        ({"protocol": "FTP"}, "files.example.com", "ftp://files.example.com/a?b=1"),
        ({"protocol": "WEBSOCKET_SSL"}, "files.example.com", "https://files.example.com/a?b=1"),
        ({"url": "http://other.example.com/x"}, "files.example.com", "http://other.example.com/x"),
        ({"hostname": "None"}, "files.example.com", "https://files.example.com/a?b=1"),
        ({"hostname": "NA", "url": "None"}, None, None),
        ({"requestmethod": "CONNECT", "url": "files.example.com:443"}, "files.example.com", None),
        ({"requestmethod": "CONNECT", "url": "t.example.com:443", "hostname": "NA"}, "t.example.com", None),
        ({"protocol": "SSL"}, "files.example.com", None),
        ({"protocol": "TUNNEL"}, "files.example.com", None),
        ({"hostname": "203.0.113.99"}, None, "https://files.example.com/a?b=1"),
    ],
)
def test_host_and_url(more: dict[str, str], host: str | None, url: str | None) -> None:
    row = one(ZSCALER, tabbed(**more))
    assert (row["destination_host"], row["url"]) == (host, url)


@pytest.mark.parametrize("nothing", ["NA", "None", "N/A", ""])
def test_words_for_nothing(nothing: str) -> None:
    row = one(ZSCALER, tabbed(user=nothing, devicehostname=nothing, serverip=nothing))
    assert (row["user"], row["source_device"], row["destination_ip"]) == (None, "dora", None)
    assert one(ZSCALER, tabbed(devicehostname=nothing, deviceowner=nothing))["source_device"] is None


@pytest.mark.parametrize(
    ("source", "translated", "expected"),
    [
        ("10.60.0.7", "198.51.100.20", "10.60.0.7"),
        ("198.51.100.20", "10.60.0.7", "10.60.0.7"),
        ("198.51.100.20", "NA", "198.51.100.20"),
        ("NA", "198.51.100.20", "198.51.100.20"),
        ("198.51.100.20", "fd00::7", "fd00::7"),
    ],
)
def test_the_private_address_is_the_client(source: str, translated: str, expected: str) -> None:
    assert one(CEF, cef(src=source, sourceTranslatedAddress=translated))["source_ip"] == expected
    assert one(QRADAR, leef(src=source, srcPostNAT=translated))["source_ip"] == expected


def test_the_csv_may_have_no_server() -> None:
    row = one(ZSCALER, quoted("stime", "ctime", sip="NA"))
    assert (row["source_ip"], row["destination_ip"], row["source_device"]) == ("10.60.0.7", None, "LAP-0007")


def test_firewall_records_count_sessions() -> None:
    firewall = "CEF:0|Zscaler|NSSFWlog|5.7|Allow|x|3|act=Allow src=10.60.0.7 dst=203.0.113.20 out=10 in=20 "
    row = one(CEF, firewall + "aggregate=Yes numsessions=6")
    assert (row["destination_ip"], row["total_bytes"], row["transactions"]) == ("203.0.113.20", 30, 6)
    labelled = "suid=ann cs4={} cs4Label=aggregated cn2=6 cn2Label=numsessions"
    assert one(CEF, firewall + labelled.format("Yes"))["transactions"] == 6
    assert one(CEF, firewall + labelled.format("No"))["transactions"] == 1
    assert one(CEF, firewall + labelled.format("No"))["user"] == "ann"
    assert one(CEF, firewall + "aggregate=No numsessions=6")["transactions"] == 1
    dropped = one(ZSCALER, "a=b\tcsip=10.60.0.7\tcdip=203.0.113.20\taction=Block/Drop\toutbytes=10\tinbytes=0")
    bare = one(ZSCALER, nested(feed="fw", drop="hostname url product", serverip="203.0.113.21"))
    assert (bare["destination_ip"], bare["destination_host"]) == ("203.0.113.21", None)
    assert (dropped["action"], dropped["uploaded_bytes"], dropped["downloaded_bytes"]) == ("block", 10, 0)


@pytest.mark.parametrize("line", [f"[{nested()}]", f"[{nested()},", f",{nested()}", f"{nested()},"])
def test_an_element_of_an_array(line: str) -> None:
    """The cloud's feed may write arrays; several records on one line are not split."""
    assert one(ZSCALER, line) == one(ZSCALER, nested())
    assert fates(ZSCALER, [f"[{nested()},{nested()}]"]) == [(None, "not a Zscaler record")]


def test_firewall_records_in_leef() -> None:
    line = "LEEF:1.0|Zscaler|NSS-FW|6.0|Drop|src=10.60.0.7\tdst=203.0.113.20\taction=Drop\tsrcBytes=10\tdstBytes=20"
    row = one(QRADAR, line)
    assert (row["destination_ip"], row["action"], row["total_bytes"]) == ("203.0.113.20", "block", 30)


@pytest.mark.parametrize("mark", ["^^", "\t^^", " ^^"])
@pytest.mark.parametrize("header", ["", "<134>Feb  3 04:05:07 nss ", "nss "])
def test_pairs_between_carets(header: str, mark: str) -> None:
    """The template for RSA gives the zone of its times."""
    pairs = {"time": "Sat Feb 03 05:04:06 2024", "timezone": "CET", **PAIRS}
    line = f"{header}ZSCALERNSS: " + mark.join(f"{key}={value}" for key, value in pairs.items() if key != "vendor")
    assert one(ZSCALER, line) == {**EXPECTED, "timestamp": ms("2024-02-03T04:04:06Z")}
    assert recognise([line]).format is ZSCALER


def test_names_of_a_custom_feed() -> None:
    """SIEM feeds rename fields, and write some in base64 or with ``%``-escapes."""
    web = {
        "epochtime": "1706933106", "time": "Sat Feb 03 05:04:06 2024", "tz": "CET",
        "b64login": coded("dora@corp.example"), "cltip": "198.51.100.20", "cltintip": "10.60.0.7",
        "cltpubip": "198.51.100.20", "serverip": "203.0.113.20", "b64host": coded("files.example.com"),
        "b64url": coded("files.example.com/a?b=1"), "proto": "HTTPS", "action": "Allowed", "reqsize": "400",
        "respsize": "1100", "reqmethod": "GET", "devicehostname": "LAP-0007",
    }  # fmt: skip
    assert one(ZSCALER, json.dumps({"version": "v9", "sourcetype": "zscalernss-web", "event": web})) == EXPECTED
    assert one(ZSCALER, "\t".join(f"{key}={value}" for key, value in web.items())) == EXPECTED
    assert one(ZSCALER, nested(user="dora%40corp.example", b64url=coded("other.example.com/"))) == EXPECTED
    assert one(ZSCALER, nested(drop="url hostname", b64url="$$$", serverip="203.0.113.9"))["destination_host"] is None


def test_pairs_and_objects_by_the_own_names_of_fields() -> None:
    """For an object without a vendor, and for quoted pairs, the kind of URL identifies the feed."""
    event = {**BARE, "urlsupercat": "IT"}
    bare = json.dumps({"ologin" if name == "login" else name: value for name, value in event.items()})
    sizes = bare.replace("reqsize", "reqdatasize").replace("respsize", "respdatasize")
    pairs = ",".join(f'"{name}={value}"' for name, value in event.items())
    for line in (bare, sizes, pairs, f"<134>Feb  3 05:00:00 nss {pairs}"):
        assert one(ZSCALER, line) == EXPECTED
        assert ZSCALER.recognise([line.removeprefix("<134>Feb  3 05:00:00 nss ")])[0] == 1


def test_firewall_records_with_long_names_or_months_as_numbers() -> None:
    long = (
        "Sat Feb  3 04:05:06 2024{0}vendor=Zscaler{0}product=NSS{0}client_src_ip=10.60.0.7{0}client_dst_ip=203.0.113.20"
        "{0}server_src_ip=198.51.100.20{0}server_dst_ip=203.0.113.20{0}action=Allow{0}inbytes=20{0}outbytes=10"
    )
    numbers = "CEF:0|Zscaler|NSSFWLog|5.7|Allow|x|3|rt=02 03 2024 04:05:06 src=10.60.0.7 dst=203.0.113.20 in=20 out=10"
    for row in (one(ZSCALER, long.format("\t")), one(ZSCALER, long.format(" ")), one(CEF, numbers)):
        assert (row["timestamp"], row["source_ip"]) == (ms("2024-02-03T04:05:06Z"), "10.60.0.7")
        assert (row["destination_ip"], row["uploaded_bytes"], row["downloaded_bytes"]) == ("203.0.113.20", 10, 20)


def test_a_firewall_record_names_its_host() -> None:
    """The client's address may be unknown (``0.0.0.0``) and that of its tunnel known."""
    firewall = {
        "datetime": "Sat Feb 03 04:05:06 2024", "cltdomain": "files.example.com", "cdip": "203.0.113.20",
        "csip": UNKNOWN, "tsip": "198.51.100.20", "outbytes": 400, "inbytes": 1100, "aggregate": "Yes",
        "numsessions": 5, "action": "Allow",
    }  # fmt: skip
    row = one(ZSCALER, json.dumps({"sourcetype": "zscalernss-fw", "event": firewall}))
    assert (row["destination_host"], row["destination_ip"]) == ("files.example.com", "203.0.113.20")
    assert (row["source_ip"], row["transactions"], row["url"]) == ("198.51.100.20", 5, None)
    inside = json.dumps({"sourcetype": "zscalernss-fw", "event": firewall | {"csip": "10.60.0.7"}})
    assert one(ZSCALER, inside)["source_ip"] == "10.60.0.7"
    nowhere = json.dumps({"sourcetype": "zscalernss-fw", "event": firewall | {"tsip": UNKNOWN}})
    assert one(ZSCALER, nowhere)["source_ip"] == UNKNOWN


def test_what_is_no_transaction() -> None:
    lines = [
        "<134>Feb  3 04:05:06 [10.0.0.9] ZscalerNSS: The NSS free memory has decreased",
        "CEF:0|Zscaler|NSSDNSlog|5.7|Allow|x|3|act=Allow src=10.60.0.7 dhost=files.example.com",
        "CEF:0|Zscaler|NSSFWlog|5.7|Allow|x|3|act=Allow src=10.60.0.7 dst=203.0.113.20",
        "LEEF:1.0|Zscaler|NSSAudit|4.1|x|src=10.60.0.7\turl=a.example/x",
        nested(feed="dns"),
        nested(feed="fw", drop="hostname url requestsize responsesize"),
        "time=1\tRecordtype=Tunnel\tcip=10.60.0.7",
        tabbed(drop="ClientIP clientpublicIP"),
        tabbed(hostname="NA", url="NA", serverip="NA"),
        "some text",
        '"a","b"',
        "CEF:0|Other|NSS|1|x|x|3|src=10.60.0.7",
    ]
    assert fates(ZSCALER, lines) == [
        ("NSS health message", None),
        *[("not a web or firewall record", None)] * 6,
        (None, "no source address"),
        (None, "no destination"),
        (None, "not a Zscaler record"),
        (None, "no source address"),
        (None, "not a Zscaler record"),
    ]


def test_pairs_of_other_feeds_of_the_same_server() -> None:
    """The firewall's template names neither vendor nor product; DNS records beside it are not traffic."""
    firewall = (
        "datetime=Sat Feb  3 04:05:06 2024\tuser=dora\tcdport=443\tcsip=10.60.0.7\tcdip=203.0.113.20\taction=Drop"
        "\taggregate=No\tinbytes=141\toutbytes=87\tnumsessions=1"
    )
    dns = "datetime=Sat Feb  3 04:05:06 2024\tuser=dora\tdns_reqtype=A\tdns_req=files.example.com\tclt_sip=10.60.0.7"
    assert [known.recognise([firewall])[0] for known in FORMATS] == [1, 0, 0]
    found = read(ZSCALER, firewall, dns, dns + "\tvendor=Zscaler\tproduct=dns")
    assert (found[0]["action"], found[0]["uploaded_bytes"], found[0]["rejected"]) == ("block", 87, None)
    assert {row["ignored"] for row in found[1:]} == {"not a web or firewall record"}


SENTINEL = {
    "sourcetype": "zscalernss-web", "TimeGenerated": "2024-02-03 04:05:06", "act": "Allowed", "reason": "Allowed",
    "app": "HTTPS", "dhost": "files.example.com", "dst": "203.0.113.20", "src": "10.60.0.7",
    "sourceTranslatedAddress": "198.51.100.7", "in": "1100", "out": "400", "request": "files.example.com/a?b=1",
    "requestMethod": "GET", "suser": "dora@corp.example", "fileType": "GZIP ", "cs1": "Sales", "cs1Label": "dept",
    "DeviceVendor": "Zscaler", "DeviceProduct": "NSSWeblog", "deviceowner": "dora", "devicehostname": "LAP-0007",
}  # fmt: skip


def test_objects_with_the_keys_of_cef() -> None:
    """In the template for Microsoft Sentinel, DNS records have the names of the firewall's, except for the product."""
    firewall = {
        "sourcetype": "zscaler-nss-fw", "TimeGenerated": "2024-02-03 04:05:06", "act": "Drop", "suser": "dora",
        "src": "10.60.0.7", "dst": "203.0.113.20", "sourceTranslatedAddress": "198.51.100.7", "inbytes": "141",
        "out": "87", "cs4": "Yes", "cs4Label": "aggregated", "cn2": "3", "cn2Label": "numsessions",
        "DeviceVendor": "Zscaler", "DeviceProduct": "NSSFWlog",
    }  # fmt: skip
    lines = [json.dumps(record) for record in (SENTINEL, firewall, firewall | {"DeviceProduct": "NSSDNSlog"})]
    web, blocked, dns = read(ZSCALER, f"[{lines[0]},", lines[1], f"{lines[2]}]")
    assert web == EXPECTED
    assert (blocked["action"], blocked["transactions"], blocked["uploaded_bytes"], blocked["downloaded_bytes"]) == (
        "block", 3, 87, 141,
    )  # fmt: skip
    assert dns["ignored"] == "not a web or firewall record"
    assert ZSCALER.recognise(lines)[0] == 1


def test_objects_of_the_cloud_to_cloud_feed() -> None:
    """The template for cloud-to-cloud delivery has another vendor and product, and a comma in its time."""
    ours = {name: value for name, value in SENTINEL.items() if not name.startswith("Device")}
    web = ours | {"sourcetype": "zscalernss", "vendor": "Zscaler", "product": "NSSWeblog", "rt": "Feb"}
    web |= {"TimeGenerated": "2024-02-03,04:05:06", "in_bytes": "1100", "cpubip": "198.51.100.8"}
    dns = web | {"product": "NSSDNSlog"}
    found, other = read(ZSCALER, json.dumps(web, separators=(",", ":")), json.dumps(dns))
    assert found == EXPECTED
    assert other["ignored"] == "not a web or firewall record"
    assert ZSCALER.recognise([json.dumps(web)])[0] == 1


def test_an_object_behind_a_key() -> None:
    """A syslog template puts one there."""
    line = f"<134>1 2024-02-03T04:05:06Z zscaler-nss NSS - - - event={nested()}"
    assert one(ZSCALER, line) == EXPECTED
    assert ZSCALER.recognise([line])[0] == 1


def test_one_file_may_mix_shapes_and_templates() -> None:
    lines = [tabbed(), quoted(), tabbed(drop="reason event_id"), cef(), "text", tabbed(extra="1"), quoted("app_status")]
    rows = used(ZSCALER, *lines)
    assert [row | {"line": 1} for row in rows] == [EXPECTED] * 6


def test_recognition() -> None:
    assert ZSCALER.recognise([tabbed(), quoted(), nested(), nested(drop="sourcetype")])[0] == 1.0
    assert (CEF.recognise([cef()])[0], QRADAR.recognise([leef()])[0]) == (1.0, 1.0)
    assert [known.recognise(["a,b", '"x","y"', "CEF:0|Other|a|b|c"])[0] for known in FORMATS] == [0.0] * 3


SAFE = st.text(
    st.characters(
        min_codepoint=33, exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"), exclude_characters='"\\=|' + "\ue000"
    ),
    min_size=10,
    max_size=20,
)
RECORD = st.fixed_dictionaries(
    {
        "user": SAFE,
        "source_ip": st.ip_addresses(v=4).map(str),
        "uploaded_bytes": st.integers(0, 10**12),
        "downloaded_bytes": st.integers(0, 10**12),
    }
)


@settings(max_examples=20)
@given(st.lists(RECORD, min_size=1, max_size=8))
def test_what_was_written_is_read(records: list[dict[str, Any]]) -> None:
    lines = []
    for record in records:
        user, source = record["user"], record["source_ip"]
        sent, received = str(record["uploaded_bytes"]), str(record["downloaded_bytes"])
        lines.append(tabbed(user=user, ClientIP=source, clientpublicIP="", requestsize=sent, responsesize=received))
        lines.append(quoted(login=user, cip=source, reqsize=sent, respsize=received))
        lines.append(cef(suser=user, src=source, sourceTranslatedAddress="NA", out=sent, **{"in": received}))
    rows = [{name: row[name] for name in records[0]} for row in used(ZSCALER, *lines)]
    assert rows == [record for record in records for _ in range(3)]
