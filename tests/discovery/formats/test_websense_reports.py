"""Reports in CSV."""

from __future__ import annotations

import pytest

from opencasb.discovery.recognise import UnrecognisedLog, recognise
from tests.discovery.formats.parsed import rows
from tests.discovery.formats.reading import ms
from tests.discovery.formats.vendor_lines import FORCEPOINT_REPORT, WEBSENSE_REPORT

TITLE, HEAD, LINE = WEBSENSE_REPORT[:3]
FOUND = {
    "timestamp": ms("2025-11-20T11:00:01Z"), "user": "Ann 1", "source_ip": "10.0.0.1",
    "destination_host": "files1.example.com", "url": "https://files1.example.com/a", "destination_ip": "203.0.113.1",
    "action": "allow", "uploaded_bytes": 10, "downloaded_bytes": 100, "total_bytes": 110, "transactions": 2,
}  # fmt: skip


def read(*lines: str, head: str = HEAD, source: str = "WEBSENSE_V7_5", **context: bool) -> list[dict[str, object]]:
    return [
        {name: value for name, value in row.items() if name != "line"}
        for row in rows(source, [head, *lines], **context)[1:]
    ]


def test_a_row() -> None:
    """Columns are found by the header row; other columns are ignored."""
    assert read(LINE) == [FOUND]
    moved = [";".join(reversed(text.replace('"', "").split(","))) for text in (HEAD, LINE)]
    assert read(moved[1], head=moved[0]) == [FOUND]
    assert read(LINE.replace("Category permitted", "Category blocked"))[0]["action"] == "block"


def test_a_user_may_be_a_path() -> None:
    path = LINE.replace("Ann 1", "LDAP://dc OU=Users,DC=corp/Ann 1")
    assert path != LINE
    assert read(path) == [FOUND]


def test_a_report_of_the_cloud() -> None:
    head, line = FORCEPOINT_REPORT[:2]
    (found,) = read(line, head=head, source="FORCEPOINT")
    kept = {name: value for name, value in FOUND.items() if name != "destination_ip"}
    assert found == {**kept, "user": "ann1@corp.example", "transactions": 1}


def test_a_tunnel_in_a_report_of_the_cloud() -> None:
    """The client's own address is not always known, but that of its connection is."""
    head = '"Date","Time","User","Action","URL - Full","Connection IP","Destination IP","Source IP","Request Method"'
    line = (
        '"20/11/2025","11:00:01","ann","Allowed","files.example.com:443/","198.51.100.7","203.0.113.1","Not available"'
        ',"Connect"'
    )
    (row,) = read(line, head=head, source="FORCEPOINT")
    assert (row["source_ip"], row["destination_host"], row.get("url")) == ("198.51.100.7", "files.example.com", None)
    (row,) = read(line.replace("Not available", "10.0.0.1").replace("Connect", "Get"), head=head, source="FORCEPOINT")
    assert row["source_ip"] == "10.0.0.1"


HOSTED_HEAD = (
    "Date,Time,User,Workstation,Category,Action,Risk Class,Policy,URL,Connection IP,Destination IP,Source IP,"
    "Threat Type,Threat Name,User Agent,HTTP Status Code,Request Method"
)
HOSTED = (
    '"20/11/2025","11:00:01","ann@corp.example","PC1","Search Engines, Portals","Allowed","Business Usage,None","Staff"'
    ',"HTTPS://files.example.com/a?b=c,d","198.51.100.7","203.0.113.1","10.0.0.1","None","None","Agent/1 (x, y)","200"'
    ',"Post"'
)


def test_files_of_the_cloud_for_siems() -> None:
    """They have no header row; with unusual columns nothing is guessed."""
    tunnel = HOSTED.replace("HTTPS://files.example.com/a?b=c,d", "files.example.com:443/").replace(
        '"Post"', '"Connect"'
    )
    denied = tunnel.replace("Allowed", "Blocked").replace('"10.0.0.1"', '"Not available"').replace("ann@", "anonymous@")
    other = HOSTED.replace('"Allowed",', "")
    assert recognise([HOSTED, tunnel, denied]).source == "FORCEPOINT"
    found = rows("FORCEPOINT", [HOSTED, tunnel, denied, other])
    told = {
        "timestamp": FOUND["timestamp"],
        "user": "ann@corp.example",
        "source_ip": "10.0.0.1",
        "source_device": "PC1",
    }
    told |= {"destination_host": "files.example.com", "destination_ip": "203.0.113.1", "action": "allow"}
    told |= {"transactions": 1}
    assert found[0] == {"line": 1, **told, "url": "HTTPS://files.example.com/a?b=c,d"}
    assert found[1] == {"line": 2, **told}
    assert (found[2]["source_ip"], found[2]["action"]) == ("198.51.100.7", "block")
    assert found[3]["rejected"] == "no header row above this line"


def test_a_report_of_the_cloud_is_known_by_its_url() -> None:
    """Columns can be chosen; those of connections and data may be missing."""
    head = '"Date & Time","User","Action","Bytes Sent","Bytes Received","Source IP","URL - Full"'
    line = '"20/11/2025 11:00:01","ann","Allowed","100","2000","10.0.0.1","https://files.example.com/a"'
    assert recognise([head, line]).source == "FORCEPOINT"
    (row,) = read(line, head=head, source="FORCEPOINT")
    assert (row["destination_host"], row["uploaded_bytes"], row["timestamp"]) == (
        "files.example.com",
        100,
        ms("2025-11-20T11:00:01Z"),
    )


