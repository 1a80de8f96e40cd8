"""PAN-OS records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.palo_alto import FORMATS
from opencasb.discovery.recognise import recognise
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.formats.reading import fates, ms, one, read, used

(PALO_ALTO,) = FORMATS

PLACES = {
    "receive": 1, "type": 3, "subtype": 4, "time": 6, "src": 7, "dst": 8, "rule": 11, "user": 12, "app": 14,
    "session": 22, "count": 23, "sport": 24, "dport": 25, "action": 30, "tail": 31, "sent": 32, "received": 33,
}  # fmt: skip
COMMON = {
    0: "1", 1: "2024/02/03 04:05:07", 2: "007051000099999", 5: "2561", 6: "2024/02/03 04:05:06", 7: "10.40.1.2",
    8: "203.0.113.44", 9: "198.51.100.3", 10: "203.0.113.44", 11: "Staff out", 12: "corp\\beatrix", 15: "vsys1",
    16: "lan", 17: "wan", 18: "ae1", 19: "ae2", 20: "fwd", 21: "2024/02/03 04:05:07", 22: "880011", 23: "1",
    24: "50123", 25: "443", 26: "31000", 27: "443", 28: "0x19", 29: "tcp",
}  # fmt: skip
TRAFFIC = COMMON | {
    3: "TRAFFIC", 4: "end", 14: "ssl", 30: "allow", 31: "7000", 32: "2000", 33: "5000", 34: "21",
    35: "2024/02/03 04:04:00", 36: "66", 37: "any", 38: "0",
}  # fmt: skip
URL = COMMON | {
    3: "THREAT", 4: "url", 14: "web-browsing", 30: "alert", 31: '"files.example.com/a,b?q=""x"""', 32: "(9999)",
    33: "online-storage-and-backup", 34: "informational", 35: "client-to-server",
}  # fmt: skip


def line(base: Mapping[int, str] = TRAFFIC, /, **more: Any) -> str:
    """Write a record with other values in some columns, truncated after ``width`` columns."""
    width = int(more.pop("width", "40"))
    cells = dict(base) | {PLACES[name]: value for name, value in more.items()}
    return ",".join(cells.get(place, "") for place in range(width))


def written_as_object(base: Mapping[int, str], /, **more: Any) -> str:
    """Write a record as the logging service does."""
    members = {
        "DeviceSN": "no-serial", "LogType": base[3], "Subtype": base[4], "TimeGenerated": "2024-02-03T04:05:06.000000Z",
        "SourceAddress": base[7], "DestinationAddress": base[8], "NATSource": base[9], "SourceUser": base[12],
        "Application": base[14], "SessionID": int(base[22]), "RepeatCount": 1, "SourcePort": int(base[24]),
        "DestinationPort": 443, "Action": base[30], "X-Forwarded-For": None, **more,
    }  # fmt: skip
    return json.dumps(members)


@pytest.mark.parametrize("head", ["", "<14>Feb  3 04:05:07 forwarder-abc logforwarder "])
def test_objects_of_the_logging_service(head: str) -> None:
    """They have the same content as the columns, and are joined the same way."""
    end = head + written_as_object(TRAFFIC, Bytes=7000, BytesSent=2000, BytesReceived=5000)
    url = head + written_as_object(URL, URL='files.example.com/a,b?q="x"')
    assert PALO_ALTO.recognise([end, url])[0] == 1
    assert one(PALO_ALTO, end) == one(PALO_ALTO, line())
    assert read(PALO_ALTO, url, end) == read(PALO_ALTO, line(URL), line())


@pytest.mark.parametrize("subtype", ["SubType", "LogSubtype"])
def test_objects_with_other_spellings(subtype: str) -> None:
    plain = written_as_object(TRAFFIC, RepeatCount=3)
    other = plain.replace("Subtype", subtype).replace("RepeatCount", "CountOfRepeats")
    assert one(PALO_ALTO, other) == one(PALO_ALTO, plain)
    assert one(PALO_ALTO, other)["transactions"] == 3


