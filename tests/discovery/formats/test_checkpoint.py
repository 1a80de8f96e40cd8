"""Check Point's exports, texts and tables."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.recognise import recognise
from tests.discovery.formats.parsed import RECEIVED, row, rows

TEXT = (
    "20Nov2025 12:00:00 accept 192.0.2.1 >eth0 rule: 7; src: 10.0.0.1; dst: 203.0.113.9; proto: tcp;"
    " product: VPN-1 & FireWall-1; service: 443; xlatesrc: 198.51.100.1; user: Ann Lee (alee);"
)
PIPES = (
    "time=1763640000|hostname=fw|product=Firewall|action=Accept|origin=192.0.2.1|dst=203.0.113.9|proto=6|service=443"
    "|src=10.0.0.1|src_user_name=Ann Lee (alee)|xlatesrc=198.51.100.1|"
)
EXPORTED = (
    'CheckPoint 26203 - [sc4s@2620 action="Accept" time="1763640000" dst="203.0.113.9" note="a \\" src=\\"6.6.6.6\\""'
    ' product="Firewall" proto="6" service="443" src="10.0.0.1" src_user_name="Ann Lee (alee)"]'
)
OLDER = EXPORTED.replace("sc4s@2620", "Fields@1.3.6.1.4.1.2620").replace("product=", "ProductName=")
UNQUOTED = (
    "CheckPoint 52042 - [action:Accept; loguid:{0x65e4c1fc,0x4}; origin:192.0.2.1; time:1763640000; __policy_id_tag:"
    "product=VPN-1 & FireWall-1[db_tag={1E53};mgmt=m]; dst:203.0.113.9; product:VPN-1 & FireWall-1; proto:6;"
    " service:443; src:10.0.0.1; src_user_name:Ann Lee (alee)]"
)
FETCHED = (
    "{}|action=accept|orig=192.0.2.1|i/f_dir=inbound|i/f_name=eth1|has_accounting=0|uuid=<5,0,3,1>"
    "|product=VPN-1 & FireWall-1|__policy_id_tag=product=VPN-1 & FireWall-1[db_tag={{5}};mgmt=m;date=1763640000]"
    "|src=10.0.0.1|s_port=5000|dst=203.0.113.9|service=443|proto=tcp|xlatesrc=198.51.100.1|user=Ann Lee (alee)"
)
HEAD = "num;date;time;orig;type;action;product;src;dst;proto;service;user"
ROW = "1;20Nov2025;12:00:00;fw;log;accept;VPN-1 & FireWall-1;10.0.0.1;203.0.113.9;tcp;https;Ann Lee (alee)"
TRACKER_HEAD = (
    'Number Date Time Interface Origin Type Action Service "Source Port" Source Destination Protocol Rule "Rule Name"'
    ' "Current Rule Number" User Information Product "Source Machine Name" "Source User Name"'
)
TRACKER = (
    '"22" "20Nov2025" "12:00:00" "eth1" "fw" "Log" "Accept" "443" "5000" "10.0.0.1" "203.0.113.9" "tcp" "81" "Web; x"'
    ' "81-P" "" "inzone: a; outzone: b" "Multi-product" "" "Ann Lee (alee)"'
)
FOUND = {
    "timestamp": RECEIVED, "user": "alee", "source_ip": "10.0.0.1", "destination_ip": "203.0.113.9", "action": "allow",
    "transactions": 1,
}  # fmt: skip
COMMA = (
    "Timestamp,Orig,Type,Action,src,dst,total,Protocol,user\n"
    '20/11/2025 12:00:00 PM,fw,log,accept,10.0.0.1,203.0.113.9,5,tcp,"Lee, Ann (alee)"'
)


PAIRS = TEXT.partition(" rule:")[2].replace("product:", "ProductName:")
SERIAL = f" 20Nov2025 12:00:00 5 N/A  1  accept gw-1 < eth1  LogId: 0; ContextNum: <max_null>; rule:{PAIRS}"
TO_SYSLOG = (
    "ContentVersion: 1; SequenceNum: <max_null>; Flags: 16384; Action: accept; Origin: gw-1; log_type: log; rule:"
    f"{PAIRS} date: 20Nov2025; hour: 12:00:00; type: log;"
)
WIDE = (
    "HeaderDateHour: 20Nov2025 12:00:00; ContentVersion: 5; HighLevelLogKey: <max_null>; SequenceNum: 1;"
    f" Action: accept; Origin: gw-1; IfDir: >; InterfaceName: eth1; Alert: ; LogId: 0; rule:{PAIRS}"
)


@pytest.mark.parametrize(
    "line",
    [TEXT, f"Nov 20 10:00:00 host Checkpoint: {TEXT}", PIPES, EXPORTED, f"<134>1 2025-11-20T10:00:00Z host {EXPORTED}",
     OLDER, SERIAL, WIDE, PIPES.replace("|xlatesrc=198.51.100.1|", "|  "),
     EXPORTED.replace("sc4s@2620 ", "").replace('="', ':"').replace('" ', '"; '), UNQUOTED,
     TO_SYSLOG, f"<134>2025-11-20T10:00:00+01:00 mgmt CPLogToSyslog: {TO_SYSLOG}",
     f"Nov 20 10:00:00 192.0.2.1 1 2025-11-20T10:00:00Z host {UNQUOTED}", TRACKER],
)  # fmt: skip
def test_a_connection(line: str) -> None:
    """Every form gives the same."""
    assert row("CHECKPOINT", line) == FOUND


@pytest.mark.parametrize(
    "line",
    [
        TEXT.replace("user: Ann", "src_user_name: ; user: Ann"),
        PIPES.replace("src_user_name=Ann", "src_user_name=|user=Ann"),
        PIPES.replace("src_user_name=Ann", "resource=a|b|src_user_name=|user=Ann"),
        EXPORTED.replace('src_user_name="Ann', 'src_user_name="" user="Ann'),
        UNQUOTED.replace("src_user_name:Ann", "src_user_name:; user:Ann"),
    ],
)
def test_an_empty_name_is_none(line: str) -> None:
    """The next field with the same meaning is used."""
    assert row("CHECKPOINT", line)["user"] == "alee"


def test_a_day_that_was_not_asked_for() -> None:
    """The action is still read; the time is that of the upload."""
    line = SERIAL.replace("20Nov2025 ", "").replace("accept", "drop")
    assert row("CHECKPOINT", line) == {name: FOUND[name] for name in FOUND if name != "timestamp"} | {"action": "block"}


def test_the_negotiation_of_a_tunnel_is_no_connection() -> None:
    line = EXPORTED.replace(' src="10', ' vpn_feature_name="IKE" src="10').replace("Accept", "Reject")
    assert row("CHECKPOINT", line)["ignored"] == "not a connection or request record"


@pytest.mark.parametrize(
    "head",
    ["time=2025-11-20 12:00:00", "loc=7803|time=1763640000", "customer=x|loc=1|time=20Nov2025 12:00:00",
     "Nov 20 10:00:00 host fw1-loggrabber[98]: time=20Nov2025  12:00:00",
     "Nov 20 10:00:00 host lea: loc=5|time=1763640000"],
)  # fmt: skip
def test_what_clients_of_the_management_server_write(head: str) -> None:
    """They log the records that they fetch (LEA), with keys that are not words."""
    line = FETCHED.format(head)
    assert recognise([line] * 3).format.sources == ("CHECKPOINT",)
    assert row("CHECKPOINT", line) == FOUND
    assert row("CHECKPOINT", line.replace("accept", "keyinst"))["ignored"] == "not a connection or request record"


@pytest.mark.parametrize("clock", ["12:00:00", " 9:00:00"])
def test_text_without_a_day(clock: str) -> None:
    """``fw log`` leaves it out unless asked; other products than the firewall may fill a log."""
    pairs = "product: URL Filtering; src: 10.0.0.1; dst: 203.0.113.9; proto: tcp; service: 443; user: Ann Lee (alee);"
    line = f"Nov 20 12:00:00 lea logger: {clock} allow gw-1 >eth1 {pairs}"
    assert recognise([line]).source == "CHECKPOINT"
    assert row("CHECKPOINT", line) == FOUND


@pytest.mark.parametrize("header", ["", "Nov 20 12:00:00 fw "])
def test_what_they_write_in_quotes(header: str) -> None:
    pairs = (pair.partition("=") for pair in FETCHED.format("time=1763640000").split("|"))
    line = header + " ".join(f'{name}="{value}"' for name, _, value in pairs)
    assert recognise([line]).source == "CHECKPOINT"
    assert row("CHECKPOINT", line) == FOUND


@pytest.mark.parametrize("written", ["VPN-1 & FireWall-1", r"VPN-1 \u0026 FireWall-1", "VPN-1 &amp; FireWall-1"])
def test_a_name_that_went_through_json_or_xml(written: str) -> None:
    assert row("CHECKPOINT", EXPORTED.replace("Firewall", written)) == FOUND
    header = f"CEF:0|Check Point|{written}|Check Point|Log|https|Unknown|"
    assert row("CHECKPOINT_CEF_SYSLOG", f"{header}act=Accept src=10.0.0.1 dst=203.0.113.9")["action"] == "allow"


@pytest.mark.parametrize("line", [SERIAL, WIDE, TO_SYSLOG])
def test_what_fw_log_writes_since_r80(line: str) -> None:
    """It is detected, and its action is read."""
    found = recognise([line] * 3)
    assert found is not None
    assert found.source == "CHECKPOINT"
    assert row("CHECKPOINT", line.replace("accept", "drop"))["action"] == "block"


@pytest.mark.parametrize(
    "table",
    [f"{HEAD}\n{ROW}", COMMA, f"{TRACKER_HEAD}\n{TRACKER}\r", f'"{HEAD.replace(";", chr(34) + ";" + chr(34))}"\n{ROW}'],
)
def test_a_table(table: str) -> None:
    """The columns are determined by the export's header row."""
    head, found = rows("CHECKPOINT", table.split("\n"))
    assert head["ignored"] == "header row"
    assert {**found, "line": 0} == {**FOUND, "line": 0}


