"""Logs that are not written by appliances: those of servers and of passive observers, and exports for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any, Final

import pytest

from opencasb.discovery.custom.preview import parsed
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.inference.propose import Proposal, propose
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.inference.traffic import Request, traffic

CONTEXT: Final = ParseContext(RECEIVED)
SIZES: Final = ("uploaded_bytes", "downloaded_bytes")


def as_json(made: Callable[[Request], dict[str, Any]]) -> list[str]:
    return [json.dumps(made(request)) for request in traffic()]


def zeek(request: Request) -> dict[str, Any]:
    """Return a record of ``conn.log``, each with another number."""
    return {
        "ts": request.epoch, "uid": f"C{'abcdefghij'[request.n % 10]}{request.n}x", "id.orig_h": request.ip,
        "id.orig_p": request.sport, "id.resp_h": request.server, "id.resp_p": 443, "proto": "tcp",
        "orig_bytes": request.sent, "resp_bytes": request.received, "missed_bytes": 0,
    }  # fmt: skip


def zeek_lines() -> list[str]:
    """Return a file of Zeek in its default format."""
    records = [zeek(request) for request in traffic()]
    head = ["#separator \\x09", "#unset_field\t-", "#path\tconn", "#fields\t" + "\t".join(records[0]), "#types\ttime"]
    return [*head, *("\t".join(map(str, record.values())) for record in records), "#close\t2025-11-20-09-00-00"]


SERVERS: Final[dict[str, Callable[[], list[str]]]] = {
    "nginx": lambda: as_json(lambda r: {
        "time": r.at("%Y-%m-%dT%H:%M:%S+00:00"), "remote_addr": r.ip, "request": f"{r.method} {r.path} HTTP/1.1",
        "http_host": r.host, "body_bytes_sent": str(r.received), "request_length": str(r.sent),
    }),
    "envoy": lambda: as_json(lambda r: {
        "start_time": r.at("%Y-%m-%dT%H:%M:%S.000Z"), "authority": r.host, "path": r.path, "bytes_received": r.sent,
        "bytes_sent": r.received, "downstream_local_address": "10.9.9.9:8443",
        "downstream_remote_address": f"{r.ip}:{r.sport}", "upstream_host": f"{r.server}:443",
    }),
    "caddy": lambda: as_json(lambda r: {
        "ts": r.epoch, "request": {"remote_ip": r.ip, "client_ip": r.ip, "host": r.host, "uri": r.path},
        "bytes_read": r.sent, "size": r.received,
    }),
    "netskope": lambda: as_json(lambda r: {
        "timestamp": r.epoch, "userip": r.ip, "domain": r.host, "url": r.host + r.path, "client_bytes": r.sent,
        "server_bytes": r.received, "numbytes": r.sent + r.received,
    }),
    "traefik": lambda: as_json(lambda r: {
        "StartUTC": r.at("%Y-%m-%dT%H:%M:%SZ"), "ClientHost": r.ip, "RequestHost": r.host, "RequestPath": r.path,
        "RequestContentSize": r.sent, "DownstreamContentSize": r.received, "OriginContentSize": r.received,
    }),
    "zeek": lambda: as_json(zeek),
    "zeek with tabs": zeek_lines,
    "French": lambda: [
        "Date;Heure;Utilisateur;Adresse source;Site;Octets envoyés;Octets reçus;Décision",
        *(f"{r.at('%d/%m/%Y;%H:%M:%S')};{r.user};{r.ip};{r.host};{r.sent};{r.received};Autorisé" for r in traffic()),
    ],
    "German": lambda: [
        "Zeitpunkt;Benutzer;Quell-IP;Ziel;Gesendet;Empfangen;Aktion",
        *(f"{r.at('%d.%m.%Y %H:%M:%S')};{r.user};{r.ip};{r.host};{r.sent};{r.received};erlaubt" for r in traffic()),
    ],
}  # fmt: skip


def read(lines: list[str]) -> tuple[Proposal, list[dict[str, Any]]]:
    """Return the proposal for a log, and the transactions that it parses."""
    proposal = propose(lines, CONTEXT)
    return proposal, parsed(proposal.definition, lines, CONTEXT)[1].to_dicts()


@pytest.mark.parametrize("name", SERVERS)
def test_who_asked_whom_for_how_much(name: str) -> None:
    """The client made the request; what a server sends is received by its client; the total is nothing else."""
    _, found = read(SERVERS[name]())
    requests = traffic()
    assert [row["source_ip"] for row in found] == [request.ip for request in requests]
    assert [row["uploaded_bytes"] for row in found] == [request.sent for request in requests]
    assert [row["downloaded_bytes"] for row in found] == [request.received for request in requests]
    assert [row["total_bytes"] for row in found] == [request.sent + request.received for request in requests]
    assert [row["timestamp"] for row in found] == [request.epoch * 1000 for request in requests]


@pytest.mark.parametrize("name", ["French", "German"])
def test_lines_that_came_without_their_header_row_are_read(name: str) -> None:
    """A syslog sender writes the header row once, and lines are parsed in batches; one with other columns applies."""
    lines = SERVERS[name]()
    definition = propose(lines, CONTEXT).definition
    wanted = parsed(definition, lines, CONTEXT)[1].drop("line")
    assert parsed(definition, lines[1:], CONTEXT)[1].drop("line").equals(wanted)
    turned = [";".join(reversed(line.split(";"))) for line in lines]
    assert parsed(definition, turned, CONTEXT)[1].drop("line").equals(wanted)


@pytest.mark.parametrize("name", ["zeek", "zeek with tabs", "caddy", "envoy"])
def test_a_number_of_the_line_is_nobody(name: str) -> None:
    """The client is not its own destination either."""
    proposal, found = read(SERVERS[name]())
    assert proposal.definition.fields.user is None
    assert all(row["destination_ip"] != row["source_ip"] for row in found)


def test_a_host_may_stand_in_one_of_two_places() -> None:
    """As in Suricata's TLS and HTTP records; others have only an address."""
    lines = as_json(lambda r: {
        "timestamp": r.at("%Y-%m-%dT%H:%M:%S.000000+0000"), "src_ip": r.ip, "dest_ip": r.server,
        **({"tls": {"sni": r.host}} if r.n % 3 else {"http": {"hostname": r.host, "url": r.path}}),
    })  # fmt: skip
    proposal, found = read(lines)
    assert proposal.definition.fields.destination_host == ["tls.sni", "http.hostname"]
    assert [row["destination_host"] for row in found] == [request.host for request in traffic()]


