"""McAfee (Skyhigh) Secure Web Gateway."""

from __future__ import annotations

import csv
import json
import re
from typing import Any

import pytest

from opencasb.discovery.formats.mcafee import FORMATS
from opencasb.discovery.recognise import recognise
from tests.discovery.formats.appliance_lines import MCAFEE, MCAFEE_CLOUD, MCAFEE_HEAD, MCAFEE_PAIRS
from tests.discovery.formats.parsed import row, rows
from tests.discovery.formats.reading import fates, ms, one, read, used

(GATEWAY,) = FORMATS
LINE, PAIRS, CLOUD = MCAFEE[1], MCAFEE_PAIRS[0], MCAFEE_CLOUD[0]
OTHER = (
    'date="2025-11-20T11:00:01Z" username="ann1" source_ip=10.0.0.1 destination_ip=203.0.113.1'
    " destination_host=files1.example.com http_status_code=200 source_bytes=100 destination_bytes=1000"
    ' http_request_first_line="GET https://files1.example.com/a/1 HTTP/1.1" block_id=0'
)


def record(line: str) -> dict[str, Any]:
    """Return the only transaction of a line below the header line."""
    (row,) = used(GATEWAY, MCAFEE_HEAD, line)
    return row


def test_an_access_record() -> None:
    row = record(LINE)
    assert (row["timestamp"], row["user"], row["source_ip"]) == (ms("2025-11-20T12:00:01+01:00"), "ann1", "10.0.0.1")
    assert (row["url"], row["destination_host"]) == ("https://files1.example.com/a/1", "files1.example.com")
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["action"]) == (100, 1000, "allow")


def test_of_a_tunnel_only_the_host_is_known() -> None:
    row = record(LINE.replace("GET https://files1.example.com/a/1", "CONNECT files1.example.com:443"))
    assert (row["destination_host"], row["url"]) == ("files1.example.com", None)


@pytest.mark.parametrize("end", ["_EOL_", " _EOL_", "_EOL__EOL_"])
@pytest.mark.parametrize("line", [OTHER, PAIRS, CLOUD, LINE.removesuffix(' "Files"')])
def test_a_line_end_written_as_a_word(line: str, end: str) -> None:
    """It belongs to no field: not to the verdict, which may be the last one."""
    assert one(GATEWAY, line + end) == one(GATEWAY, line)


@pytest.mark.parametrize("between", ["_EOL_", " _EOL_ ", "_EOL__EOL_"])
@pytest.mark.parametrize("line", [OTHER, PAIRS, CLOUD, LINE.removesuffix(' "Files"')])
def test_records_that_a_relay_joined(line: str, between: str) -> None:
    """Each counts, under the number of their line."""
    joined = f"{line}{between}{line.replace('10.0.0.1', '10.0.0.2')}{between}"
    expected = [{**row("MCAFEE_SWG", line), "line": 2, "source_ip": f"10.0.0.{client}"} for client in (1, 2)]
    assert rows("MCAFEE_SWG", ["", joined]) == expected
    assert recognise([joined]).format == GATEWAY


def test_joined_records_without_a_time_have_that_of_their_line() -> None:
    """A path may contain what separates them."""
    record = PAIRS.partition("mwg: ")[2].replace("/a/1", "/a_EOL_b")
    lines = [f"<30>Nov 20 11:59:0{second} gw1 mwg: {record}" for second in (1, 2)]
    found = rows("MCAFEE_SWG", [" _EOL_ ".join([lines[0], record, lines[1]])])
    assert [row["timestamp"] for row in found] == [ms(f"2025-11-20T11:59:0{second}Z") for second in (1, 1, 2)]