def test_columns_in_another_order() -> None:
    """Additional and moved columns in a later header row are followed."""
    other = 'Number Date Time Type Action Destination XlateSrc Source Protocol "Source User Name"'
    line = '"1" "20Nov2025" "12:00:00" "Log" "Accept" "203.0.113.9" "198.51.100.1" "10.0.0.1" "tcp" "alee"'
    found = rows("CHECKPOINT_SMART_VIEW_TRACKER", [TRACKER, other, line])
    assert [{**found[place], "line": 0} for place in (0, 2)] == [{**FOUND, "line": 0}] * 2


def test_a_product_of_older_exporters() -> None:
    """They write ``ProductName`` under their full enterprise number."""
    line = EXPORTED.replace("sc4s@2620", "Fields@1.3.6.1.4.1.2620").replace(
        'product="Firewall"', 'ProductName="Anti Malware"'
    )
    assert row("CHECKPOINT", line)["ignored"] == "not a connection or request record"


@pytest.mark.parametrize("action", ["drop", "Reject", "Block", "Prevent", "quarantine"])
def test_blocked(action: str) -> None:
    assert row("CHECKPOINT", PIPES.replace("Accept", action))["action"] == "block"
    assert row("CHECKPOINT", TRACKER.replace("Accept", action))["action"] == "block"