def test_objects_that_do_not_count() -> None:
    lines = [
        written_as_object(TRAFFIC, Subtype="start"),
        written_as_object(TRAFFIC, LogType="DNS"),
        written_as_object(TRAFFIC)[:-9],
        written_as_object(TRAFFIC, SourceAddress=None),
    ]
    assert fates(PALO_ALTO, lines) == [
        ("session start", None),
        ("not a traffic or URL record", None),
        (None, "not a PAN-OS record"),
        (None, "no source address"),
    ]


def test_a_session_record() -> None:
    assert one(PALO_ALTO, line()) == {
        "line": 1,
        "ignored": None,
        "rejected": None,
        "timestamp": ms("2024-02-03T04:05:06Z"),
        "user": "corp\\beatrix",
        "source_ip": "10.40.1.2",
        "source_device": None,
        "destination_host": None,
        "url": None,
        "destination_ip": "203.0.113.44",
        "action": "allow",
        "uploaded_bytes": 2000,
        "downloaded_bytes": 5000,
        "total_bytes": 7000,
        "transactions": 1,
    }


def test_a_url_record() -> None:
    row = one(PALO_ALTO, line(URL))
    assert (row["destination_host"], row["url"]) == ("files.example.com", 'https://files.example.com/a,b?q="x"')
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["total_bytes"]) == (None, None, None)


@pytest.mark.parametrize("base", [TRAFFIC, URL])
@pytest.mark.parametrize(
    "header", ["<14>Feb  3 04:05:07 fw1 ", "<14> Feb  3 04:05:07 fw1 ", "<14>1 2024-02-03T04:05:07Z fw1 - - - - "]
)
def test_wrappers_change_nothing(base: dict[int, str], header: str) -> None:
    assert one(PALO_ALTO, header + line(base)) == one(PALO_ALTO, line(base))


@pytest.mark.parametrize("base", [TRAFFIC, URL])
def test_old_releases_write_fewer_columns(base: dict[int, str]) -> None:
    assert one(PALO_ALTO, line(base, width="34")) == one(PALO_ALTO, line(base))


@pytest.mark.parametrize(
    ("more", "when"),
    [
        ({"time": "9/16/19 10:00"}, "2019-09-16T10:00:00+02:00"),
        ({"time": "9/10/19 10:00"}, "2019-09-10T10:00:00+02:00"),  # the month comes first
        ({"time": "2024/02/03 04:05:06"}, "2024-02-03T04:05:06+01:00"),
        ({"time": ""}, "2024-02-03T04:05:07+01:00"),
    ],
)
def test_the_time_is_local_to_the_device(more: dict[str, str], when: str) -> None:
    berlin = ParseContext(RECEIVED, timezone="Europe/Berlin")
    assert one(PALO_ALTO, line(**more), berlin)["timestamp"] == ms(when)


PRECISE = "2024-02-03T04:05:06.789+09:00"


@pytest.mark.parametrize(("base", "place"), [(TRAFFIC, 102), (URL, 114)])
@pytest.mark.parametrize("more", [{}, {"rule": '"a, ""b"""'}])
def test_a_time_with_its_offset_wins(base: dict[int, str], place: int, more: dict[str, str]) -> None:
    """PAN-OS 10 adds one at the end, followed by application names with commas."""
    last = {place: PRECISE, place + 6: '"used-by-malware,able-to-transfer-file"', place + 9: "no"}
    written = line(base | last, width=place + 12, **more)
    berlin = ParseContext(RECEIVED, timezone="Europe/Berlin")
    assert one(PALO_ALTO, written, berlin)["timestamp"] == ms(PRECISE)
    local = one(PALO_ALTO, written.replace(PRECISE, ""), berlin)["timestamp"]
    assert local == ms("2024-02-03T04:05:06+01:00")
    assert [row["timestamp"] for row in read(PALO_ALTO, written, line(), context=berlin)] == [ms(PRECISE), local]
    assert one(PALO_ALTO, line(base | {place: PRECISE}, width=place + 1), berlin)["timestamp"] == ms(PRECISE)