def test_a_report_of_the_cloud_is_known_by_its_usual_columns() -> None:
    """The columns that only its reports have may be missing."""
    head = "Date,Time,User,Source IP,Action,Domain,Category,Bytes Sent,Bytes Received"
    line = "20/11/2025,11:00:01,ann,10.0.0.1,Allowed,files.example.com,Web,100,2000"
    found = recognise([head, *[line] * 9])
    assert (found.source, found.confidence) == ("FORCEPOINT", 1.0)
    (row,) = read(line, head=head, source="FORCEPOINT")
    assert (row["destination_host"], row["total_bytes"]) == ("files.example.com", 2100)
    for column in ("Source IP", "Action", "Domain", "Category", "Time"):  # in any table of requests
        with pytest.raises(UnrecognisedLog):
            recognise([head.replace(column, "x").replace("Date", "x" if column == "Time" else "Date"), *[line] * 9])


def test_a_request_that_has_to_sign_in_is_no_transaction() -> None:
    """The cloud logs it without a user."""
    head, line = FORCEPOINT_REPORT[:2]
    line = line.replace("ann1@corp.example", "Not available")
    assert "user" not in read(line, head=head, source="FORCEPOINT")[0]
    (asked,) = read(line.replace("Allowed", "Authentication Required"), head=head, source="FORCEPOINT")
    assert asked["ignored"] == "authentication challenge"


@pytest.mark.parametrize(
    ("date", "clock", "day_first", "when"),
    [
        ("20/11/2025", "11:00:01", True, "2025-11-20T11:00:01Z"),
        ("5/2/2025", "1:00:01 PM", False, "2025-05-02T13:00:01Z"),
        ("5/2/2025", "1:00:01 PM", True, "2025-02-05T13:00:01Z"),
        ("Thursday", "2025-11-20 11:00:01", True, "2025-11-20T11:00:01Z"),
    ],
)
def test_dates(date: str, clock: str, day_first: bool, when: str) -> None:
    """Dates are in the locale of the report's server, which the data source declares."""
    line = LINE.replace("2025-11-20", date, 1).replace("11:00:01", clock, 1)
    assert read(line, day_first=day_first)[0]["timestamp"] == ms(when)


@pytest.mark.parametrize(
    ("day", "when"),
    [("2025-11-20", "2025-11-20T00:00:00Z"), ("5/2/2025", "2025-02-05T00:00:00Z"), ("1763636401", FOUND["timestamp"])],
)
def test_reports_by_day(day: str, when: str | int) -> None:
    """Without a time, rows are of that day, not of the day of the upload."""
    (row,) = read(f"ann,{day},files1.example.com,10.0.0.1,3", head="User,Day,URL Hostname,Source IP,Hits")
    assert row["timestamp"] == (ms(when) if isinstance(when, str) else when)


def test_other_lines_below_the_header() -> None:
    """A remark is ignored; a record in another format is not an empty row."""
    head, line = "Date,Time,Source IP,Full URL", "2025-11-20,11:00:01,10.0.0.1,https://files.example.com/a"
    other = f"LEEF:1.0|Vendor|Proxy|1|1|src=10.0.0.1\\tua=a, b\\turl=https://files.example.com/{'x' * 99}"
    lines = [head, line, "Generated by admin", ",,,", other]
    fates = [row.get("ignored") or row.get("rejected") for row in rows("WEBSENSE_V7_5", lines)]
    assert fates == ["header row", None, "comment", "empty row", "no source address"]


def test_what_is_no_row() -> None:
    """Titles and empty rows are ignored; rows before any header are rejected."""
    fates = [
        (row.get("ignored"), row.get("rejected"))
        for row in rows("WEBSENSE_V7_5", [TITLE, LINE, HEAD, ",,,,,,,,,,,", LINE.replace("10.0.0.1", "pc")])
    ]
    assert fates == [
        ("comment", None),
        (None, "no header row above this line"),
        ("header row", None),
        ("empty row", None),
        (None, "no source address"),
    ]


def test_without_a_header_row_nothing_is_a_title() -> None:
    """So a log with a wrong source type is recognised."""
    line = "%ASA-4-106023: Deny tcp src inside:10.0.0.1/50000 dst outside:203.0.113.9/443 by access-group"
    assert rows("FORCEPOINT", [line])[0]["rejected"] == "no header row above this line"
    assert [found["action"] for found in rows("FORCEPOINT", [line] * 5)] == ["block"] * 5


@pytest.mark.parametrize("head", [[], [HOSTED_HEAD]])
def test_a_client_that_is_asked_to_sign_in(head: list[str]) -> None:
    """Its answer is in a column of its own."""
    challenge = HOSTED.replace('"200"', '"407"')
    found = rows("FORCEPOINT", [*head, HOSTED, challenge])[len(head) :]
    assert [line.get("ignored") for line in found] == [None, "authentication challenge"]