@pytest.mark.parametrize("batches", [1, 3])
def test_the_header_line_above_holds(batches: int) -> None:
    short = MCAFEE_HEAD.replace(" bytes_from_client", "").replace(' "application_name"', "")
    shorter = LINE.replace(" 100 ", " ").replace(' "Files"\n', "").removesuffix(' "Files"')
    rows = read(GATEWAY, MCAFEE_HEAD, LINE, short, shorter, batches=batches)
    assert [row["total_bytes"] for row in rows] == [None, 1100, None, 1000]


@pytest.mark.parametrize(
    ("line", "total"),
    [
        (LINE, 1100),
        (LINE.replace(" 100 ", " "), 1000),
        (LINE.replace(" 100 ", " ").removesuffix(' "Files"'), 1000),
        (LINE.removesuffix(' "Files"'), 1100),
        (f'{LINE} "Global Whitelist: Sites"', 1100),
        (f'May 18 09:31:44 10.51.177.2 mwg: {LINE.replace(" 100 ", " ")} "a" "b c"', 1000),
    ],
)
def test_without_a_header_line_the_usual_order_holds(line: str, total: int) -> None:
    assert one(GATEWAY, line)["total_bytes"] == total


@pytest.mark.parametrize(("result", "action"), [("0", "allow"), ("10", "block")])
def test_the_usual_order_may_have_no_sizes(result: str, action: str) -> None:
    """Custom fields after it are not taken for a verdict."""
    line = LINE.replace(" 1000 100 ", " ").replace('"0" "Files"', f'"{result}" 443 203.0.113.1 1000 100')
    row = one(GATEWAY, line)
    assert (row["action"], row["total_bytes"], row["destination_host"]) == (action, None, "files1.example.com")


@pytest.mark.parametrize(("status", "result", "action"), [("403", "10", "block"), ("200", "10", "block")])
def test_a_refusal(status: str, result: str, action: str) -> None:
    line = LINE.replace(" 200 ", f" {status} ").replace('"0" "Files"', f'"{result}" "Files"')
    assert record(line)["action"] == action


def test_the_three_templates_say_the_same() -> None:
    wanted = {name: value for name, value in one(GATEWAY, PAIRS).items() if name != "line"}
    assert {name: value for name, value in one(GATEWAY, OTHER).items() if name != "line"} == wanted
    row = one(GATEWAY, CLOUD)
    assert (row["user"], row["source_device"], row["source_ip"]) == ("Ann 1", "pc 1", "10.0.0.1")
    assert (row["url"], row["total_bytes"]) == ("https://files1.example.com/a/1", 1100)


@pytest.mark.parametrize("header", ["", "<30>Nov 20 10:00:00 mwg1 mwg: "])
def test_pairs_may_begin_with_their_time(header: str) -> None:
    line = f"{header}[20/Nov/2025:12:00:00 +0100] {PAIRS.partition(': ')[2].replace('destip=', 'dstip=')}"
    row = one(GATEWAY, line)
    assert row["timestamp"] == ms("2025-11-20T12:00:00+01:00")
    assert {**row, "timestamp": 0, "line": 1} == {**one(GATEWAY, PAIRS), "timestamp": 0, "line": 1}


def test_administrators_order_the_pairs() -> None:
    """Template pairs may come in any order, and the last one may contain blanks, too."""
    begun = "<30>Nov 20 11:00:02 gateway mwg: "
    for line in (PAIRS.partition(": ")[2], OTHER.replace("http_request_first_line", "agent=x http_request_first_line")):
        pairs = re.findall(r'[a-z_]+=(?:"[^"]*"|\S*)', line)
        for turn in range(len(pairs)):
            turned = " ".join(pairs[turn:] + pairs[:turn])
            assert one(GATEWAY, begun + turned) == {**one(GATEWAY, begun + line)}
    assert one(GATEWAY, f"{begun}{CLOUD.replace('client_system_name=pc 1 ', '')} client_system_name=pc 1") == (
        one(GATEWAY, begun + CLOUD)
    )


