"""Logs of vendors that publish no field list."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product

import pytest

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.tolerant import FORMATS
from opencasb.discovery.recognise import format_of, recognise
from tests.discovery.formats.parsed import RECEIVED, row
from tests.discovery.formats.reading import fates, ms, one, read, used

ANY = FORMATS[0]
HEADER = "timestamp,user,source_ip,destination_ip,url,action,bytes_sent,bytes_received"
COLUMNS = "2025-11-20T11:00:01Z,ann,10.0.0.1,203.0.113.1,https://a.example.com/x?b=c,Blocked,100,1000"
SAME = [
    (
        'timestamp=2025-11-20T11:00:01Z user=ann src=10.0.0.1 dst=203.0.113.1 url="https://a.example.com/x?b=c"'
        " action=deny bytes_sent=100 bytes_received=1000"
    ),
    (
        '{"ts": 1763636401, "username": "ann", "clientip": "10.0.0.1", "server_ip": "203.0.113.1", "url":'
        ' "https://a.example.com/x?b=c", "result": "BLOCK", "upload": 100, "download": 1000}'
    ),
    (
        '{ "ts" : 1763636401, "username" : "ann", "clientip" : "10.0.0.1", "server_ip" : "203.0.113.1", "url" :'
        ' "https://a.example.com/x?b=c", "result" : "BLOCK", "upload" : 100, "download" : 1000 }'
    ),
    (
        '{"eventTime":"2025-11-20T11:00:01Z","userName":"ann","sourceIp":"10.0.0.1","destinationIp":"203.0.113.1",'
        '"url":"https://a.example.com/x?b=c","action":"Blocked","bytesSent":100,"bytesReceived":1000}'
    ),
    (
        'timestamp=1763636401 userName=ann clientIp=10.0.0.1 destIp=203.0.113.1 url="https://a.example.com/x?b=c"'
        " action=deny bytesOut=100 bytesIn=1000"
    ),
    (
        "time=2025-11-20 11:00:01,user=ann,src=10.0.0.1,dst=203.0.113.1,url=https://a.example.com/x?b=c,action=deny,"
        "bytes_sent=100,bytes_received=1000"
    ),
    (
        "url=https://a.example.com/x?b=c,time=2025-11-20 11:00:01,user=ann,src=10.0.0.1,dst=203.0.113.1,action=deny,"
        "bytes_sent=100,bytes_received=1000"
    ),
    (
        "2025-11-20 11:00:01|user=ann|src=10.0.0.1|dst=203.0.113.1|url=https://a.example.com/x?b=c|action=deny"
        "|bytes_sent=100|bytes_received=1000"
    ),
    (
        "CEF:0|Vendor|Proxy|1|1|x|3|rt=1763636401000 suser=ann src=10.0.0.1 dst=203.0.113.1"
        " request=https://a.example.com/x?b\\=c act=blocked out=100 in=1000"
    ),
    (
        "LEEF:1.0|Vendor|Proxy|1|1|devTime=1763636401000\tusrName=ann\tsrc=10.0.0.1\tdst=203.0.113.1"
        "\turl=https://a.example.com/x?b=c\taction=blocked\tsrcBytes=100\tdstBytes=1000"
    ),
    (
        "CEF:0|Vendor|Proxy|1|1|x|3|event_time=1763636401000 username=ann x-client-ip=10.0.0.1 server_ip=203.0.113.1"
        " url=https://a.example.com/x?b\\=c disposition=blocked bytes_sent=100 bytes_received=1000"
    ),
    (
        "LEEF:1.0|Vendor|Proxy|1|1|event_time=1763636401000\tusername=ann\tx-client-ip=10.0.0.1\tserver_ip=203.0.113.1"
        "\tcs-uri=https://a.example.com/x?b=c\tdisposition=blocked\tupload=100\tdownload=1000"
    ),
    (
        "CEF:0|Vendor|Proxy|1|1|x|3|date=2025-11-20 time=11:00:01 suser=ann src=10.0.0.1 dst=203.0.113.1"
        " request=https://a.example.com/x?b\\=c act=blocked out=100 in=1000"
    ),
    (
        "LEEF:1.0|Vendor|Proxy|1|1|date=2025-11-20\ttime=11:00:01\tusrName=ann\tsrc=10.0.0.1\tdst=203.0.113.1"
        "\turl=https://a.example.com/x?b=c\taction=blocked\tsrcBytes=100\tdstBytes=1000"
    ),
]


@pytest.mark.parametrize("line", SAME)
@pytest.mark.parametrize("header", ["", "<134>Nov 20 12:00:00 host ", "<134>Nov 20 12:00:00 host app[7]: "])
def test_every_shape_says_the_same(line: str, header: str) -> None:
    (wanted,) = used(ANY, HEADER, COLUMNS)
    assert one(ANY, header + line) == wanted | {"line": 1}


@pytest.mark.parametrize("spelt", [str.upper, str.lower, str.title])
def test_names_in_any_case(spelt: Callable[[str], str]) -> None:
    (wanted,) = used(ANY, HEADER, COLUMNS)
    for line in SAME:
        if line.startswith(("CEF", "LEEF")):
            other = re.sub(
                r"(?<=[|\t ])([a-z-]\w*(?:-\w+)*)(?==)", lambda key: spelt(key[0]), line, flags=re.IGNORECASE
            )
            assert one(ANY, other) == wanted | {"line": 1}
            assert [row["user"] for row in used(ANY, *[line] * 60, other)] == ["ann"] * 61


def test_a_visitor_cannot_hide_names_by_spellings() -> None:
    ways = ["".join(letters) for letters in product(*zip("username", "USERNAME", strict=True))]
    line = "CEF:0|V|P|1|1|x|3|Src=10.0.0.1 Dst=203.0.113.1 uSername=ann"
    hostile = f"{line} {' '.join(f'{way}=boss' for way in ways)}"
    assert [row["user"] for row in used(ANY, line, hostile, line)][::2] == ["ann", "ann"]


def test_a_name_in_its_own_case_comes_first() -> None:
    for line in (
        "CEF:0|V|P|1|1|x|3|src=10.0.0.1 SRC=10.9.9.9 dst=203.0.113.1",
        "LEEF:1.0|V|P|1|1|SRC=10.9.9.9\tsrc=10.0.0.1\tdst=203.0.113.1",
    ):
        assert one(ANY, line)["source_ip"] == "10.0.0.1"
    url = "https://a.example.com/?User=boss&SRC=1"
    line = f"LEEF:1.0|V|P|1|1|SRC=10.0.0.1\turl={url}"
    assert (one(ANY, line)["url"], one(ANY, line)["user"]) == (url, None)


def test_a_whole_transaction() -> None:
    (row,) = used(ANY, HEADER, COLUMNS)
    assert (row["timestamp"], row["user"], row["source_ip"]) == (ms("2025-11-20T11:00:01Z"), "ann", "10.0.0.1")
    assert (row["destination_host"], row["url"]) == ("a.example.com", "https://a.example.com/x?b=c")
    assert (row["destination_ip"], row["action"], row["total_bytes"]) == ("203.0.113.1", "block", 1100)


@pytest.mark.parametrize("year", ["25", "2025"])
@pytest.mark.parametrize("header", ["", "<134>Nov 20 12:00:09 iboss "])
def test_pairs_of_iboss(header: str, year: str) -> None:
    """Its appliances write the month first, and other content before the pairs."""
    line = (
        f"{header}11/05/{year} 11:59:42 PM,URL_LOG_ENTRY,URL_LOG_ID=77,IBOSS=node-1,USER=ann,COMP_NAME=PC-1,"
        "SRC_IPADDR=10.0.0.1,ACTION=Blocked,URL=https://files.example.com/a?b=c,CATEGORIES_NAMES=File Share;IT,"
        "USER_AGENT=Agent (x, y),BYTES=2000"
    )
    assert row("IBOSS", line) == {
        "timestamp": ms("2025-11-05T23:59:42Z"), "user": "ann", "source_ip": "10.0.0.1", "source_device": "PC-1",
        "destination_host": "files.example.com", "url": "https://files.example.com/a?b=c", "action": "block",
        "total_bytes": 2000, "transactions": 1,
    }  # fmt: skip
    assert recognise([line]).source == "IBOSS"


def test_iboss() -> None:
    """A record of its cloud, which omits most fields; the date is in ``logTime``."""
    line = (
        '<46>Nov 20 11:00:02 gw.example.com {"totalByteUsage":"1100","sourcePort":"4890","privateIp":"10.0.0.1",'
        '"sAction":"Soft-blocked","sourceIpAddress":"10.0.0.1","host":"a.example.com","action":"Soft-blocked",'
        '"uriPath":"\\/x","ipAddress":"203.0.113.1","ibossIpAddress":"10.9.9.9","lastname":"-","logType":"WEB_LOG",'
        '"scheme":"https","requestMethod":"GET","computerName":"pc-1","upstreamByteUsage":"100","publicIp":"198.51.100.9",'
        '"proxyTransactionStartTime":"-","url":"https:\\/\\/a.example.com\\/x?b=c","logTime":"2025-11-20","uriQuery":"b=c",'
        '"downstreamByteUsage":"1000","time":"11:00:01","username":"ann"}'
    )
    (wanted,) = used(ANY, HEADER, COLUMNS)
    assert one(ANY, line) == wanted | {"line": 1, "source_device": "pc-1", "destination_ip": None}
    assert recognise([line]).source == "IBOSS"
    exact = line.replace('StartTime":"-"', 'StartTime":"1763636401.321"')
    assert one(ANY, exact)["timestamp"] == wanted["timestamp"] + 321


def test_a_header_row_may_join_words() -> None:
    (row,) = used(ANY, "eventTime,userName,sourceIp,destinationIp,url,action,bytesSent,bytesReceived", COLUMNS)
    assert row == used(ANY, HEADER, COLUMNS)[0]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_columns_may_have_other_separators(separator: str) -> None:
    (row,) = used(ANY, HEADER.replace(",", separator), COLUMNS.replace(",", separator))
    assert row == used(ANY, HEADER, COLUMNS)[0]


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_the_header_row_above_holds(batches: int) -> None:
    rows = read(ANY, HEADER, COLUMNS, "src,host", "10.0.0.9,b.example.com", SAME[0], COLUMNS, batches=batches)
    hosts = [row["destination_host"] for row in rows]
    assert hosts[:5] == [None, "a.example.com", None, "b.example.com", "a.example.com"]


@pytest.mark.parametrize(
    ("line", "host", "url", "address"),
    [
        ("src=10.0.0.1 dst=b.example.com x=y", "b.example.com", None, None),
        ("src=10.0.0.1 dst=203.0.113.1 host=c.example.com", "c.example.com", None, "203.0.113.1"),
        ("src=10.0.0.1 host=c.example.com url=/p protocol=https", "c.example.com", "https://c.example.com/p", None),
        ("src=10.0.0.1 url=d.example.com/p app=HTTPS", "d.example.com", "https://d.example.com/p", None),
        ("src=10.0.0.1 url=http://203.0.113.5/p method=GET", None, "http://203.0.113.5/p", "203.0.113.5"),
    ],
)
def test_the_target(line: str, host: str | None, url: str | None, address: str | None) -> None:
    row = one(ANY, line)
    assert (row["destination_host"], row["url"], row["destination_ip"]) == (host, url, address)


@pytest.mark.parametrize(
    ("line", "when"),
    [
        ("date=2025-11-20 time=11:00:01 src=10.0.0.1 dst=203.0.113.1", "2025-11-20T11:00:01+01:00"),
        ("2025-11-20 11:00:01 src=10.0.0.1 dst=203.0.113.1", "2025-11-20T11:00:01+01:00"),
        ("<134>Nov 20 11:00:01 host src=10.0.0.1 dst=203.0.113.1", "2025-11-20T11:00:01+01:00"),
        ('{"@timestamp":"2025-11-20T11:00:01.000Z","src":"10.0.0.1","dst":"203.0.113.1"}', "2025-11-20T11:00:01Z"),
    ],
)
def test_the_time(line: str, when: str) -> None:
    assert one(ANY, line, ParseContext(RECEIVED, timezone="Europe/Berlin"))["timestamp"] == ms(when)


def test_what_is_no_transaction() -> None:
    assert fates(ANY, ["event=login user=ann", '{"user": "ann"}', "hello, world", COLUMNS]) == [
        ("no traffic record", None),
        ("no traffic record", None),
        (None, "in no shape that is read"),
        (None, "in no shape that is read"),
    ]


def test_a_record_with_the_id_of_its_updates_is_one_of_many_shapes() -> None:
    """Check Point writes such records in LEEF; here each counts."""
    line = (
        "LEEF:2.0|Check Point|VPN-1 & FireWall-1|1.0|Accept|loguid={0x5e812cd4,0x1,0x6401a8c0,0x108620ab}\tsrc=10.0.0.1"
    )
    found = used(ANY, f"{line}\tdst=203.0.113.1", SAME[0])
    assert [(each["source_ip"], each["destination_ip"]) for each in found] == [("10.0.0.1", "203.0.113.1")] * 2


@pytest.mark.parametrize(
    ("name", "told", "action"),
    [
        ("Web request", "cat=Blocked", "block"),
        ("Web request", "status=Denied", "block"),
        ("Request blocked", "cat=Business status=200", "block"),
        ("Web request", "cat=Business status=200", "allow"),
        ("Request blocked", "result=Allowed", "allow"),
    ],
)
def test_what_may_be_an_action_in_cef(name: str, told: str, action: str) -> None:
    line = f"CEF:0|Vendor|Proxy|1|1|{name}|3|rt=1763636401000 src=10.0.0.1 dst=203.0.113.1 {told}"
    assert one(ANY, line)["action"] == action


def test_the_sources() -> None:
    for source in ("CONTENTKEEPER_SYSLOG", "CORRATA", "IBOSS", "OPEN_SYSTEMS_SECURE_WEB_GATEWAY", "WANDERA_SYSLOG"):
        known = format_of(source)
        assert known.sources == (source,)
        assert known.recognise([*SAME, HEADER, COLUMNS])[0] == 0  # they cannot be distinguished