@pytest.mark.parametrize("action", ["Bypass", "HTTPS Inspect", "Encrypt", "Redirect", "Detect", "Monitor"])
def test_allowed(action: str) -> None:
    assert row("CHECKPOINT", PIPES.replace("Accept", action))["action"] == "allow"


def test_hosts_urls_and_sizes() -> None:
    """URLs, names and sizes are read if logged; a server may be given as a resolved name."""
    found = row(
        "CHECKPOINT",
        PIPES.replace("|proto", "|resource=https://a.example.com/x|y?z=1|sent_bytes=5|received_bytes=6|proto"),
    )
    assert (found["url"], found["uploaded_bytes"], found["total_bytes"]) == ("https://a.example.com/x|y?z=1", 5, 11)
    found = row("CHECKPOINT", PIPES.replace("|proto", "|appi_name=Example App|dst_domain_name=b.example.com|proto"))
    assert (found["destination_host"], "url" in found) == ("b.example.com", False)
    found = row("CHECKPOINT", TEXT.replace("dst: 203.0.113.9", "dst: Web.example.com"))
    assert (found["destination_host"], "destination_ip" in found) == ("web.example.com", False)


def test_its_origin_in_front() -> None:
    """The order of pairs is that of the exporter; a similar beginning is not mistaken for relay elements."""
    line = f'<134>1 2025-11-20T12:00:00Z gw CheckPoint 9 - [origin:"192.0.2.1"; {EXPORTED.partition("@2620 ")[2]}'
    assert row("CHECKPOINT", line) == FOUND