def test_administrators_order_the_columns() -> None:
    """The log is then detected by its header line."""
    head, line = (re.sub(r"^(#\S+|\[[^\]]*\]) (.*) (\S+)$", r"\1 \3 \2", text) for text in (MCAFEE_HEAD, LINE))
    assert used(GATEWAY, head, line) == used(GATEWAY, MCAFEE_HEAD, LINE)
    found = recognise([head, *[line] * 8])
    assert (found.source, found.confidence) == ("MCAFEE_SWG", 1)


def test_a_request_in_several_columns() -> None:
    """Those of the template for McAfee's SIEM, in a file."""
    head = (
        '#time_stamp "auth_user" src_ip server_ip host url_port status_code bytes_from_client bytes_to_client'
        ' "categories" method "url" "user_agent" block_res'
    )
    line = (
        '[20/Nov/2025:12:00:01 +0100] "ann1" 10.0.0.1 203.0.113.1 files1.example.com 443 200 100 1000 "Business" GET'
        ' "https://files1.example.com/a/1" "Browser (x)" 0'
    )
    (found,) = used(GATEWAY, head, line)
    assert found == record(LINE) | {"destination_ip": "203.0.113.1"}
    (tunnel,) = used(GATEWAY, head, line.replace("GET", "CONNECT").replace("https://files1.example.com/a/1", "-"))
    assert tunnel == found | {"url": None}
    assert recognise([head, *[line] * 5]).source == "MCAFEE_SWG"


EXPORT_HEAD = (
    '"user_id","username","source_ip","http_action","server_to_client_bytes","client_to_server_bytes","requested_host",'
    '"requested_path","result","virus","request_timestamp_epoch","request_timestamp","uri_scheme","category",'
    '"http_status_code","client_ip","destination_ip","client_system_name"'
)
EXPORTED = (
    '"-1","ann1","198.51.100.7","GET","1000","100","files1.example.com","/a/1","OBSERVED","","1763636401",'
    '"2025-11-20 11:00:01","https","Business, ""Software""","200","10.0.0.1","203.0.113.1","pc 1"'
)


@pytest.mark.parametrize("batches", [1, 2])
def test_the_export_of_the_cloud(batches: int) -> None:
    nobody = EXPORTED.replace("ann1", "198.51.100.7").replace("10.0.0.1", "").replace("OBSERVED", "DENIED")
    head, row, other = read(GATEWAY, EXPORT_HEAD, EXPORTED, nobody, batches=batches)
    assert head["ignored"] == "header row"
    assert {**row, "line": 1} == {**one(GATEWAY, CLOUD), "user": "ann1"}
    assert (other["user"], other["source_ip"], other["action"]) == (None, "198.51.100.7", "block")
    assert recognise([EXPORT_HEAD, EXPORTED]).source == "MCAFEE_SWG"


ROW = (
    '"-1","ann1","198.51.100.7","GET","1000","100","files1.example.com","/a/1","OBSERVED","","1763636401",'
    '"2025-11-20 11:00:01","https","Business, ""Software""","text/html","","Minimal Risk","Last","200","10.0.0.1","",'
    '"","Chrome","120","Mozilla/5.0 (X; y, z)","chrome.exe","203.0.113.1","443"'
)


def test_the_export_of_the_cloud_without_its_header_row() -> None:
    """Collectors omit it; the order is the usual one, and rows without a status in its place are rejected."""
    other = ROW.replace("ann1", "198.51.100.7").replace('"OBSERVED"', "DENIED")
    found, denied, unknown, pairs = read(GATEWAY, ROW, other, EXPORTED, PAIRS)
    assert found == {**one(GATEWAY, CLOUD), "user": "ann1", "source_device": None}
    assert (denied["user"], denied["action"]) == (None, "block")
    assert unknown["rejected"] == "not a web gateway record"
    assert pairs["user"] == "ann1"
    assert recognise([ROW, other]).source == "MCAFEE_SWG"