def test_a_browser_is_nobody() -> None:
    """It is not a user even if it resembles a name and a login."""
    lines = as_json(lambda r: {
        "timestamp": r.at("%Y-%m-%dT%H:%M:%S.000000+0000"), "src_ip": r.ip, "hostname": r.host,
        "http_user_agent": f"Debian APT-HTTP/1.3 (1.6.{r.ip[-1]})",
    })  # fmt: skip
    assert read(lines)[0].definition.fields.user is None


def test_a_server_alone_tells_what_it_sends() -> None:
    """As nginx by default, which does not log request sizes."""
    lines = as_json(lambda r: {
        "time": r.at("%Y-%m-%dT%H:%M:%S+00:00"), "remote_addr": r.ip, "http_host": r.host, "request_uri": r.path,
        "bytes_sent": r.received,
    })  # fmt: skip
    proposal, _ = read(lines)
    assert (proposal.definition.fields.uploaded_bytes, proposal.definition.fields.downloaded_bytes) == (
        None, "bytes_sent",
    )  # fmt: skip
    assert any("servers and proxies" in warning for warning in proposal.warnings)


def test_numbers_of_packets_and_rules_are_neither_sizes_nor_times() -> None:
    """In pfSense's filter log, rule ids are their creation times in seconds, and packets have 32-bit numbers."""
    random = Random(5)  # noqa: S311 -- not for secrets
    lines = [
        f"<134>{r.at('%b %d %H:%M:%S')} filterlog[72237]: 146,,,{random.choice((1535324496, 1541234567))},igb1,match,"
        f"{'block' if r.blocked else 'pass'},in,4,0x0,,63,{r.n},0,DF,6,tcp,60,{r.ip},{r.server},{r.sport},443,0,S,"
        f"{random.getrandbits(32)},,64240,,mss"
        for r in traffic()
    ]
    proposal, found = read(lines)
    assert proposal.definition.time is None  # the header's time
    assert [row["timestamp"] for row in found] == [request.epoch * 1000 for request in traffic()]
    assert {row["total_bytes"] for row in found} == {None}
    assert [row["action"] == "block" for row in found] == [request.blocked for request in traffic()]


def test_what_refuses_in_another_language_blocks() -> None:
    lines = SERVERS["French"]()
    lines[5] = lines[5].replace("Autorisé", "Refusé")
    assert [row["action"] for row in read(lines)[1]].count("block") == 1


@pytest.mark.parametrize(
    "prefix",
    ["[UFW {BLOCK|ALLOW}] ", "[WAN_OUT-2000-{D|A}]", "{Denied|Accepted} by rule 7: "],
    ids=["word", "letter", "end"],
)
def test_a_packet_filter_has_its_verdict_before_the_pairs(prefix: str) -> None:
    """Without it, all blocked traffic was counted as used."""
    start, _, rest = prefix.partition("{")
    (blocked, allowed), end = rest.partition("}")[0].split("|"), rest.partition("}")[2]
    lines = [
        f"{r.at('%b %d %H:%M:%S')} gw kernel: {start}{blocked if r.blocked else allowed}{end}IN=br0 OUT=eth2 "
        f"SRC={r.ip} DST={r.server} LEN=60 TOS=0x00 PROTO=TCP SPT={r.sport} DPT=443"
        for r in traffic()
    ]
    assert [row["action"] == "block" for row in read(lines)[1]] == [request.blocked for request in traffic()]


def test_answers_among_requests_are_warned_of() -> None:
    """As with dnsmasq, which logs upstream servers and answers in the client's place."""
    lines = []
    for r in traffic():
        lines.append(f"{r.at('%b %d %H:%M:%S')} gw dnsmasq[812]: query[A] {r.host} from {r.ip}")
        lines.append(f"{r.at('%b %d %H:%M:%S')} gw dnsmasq[812]: reply {r.host} is {r.server}")
    assert any(warning.startswith("50% of the clients are outside") for warning in read(lines)[0].warnings)
    assert not any("outside" in warning for warning in read(SERVERS["nginx"]())[0].warnings)