@pytest.mark.parametrize(
    "agent", [f'"x,{PRECISE},y"', f'"x"",{PRECISE},y"', f"x {PRECISE} y", PRECISE[:-6], PRECISE.replace(".789", "")]
)
def test_a_visitor_forges_no_time(agent: str) -> None:
    row = one(PALO_ALTO, line(URL | {46: agent}, width=60))
    assert row["timestamp"] == ms("2024-02-03T04:05:06Z")


def test_the_times_of_the_logging_service() -> None:
    """Each has an offset; the first one after the action is the session's start."""
    times = {1: "2024-02-03T04:05:07.000000Z", 6: "2024-02-03T04:05:06.000000Z", 35: "2024-02-03T04:04:00.000000Z"}
    assert one(PALO_ALTO, line(TRAFFIC | times))["timestamp"] == ms("2024-02-03T04:05:06Z")


def test_an_export_may_have_the_time_with_its_offset() -> None:
    head = HEADER + ',"High Res Timestamp"'
    _, row = read(PALO_ALTO, head, f"{EXPORTED},{PRECISE}")
    assert row["timestamp"] == ms(PRECISE)


@pytest.mark.parametrize(
    ("sent", "when"),
    [
        ("2024-02-03T04:05:09+09:00", "2024-02-03T04:05:06+09:00"),
        ("2024-02-03T04:12:09.123-05:00", "2024-02-03T04:05:06-05:00"),
        ("2024-02-03T03:05:09+00:00", "2024-02-03T04:05:06+01:00"),  # a relay in another zone
        ("2024-02-03T04:05:09Z", "2024-02-03T04:05:06+01:00"),
    ],
)
def test_a_header_tells_the_zone_of_the_clock_that_it_shows(sent: str, when: str) -> None:
    berlin = ParseContext(RECEIVED, timezone="Europe/Berlin")
    written = f"<14>1 {sent} fw1 - - - - {line()}"
    assert one(PALO_ALTO, written, berlin)["timestamp"] == ms(when)
    found = read(PALO_ALTO, f"<14>1 2024-02-03T10:00:00Z relay - - - - {written}", line(), context=berlin)
    assert [row["timestamp"] for row in found] == [ms(when), ms("2024-02-03T04:05:06+01:00")]


def test_the_header_tells_the_time_of_a_record_that_does_not() -> None:
    row = one(PALO_ALTO, "<14>Feb  3 04:05:09 fw1 " + line(time="", receive=""))
    assert row["timestamp"] == ms("2025-02-03T04:05:09Z")
    assert one(PALO_ALTO, line(time="", receive="x"))["timestamp"] is None


@pytest.mark.parametrize(
    "action",
    ["deny", "drop", "drop-icmp", "reset-client", "reset-server", "reset-both", "block", "block-url", "block-ip",
     "block-continue", "block-override", "override-lockout", "sinkhole", "reset both", "reset client",
     "reset server", "drop ICMP"],
)  # fmt: skip
def test_blocking_actions(action: str) -> None:
    assert one(PALO_ALTO, line(URL, action=action))["action"] == "block"


def test_a_host_may_be_known_by_its_certificate_alone() -> None:
    assert one(PALO_ALTO, line(URL, tail='"*.files.example.com/"'))["destination_host"] == "files.example.com"


@pytest.mark.parametrize("action", ["allow", "alert", "continue", "override", ""])
def test_other_actions_allow(action: str) -> None:
    assert one(PALO_ALTO, line(URL, action=action))["action"] == "allow"


@pytest.mark.parametrize(("subtype", "action"), [("drop", "block"), ("deny", "block"), ("end", "allow")])
def test_the_subtype_tells_what_became_of_a_session_without_an_action(subtype: str, action: str) -> None:
    assert one(PALO_ALTO, line(subtype=subtype, action=""))["action"] == action


@pytest.mark.parametrize(
    ("app", "port", "scheme"),
    [("web-browsing", "80", "http"), ("web-browsing", "443", "https"), ("ssl", "80", "https")],
)
def test_the_scheme_comes_from_app_and_port(app: str, port: str, scheme: str) -> None:
    row = one(PALO_ALTO, line(URL, app=app, dport=port, tail="files.example.com/"))
    assert row["url"] == f"{scheme}://files.example.com/"