def test_the_export_of_the_cloud_as_objects() -> None:
    """Scripts forward it to a SIEM in this form."""
    names, values = next(csv.reader([EXPORT_HEAD])), next(csv.reader([EXPORTED]))
    line = f"<30>Nov 20 11:00:02 host puller: {json.dumps(dict(zip(names, values, strict=True)))}"
    found, pairs = read(GATEWAY, line, PAIRS)
    assert found == {**one(GATEWAY, CLOUD), "user": "ann1"}
    assert pairs["user"] == "ann1"
    assert recognise([line]).source == "MCAFEE_SWG_SYSLOG"


def test_objects_that_logstash_made_of_the_export() -> None:
    """Their members are in any order, beside its own and the row, and the time has a shorter name."""
    values = dict(zip(next(csv.reader([EXPORT_HEAD])), next(csv.reader([EXPORTED])), strict=True))
    values["timestamp_epoch"] = values.pop("request_timestamp_epoch")
    del values["request_timestamp"]
    own = {"@timestamp": "2025-11-21T00:00:00.000Z", "host": {"name": "collector1"}, "message": EXPORTED}
    line = json.dumps(own | dict(reversed(values.items())))
    assert one(GATEWAY, line) == one(GATEWAY, CLOUD) | {"user": "ann1"}
    assert recognise([line]).source == "MCAFEE_SWG"


@pytest.mark.parametrize(
    "line",
    [
        PAIRS.replace("200/0", "403/80"),
        PAIRS.replace('rule="Last"', 'rule="Block Games"'),
        OTHER.replace("block_id=0", "block_id=10"),
        CLOUD.replace("OBSERVED", "DENIED"),
    ],
)
def test_a_refusal_in_a_template(line: str) -> None:
    assert one(GATEWAY, line)["action"] == "block"


def test_pairs_between_pipes() -> None:
    """The template for McAfee's SIEM has other names, and values that are empty or contain blanks."""
    template = (
        "<30>Nov 20 12:00:01 proxy mwg: McAfeeWG|time_stamp=[20/Nov/2025:12:00:01 +0100]|auth_user={user}"
        "|src_ip=10.0.0.1|server_ip=203.0.113.1|host=files1.example.com|url_port=443|status_code={status}"
        "|bytes_from_client=100|bytes_to_client=1000|categories=Web Mail|method=GET|url=https://files1.example.com/a/1|media_type="
        '|user_agent=Agent "x" (y z)|block_res={result}|block_reason=|'
    )
    line = template.format(user="ann1", status=200, result=0)
    (found,) = used(GATEWAY, line)
    expected = record(LINE)
    assert {**found, "line": 0} == {**expected, "line": 0, "destination_ip": "203.0.113.1"}
    assert recognise([line]).source == "MCAFEE_SWG_SYSLOG"
    assert one(GATEWAY, template.format(user="", status=403, result=10))["action"] == "block"
    assert one(GATEWAY, template.format(user="", status=200, result=0))["user"] is None
    assert fates(GATEWAY, [template.format(user="", status=302, result=81)]) == [("authentication challenge", None)]


def test_pairs_by_the_names_of_splunk() -> None:
    template = (
        '<30>Nov 20 12:00:01 proxy mwg: datetime="[20/Nov/2025:12:00:01 +0100]" user="ann1" authentication_method="X"'
        ' src="10.0.0.1" dest="203.0.113.1" status="{status}" http_protocol="https" http_method="GET" category="Mail"'
        ' http_user_agent="A src=10.9.9.9" action="{action}" url="https://files1.example.com/a/1" http_port="443"'
        ' bytes_to_client="1000" bytes_from_client="100"'
    )
    line = template.format(status=200, action="allowed")
    (found,) = used(GATEWAY, line)
    assert {**found, "line": 0} == {**record(LINE), "line": 0, "destination_ip": "203.0.113.1"}
    assert recognise([line]).source == "MCAFEE_SWG_SYSLOG"
    assert one(GATEWAY, template.format(status=403, action="blocked"))["action"] == "block"
    assert fates(GATEWAY, [template.format(status=407, action="blocked")]) == [("authentication challenge", None)]