def test_leef_between_pipes_is_none_of_its_records() -> None:
    line = "LEEF:1.0|Palo Alto Networks|PAN-OS|8|allow|cat=TRAFFIC|src=10.0.0.1|dst=203.0.113.9|action=allow|srcBytes=5"
    assert row("CHECKPOINT", line) == {"rejected": "not a Check Point record"}


def test_an_address_of_ipv6_beside_a_url() -> None:
    """Nor is one that begins with a letter, or has one before the first colon, taken for a name."""
    for address in ("2a00:1450::5", "fe80::1"):
        line = PIPES.replace("203.0.113.9", address).replace("|proto", "|resource=https://a.example.com/x|proto")
        found = row("CHECKPOINT", line)
        assert (found["destination_ip"], found["url"]) == (address, "https://a.example.com/x")


def test_names_in_several_columns() -> None:
    """An export has the columns of all its record types, and each record fills only some."""
    head = HEAD.replace("user", "src_user_name;user;dst_domain_name;sni;resource")
    line = ROW.replace("Ann", ";Ann") + ";{};{};"
    for names in (("b.example.com", "c.example.com"), ("", "b.example.com")):
        _, found = rows("CHECKPOINT", [head, line.format(*names)])
        assert (found["user"], found["destination_host"]) == ("alee", "b.example.com")


@pytest.mark.parametrize(
    ("line", "fate"),
    [
        (TEXT.replace("tcp", "icmp"), ("ignored", "ICMP")),
        (PIPES.replace("proto=6", "proto=1"), ("ignored", "ICMP")),
        (PIPES.replace("Firewall", "IPS"), ("ignored", "not a connection or request record")),
        (PIPES.replace("Accept", "Key Install"), ("ignored", "not a connection or request record")),
        (PIPES.replace("|src=10.0.0.1", ""), ("ignored", "no traffic record")),
        (TRACKER.replace('"Log"', '"Control"'), ("ignored", "not a connection or request record")),
        (TRACKER.replace('"tcp"', '"icmp"'), ("ignored", "ICMP")),
        (ROW, ("rejected", "not a Check Point record")),
        ("nothing", ("rejected", "not a Check Point record")),
        (
            'RT_FLOW - RT_FLOW_SESSION_CLOSE [junos@2636.1.1.1.2.36 reason="TCP FIN" source-address="10.0.0.1"]',
            ("rejected", "not a Check Point record"),
        ),
    ],
)
def test_what_is_no_transaction(line: str, fate: tuple[str, str]) -> None:
    """Other blades, control records and pings are ignored; malformed lines are rejected with the reason."""
    assert row("CHECKPOINT", line)[fate[0]] == fate[1]