@pytest.mark.parametrize(
    "head", ["", "<14>Feb  3 04:05:09 fw1 ", "<14>1 2024-02-03T04:05:09Z fw1 - - - - ", "2024-02-03T04:05:09Z fw1 "]
)
@pytest.mark.parametrize("base", [TRAFFIC, URL])
def test_a_pipeline_may_drop_the_first_column(base: dict[int, str], head: str) -> None:
    short = head + line(base).partition(",")[2]
    assert one(PALO_ALTO, short) == one(PALO_ALTO, line(base))
    assert [row | {"line": 1} for row in read(PALO_ALTO, line(base), short)] == [one(PALO_ALTO, line(base))] * 2
    system = head + line(base, type="SYSTEM", subtype="general", width=9).partition(",")[2]
    assert recognise([short, system]).confidence == 1
    assert fates(PALO_ALTO, [system]) == [("not a traffic or URL record", None)]


def test_a_forwarded_address_is_the_client_and_no_user() -> None:
    row = one(PALO_ALTO, line(user="x-fwd-for: 10.77.0.8"))
    assert (row["user"], row["source_ip"]) == (None, "10.77.0.8")


def test_the_repeat_count_counts_transactions() -> None:
    assert one(PALO_ALTO, line(count="12"))["transactions"] == 12


def test_quoted_columns_may_hold_commas_and_quotes() -> None:
    """Rules and users precede the columns that are read."""
    expected = one(PALO_ALTO, line()) | {"user": 'cn="be",ou=x'}
    assert one(PALO_ALTO, line(rule='"a, ""b"", c"', user='"cn=""be"",ou=x"')) == expected
    row = one(PALO_ALTO, line(URL, rule='"a,b"'))
    assert row["url"] == one(PALO_ALTO, line(URL))["url"]


def test_what_is_no_transaction() -> None:
    lines = [
        line(subtype="start"),
        line(subtype="other"),
        line(URL, subtype="vulnerability"),
        line(URL, subtype="file"),
        line(type="CONFIG", subtype="0"),
        line(type="SYSTEM", subtype="general"),
        line(type="GLOBALPROTECT", subtype="0"),
        line(type="START", subtype="start"),
        line(src=""),
        line(dst="fw"),
        "1,2,3",
        "some text",
    ]
    assert fates(PALO_ALTO, lines) == [
        ("session start", None),
        ("no session end", None),
        *[("not a traffic or URL record", None)] * 6,
        (None, "no source address"),
        (None, "no destination"),
        (None, "not a PAN-OS record"),
        (None, "not a PAN-OS record"),
    ]
    assert [len(used(PALO_ALTO, line(subtype=subtype))) for subtype in ("end", "drop", "deny")] == [1, 1, 1]


def test_the_url_record_tells_the_host_of_its_session() -> None:
    """The session's bytes count once, and a block in either record counts."""
    url, session, other = read(PALO_ALTO, line(URL, action="block-url"), line(), line(sport="50124"))
    assert url["ignored"] == "counted with its session"
    assert (session["destination_host"], session["action"], session["total_bytes"]) == (
        "files.example.com",
        "block",
        7000,
    )
    assert other["destination_host"] is None


HEADER = (
    'Domain,"Receive Time","Serial #",Type,"Threat/Content Type","Generate Time","Source address",'
    '"Destination address",Rule,"Source User",Application,"Session ID","Repeat Count","Source Port",'
    '"Destination Port",Action,Bytes,"Bytes Sent","Bytes Received","URL/Filename"'
)
EXPORTED = (
    '1,"2024/02/03 04:05:07",007,TRAFFIC,end,"2024/02/03 04:05:06",10.40.1.2,203.0.113.44,"a, b",corp\\beatrix,ssl,1,1,'
    "50123,443,allow,7000,2000,5000,"
)