def test_pairs_by_the_names_of_the_access_log() -> None:
    template = (
        "<30>Nov 20 12:00:01 proxy mwg: time_stamp=[20/Nov/2025:12:00:01 +0100] auth_user={user} src_ip=10.0.0.1"
        " server_ip=203.0.113.1 time_taken=46 status_code={status} cache_status=TCP_MISS req_line={request} HTTP/1.1"
        " categories=Online Shopping rep_level=Minimal Risk media_type=text/html bytes_to_client=1000"
        " bytes_from_client=100 user_agent=A b referrer=- virus_name=- gam_probability=0 block_res={result} md5=-"
    )
    line = template.format(user="ann1", status=200, request="GET https://files1.example.com/a/1", result=0)
    (found,) = used(GATEWAY, line)
    assert {**found, "line": 0} == {**record(LINE), "line": 0, "destination_ip": "203.0.113.1"}
    assert recognise([line]).source == "MCAFEE_SWG_SYSLOG"
    refused = one(GATEWAY, template.format(user="-", status=403, request="CONNECT files1.example.com:443", result=10))
    assert (refused["user"], refused["destination_host"]) == (None, "files1.example.com")
    assert (refused["url"], refused["action"]) == (None, "block")
    challenge = template.format(user="-", status=407, request="GET https://files1.example.com/a/1", result=81)
    assert fates(GATEWAY, [challenge]) == [("authentication challenge", None)]


@pytest.mark.parametrize("line", [OTHER, CLOUD])
def test_the_address_of_the_server_need_not_be_logged(line: str) -> None:
    without = line.replace(" destination_ip=203.0.113.1", "")
    assert one(GATEWAY, without) == one(GATEWAY, line) | {"destination_ip": None}


def test_no_server_was_asked() -> None:
    assert one(GATEWAY, OTHER.replace("203.0.113.1", "255.255.255.255"))["destination_ip"] is None


def test_a_visitor_cannot_forge_a_field() -> None:
    row = one(GATEWAY, PAIRS.replace("Browser/1", "x status=200 user=boss srcip=6.6.6.6 ").replace("200/0", "403/80"))
    assert (row["user"], row["source_ip"], row["action"]) == ("ann1", "10.0.0.1", "block")


@pytest.mark.parametrize(("status", "ignored"), [(407, True), (401, True), (302, True), (403, False), (200, False)])
def test_the_block_of_those_who_did_not_sign_in(status: int, ignored: bool) -> None:
    """It is a challenge only if the response asks for sign-in, or redirects to it."""
    line = LINE.replace(" 200 ", f" {status} ").replace('"0" "Files"', '"81" "Files"')
    pairs = OTHER.replace("status_code=200", f"status_code={status}").replace("block_id=0", "block_id=81")
    for text in (line, pairs):
        if ignored:
            assert fates(GATEWAY, [text]) == [("authentication challenge", None)]
        else:
            assert one(GATEWAY, text)["action"] == "block"


def test_what_is_no_transaction() -> None:
    lines = [
        MCAFEE_HEAD,
        LINE.replace(" 200 ", " 407 ").replace('"0" "Files"', '"81" "Files"'),
        PAIRS.replace("200/0", "407/81"),
        LINE + ' "more"',
        "hello",
        'devid="FGT1" type="traffic" subtype="app-ctrl" srcip=10.0.0.1 dstip=203.0.113.1 url="/" action="start"',
    ]
    assert fates(GATEWAY, lines) == [
        ("comment", None),
        ("authentication challenge", None),
        ("authentication challenge", None),
        (None, "not as many fields as the #Fields line names"),
        (None, "not a web gateway record"),
        (None, "not a web gateway record"),
    ]