NAME = st.from_regex(r"[a-z][a-z .-]{0,9}x", fullmatch=True)
RECORD = st.fixed_dictionaries(
    {
        "shape": st.sampled_from([TEXT, PIPES, EXPORTED, TRACKER, ROW]), "user": NAME,
        "source": st.ip_addresses(v=4).map(str), "server": st.ip_addresses(v=4).map(str), "blocked": st.booleans(),
    }
)  # fmt: skip


def written(record: dict[str, Any]) -> str:
    line = str(record["shape"]).replace("Ann Lee (alee)", record["user"])
    if record["blocked"]:
        line = line.replace("Accept", "Drop").replace("accept", "drop")
    line = line.replace("10.0.0.1", "<source>").replace("203.0.113.9", "<server>")
    return line.replace("<source>", record["source"]).replace("<server>", record["server"])


@settings(max_examples=25, deadline=None)
@given(st.lists(RECORD, min_size=1, max_size=6))
def test_round_trip(records: list[dict[str, Any]]) -> None:
    """Connections written in any form are read back, also mixed in one file."""
    lines = [written(record) for record in records]
    _, *found = rows("CHECKPOINT", [HEAD, *lines])
    assert [(f["user"], f["source_ip"], f["destination_ip"], f["action"] == "block") for f in found] == [
        (r["user"], r["source"], r["server"], r["blocked"]) for r in records
    ]


def told(loguid: str, sizes: str) -> str:
    return (
        f'<134>1 2025-11-20T12:00:00Z mgmt CheckPoint 1930 - [action:"Accept"; loguid:"{loguid}"; time:"1763640000";'
        f' {sizes}dst:"203.0.113.9"; product:"VPN-1 & FireWall-1"; proto:"6"; service:"443"; src:"10.0.0.1"]'
    )


ID = "{0x5e812cd4,0x1,0x6401a8c0,0x108620ab}"
SOME, MORE = ('sent_bytes:"10"; received_bytes:"200"; ', 'sent_bytes:"30"; received_bytes:"500"; ')


def test_a_connection_that_is_told_again_counts_once() -> None:
    """Log Exporter resends each update of a record with everything known by then, under the same id."""
    another = ID.replace("0x1,", "0x2,")
    lines = [told(ID, ""), told(ID, SOME), told(another, SOME), told(ID, MORE)]
    first, second, other, last = rows("CHECKPOINT", lines)
    assert (first["ignored"], second["ignored"]) == ("told again later", "told again later")
    assert (other["uploaded_bytes"], other["downloaded_bytes"]) == (10, 200)
    assert (last["uploaded_bytes"], last["downloaded_bytes"], last["transactions"]) == (30, 500, 1)


def test_raw_updates_of_a_connection_give_their_bytes() -> None:
    """An exporter that does not unify them writes only what is new, under the id of the connection."""
    update = (
        f'<134>1 2025-11-20T12:00:08Z mgmt CheckPoint 1930 - [action:"Accept"; loguid:"{ID}"; time:"1763640008";'
        ' bytes:"119"; client_inbound_bytes:"70"; client_outbound_bytes:"49"; elapsed:"0"; product:"Log Update"]'
    )
    connection, more = rows("CHECKPOINT", [told(ID, ""), update])
    assert more["ignored"] == "not a connection or request record"
    sizes = [connection[name] for name in ("uploaded_bytes", "downloaded_bytes", "total_bytes", "transactions")]
    assert sizes == [49, 70, 119, 1]


def test_masked_ids_say_nothing() -> None:
    lines = [told("{0x0,0x0,0x0,0x0}", SOME), told("{0x1}", SOME)] * 2
    assert ["ignored" in found for found in rows("CHECKPOINT", lines)] == [False] * 4


OBJECT = (
    '{"action":"Accept","loguid":"{0x5e812cd4,0x1,0x6401a8c0,0x108620ab}","origin":"192.0.2.1","time":"1763640000",'
    '"dst":"203.0.113.9","product":"VPN-1 & FireWall-1","proto":6,"rule_name":"a \\"src:\\"6.6.6.6","service":"443",'
    '"src":"10.0.0.1","src_user_name":"Ann Lee (alee)"}'
)