def test_an_export_is_read_by_its_header_row() -> None:
    """Even if the row is repeated, another one follows, or it was in an earlier batch."""
    other = "Type,Receive Time,Subtype,Source address,Destination address,Bytes Sent,Bytes Received"
    short = "TRAFFIC,2024/02/03 04:05:06,end,10.40.1.2,203.0.113.44,2000,5000"
    lines = [HEADER, EXPORTED, HEADER, EXPORTED, other, short]
    for batches in (1, 3, 6):
        rows = read(PALO_ALTO, *lines, batches=batches)
        assert [row["ignored"] for row in rows] == ["header row", None] * 3
        expected = one(PALO_ALTO, line())
        assert [row | {"line": 1} for row in rows[1:4:2]] == [expected, expected]
        assert rows[5] | {"line": 1} == expected | {"user": None}


@pytest.mark.parametrize(
    "columns",
    [
        ("Action", "Bytes Received", "Bytes Sent", "Type", "Destination address", "Source address", "Receive Time",
         "Source User", "Threat/Content Type", "Application"),
        ("Generate Time", "Source address", "Threat/Content Type", "Source User", "Destination address", "Type",
         "Bytes Received", "Bytes Sent", "Action"),
        ("Type", "Received Time", "Action", "Subtype", "Source", "Destination", "Source User", "Bytes Sent",
         "Bytes Received"),
    ],
)  # fmt: skip
def test_an_export_may_have_its_columns_in_any_order(columns: tuple[str, ...]) -> None:
    cells = {
        "Action": "allow", "Type": "TRAFFIC", "Subtype": "end", "Threat/Content Type": "end", "Application": "ssl",
        "Source": "10.40.1.2", "Destination": "203.0.113.44", "Source address": "10.40.1.2",
        "Destination address": "203.0.113.44", "Source User": '"corp\\beatrix"', "Bytes Sent": "2000",
        "Bytes Received": "5000", "Receive Time": "2024/02/03 04:05:06", "Generate Time": "2024/02/03 04:05:06",
        "Received Time": "2024/02/03 04:05:06",
    }  # fmt: skip
    lines = [",".join(columns), *[",".join(cells[column] for column in columns)] * 9]
    assert recognise(lines).source == "PALO_ALTO"
    expected = one(PALO_ALTO, line())
    assert [row | {"line": 1} for row in read(PALO_ALTO, *lines)[1:]] == [expected] * 9


def test_many_different_header_rows_are_no_way_to_slow_it_down() -> None:
    heads = [
        f"Type,Receive Time,Subtype,Source address,Destination address,x{'y,' * count}Action" for count in range(200)
    ]
    assert len(read(PALO_ALTO, *(text for head in heads for text in (head, line())))) == 400


def test_recognition() -> None:
    assert PALO_ALTO.recognise([line(), line(URL), HEADER])[0] == 1.0
    assert PALO_ALTO.recognise(["1,2025/11/20 11:00:00,0123456789,GLOBALPROTECT,0,2561,2025/11/20 11:00:00,"])[0] == 1.0
    assert PALO_ALTO.recognise(["a,b,c", "TRAFFIC", "a,b,c,SYSTEM,"])[0] == 0.0
    head = "Source address,Receive Time,Type,Destination address,Subtype"
    others = ["10.0.0.1,2024/02/03 04:05:06,proxy,203.0.113.44,end"] * 9
    assert PALO_ALTO.recognise([head, *others])[0] < 0.25


RULE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ue000"))
SIZE = st.integers(0, 10**12)


@settings(max_examples=25)
@given(st.lists(st.tuples(RULE, SIZE, SIZE, st.integers(1, 10**6)), min_size=1))
def test_what_was_written_is_read(records: list[tuple[str, int, int, int]]) -> None:
    lines = []
    for rule, sent, received, count in records:
        quoted = '"' + rule.replace('"', '""') + '"'
        sizes = {"sent": str(sent), "received": str(received), "tail": str(sent + received)}
        lines.append(line(rule=quoted, count=str(count), **sizes))
    rows = [
        (row["uploaded_bytes"], row["downloaded_bytes"], row["total_bytes"], row["transactions"])
        for row in used(PALO_ALTO, *lines)
    ]
    assert rows == [(sent, received, sent + received, count) for _, sent, received, count in records]