@pytest.mark.parametrize(
    "header", ["", "<134>1 2025-11-20T10:00:00Z mgmt CheckPoint 1930 - - ", "Nov 20 10:00:00 mgmt "]
)
def test_an_object(header: str) -> None:
    """Log Exporter can write JSON."""
    assert row("CHECKPOINT", header + OBJECT) == FOUND
    assert recognise([header + OBJECT]).source == "CHECKPOINT"


@pytest.mark.parametrize(
    ("loguid", "time"), [('"loguid":"0x5e812cd4,0x1",', '"1763640000"'), ("", "[1763640000,1763640000]")]
)
def test_objects_of_other_exporters(loguid: str, time: str) -> None:
    """Their number of the record has no braces or is missing, and members of several values are lists."""
    tag = '"ifdir":"outbound","rule_action":["Accept","Drop"],"app_desc_":{"_":{"_match_table":["a","b"]}},'
    line = OBJECT.replace('"loguid":"{0x5e812cd4,0x1,0x6401a8c0,0x108620ab}",', loguid + tag)
    line = line.replace('"time":"1763640000"', f'"time":{time}')
    assert recognise([line]).source == "CHECKPOINT"
    assert row("CHECKPOINT", line) == FOUND


def test_objects_among_other_lines() -> None:
    found = rows("CHECKPOINT", [EXPORTED, OBJECT, "{ no object", OBJECT.replace("VPN-1 & FireWall-1", "WEB_API")])
    assert [each.get("ignored") or each.get("rejected") for each in found] == [
        None,
        None,
        "not a Check Point record",
        "not a connection or request record",
    ]


@pytest.mark.parametrize("quote", ['"', ""])
def test_an_export_of_smartconsole(quote: str) -> None:
    """It calls the product a blade."""
    head = "Time,Blade,Action,Type,Interface,Origin,Source,Source User Name,Destination,Service,Description"
    lines = [
        "2025-11-20T12:00:00Z,Firewall,Accept,Connection,eth1,gw,10.0.0.1,Ann Lee (alee),203.0.113.9,https (TCP/443),x",
        "2025-11-20T12:00:00Z,IPS,Prevent,Log,eth1,gw,10.0.0.1,Ann Lee (alee),203.0.113.9,https (TCP/443),x",
    ]
    written = [",".join(f"{quote}{cell}{quote}" for cell in line.split(",")) for line in (head, *lines)]
    _, first, other = rows("CHECKPOINT", written)
    assert first == {"line": 2, **FOUND}
    assert other["ignored"] == "not a connection or request record"
    assert recognise(written).source == "CHECKPOINT"


GATEWAY = (
    'Action="accept" UUid="{0x54ec76ff,0x0,0x9885a8c0,0xc0000000}" rule="1" rule_uid="{37033D07}" service_id="https"'
    ' src="10.0.0.1" dst="203.0.113.9" proto="6" src_user_name="Ann Lee (alee)" xlatesrc="198.51.100.1"'
    ' product="VPN-1 & FireWall-1" service="443" s_port="63316" product_family="Network"'
)


@pytest.mark.parametrize(
    "line",
    [
        f"<85>Nov 20 14:00:00+02:00 192.0.2.1 {GATEWAY}",
        f"<85>Nov 20 07:00:00--5:00 192.0.2.1 {GATEWAY}",
        f"<85>1 2025-11-20T13:00:00+01:00 192.0.2.1 CP-GW - Log [Fields@1.3.6.1.4.1.2620 {GATEWAY}]",
    ],
)
def test_what_a_gateway_sends_itself(line: str) -> None:
    """Its action is capitalised; older releases write no brackets, and the zone after the clock."""
    assert row("CHECKPOINT", line) == FOUND
    assert row("CHECKPOINT", line.replace('"accept"', '"drop"'))["action"] == "block"
    assert row("CHECKPOINT", line.replace("VPN-1 & FireWall-1", "SmartDefense"))["ignored"]
    assert recognise([line]).source == "CHECKPOINT"
