"""Proposals for logs, made without their own parsers."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from opencasb.discovery import recognise
from opencasb.discovery.custom.document import read_document, to_json
from opencasb.discovery.custom.preview import parsed
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.inference.propose import NothingFound, Proposal, propose
from tests.discovery.formats.parsed import RECEIVED, rows
from tests.discovery.formats.test_every_format import LINES
from tests.discovery.inference.logs import LOGS, Log
from tests.discovery.inference.traffic import traffic

CONTEXT: Final = ParseContext(RECEIVED)
COMPARED: Final = (
    "user", "source_ip", "destination_host", "destination_ip", "uploaded_bytes", "downloaded_bytes", "total_bytes",
)  # fmt: skip
LEAST: Final = 0.95

BEYOND: Final = {"sophos-sg": "its parser joins the user with the domain that stands in another field"}
"""Logs for which less is found, and why."""


@cache
def lines_of(name: str) -> list[str]:
    return LOGS[name].lines(traffic())


@cache
def proposed(name: str) -> Proposal:
    """Return the proposal made while our own formats are hidden."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(recognise, "formats", lambda: ())
        return propose(lines_of(name), CONTEXT, "found")


def right(log: Log, lines: list[str], proposal: Proposal) -> float:
    """Return the share of transactions parsed like the appliance's own parser does.

    Additional addresses are allowed.
    """
    truth = [row for row in rows(log.source, lines) if not {"ignored", "rejected"} & set(row)]
    found = {row["line"]: row for row in parsed(proposal.definition, lines, CONTEXT)[1].to_dicts()}
    return sum(_is_same(row, found.get(row["line"], {})) for row in truth) / len(truth)


def _is_same(wanted: dict[str, Any], found: dict[str, Any]) -> bool:
    checked = [name for name in COMPARED if name != "destination_ip" or name in wanted]
    return bool(found) and all(found[name] == wanted.get(name) for name in checked)


@pytest.mark.parametrize("name", [name for name in LOGS if name not in BEYOND])
def test_what_matters_is_found(name: str) -> None:
    """Users, addresses, hosts and bytes in at least 95 % of the lines agree with the appliance's parser."""
    assert right(LOGS[name], lines_of(name), proposed(name)) >= LEAST


@pytest.mark.parametrize("name", LOGS)
def test_a_proposal_loads(name: str) -> None:
    """A proposal's document is an equivalent definition, and its preview is that of its lines."""
    found = proposed(name)
    assert read_document(found.document) == found.definition
    assert read_document(to_json(found.definition)) == found.definition
    assert found.preview.fits >= LEAST
    assert 0.3 < found.plausibility <= 1


@pytest.mark.parametrize("name", ["fortigate", "cef", "json", "websense-report", "zscaler"])
def test_blocks_are_found(name: str) -> None:
    """Denied requests are distinguished from allowed ones."""
    requests = traffic()
    lines = LOGS[name].lines(requests)
    found = {row["line"]: row["action"] for row in parsed(proposed(name).definition, lines, CONTEXT)[1].to_dicts()}
    first = len(lines) - len(requests) + 1
    wanted = {first + at: "block" if each.blocked else "allow" for at, each in enumerate(requests)}
    assert found == wanted


def test_json_is_found() -> None:
    """Nested members are found by their paths."""
    definition = proposed("json").definition
    assert (definition.kind, definition.fields.source_ip, definition.fields.url) == ("json", "client.ip", "http.url")
    assert definition.fields.user == "username"
    assert (definition.fields.uploaded_bytes, definition.fields.downloaded_bytes) == ("bytes_out", "bytes_in")


def test_syslog_headers_change_nothing() -> None:
    """A log sent through a relay is parsed like the file, and its time may come from the header."""
    lines = [f"<134>Nov 20 10:20:30 relay {line}" for line in lines_of("fortigate")]
    assert right(LOGS["fortigate"], lines_of("fortigate"), propose(lines, CONTEXT)) >= LEAST


@pytest.mark.parametrize("name", ["fortigate", "zscaler", "websense-report"])
def test_objects_of_collectors_change_nothing(name: str) -> None:
    """Fluent Bit and others wrap each line in a JSON object."""
    lines = [
        json.dumps({"log": f"{line}\n", "stream": "stdout", "time": "2025-11-20T12:00:00Z"}) for line in lines_of(name)
    ]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(recognise, "formats", lambda: ())
        proposal = propose(lines, CONTEXT)
    assert proposal.definition.kind == proposed(name).definition.kind
    found = {row["line"]: row for row in parsed(proposal.definition, lines, CONTEXT)[1].to_dicts()}
    wanted = {row["line"]: row for row in parsed(proposed(name).definition, lines_of(name), CONTEXT)[1].to_dicts()}
    assert [[row[key] for key in COMPARED] for row in found.values()] == [
        [row[key] for key in COMPARED] for row in wanted.values()
    ]


@pytest.mark.parametrize("order", ["{seen},{server},{client}", "{server},{seen},{client}", "{client},{seen},{server}"])
def test_the_address_that_clients_are_seen_by_is_no_server(order: str) -> None:
    """An export of a cloud proxy without a header row has both; the host identifies one, the client the other."""
    requests = traffic()
    lines = [
        f'"{r.at("%d/%m/%Y")}","{r.at("%H:%M:%S")}","{r.user}@corp.example","Web,Trusted","Allowed","{r.url}",'
        + order.format(seen=f'"198.51.100.{int(r.ip[-1]) + 60}"', server=f'"{r.server}"', client=f'"{r.ip}"')
        for r in requests
    ]
    found = parsed(propose(lines, CONTEXT).definition, lines, CONTEXT)[1]
    assert found["destination_ip"].to_list() == [r.server for r in requests]
    assert found["source_ip"].to_list() == [r.ip for r in requests]
    assert found["user"].to_list() == [f"{r.user}@corp.example" for r in requests]


def test_people_may_go_by_a_display_name() -> None:
    lines = [json.dumps({"display_name": r.user, "source_ip": r.ip, "url": r.url}) for r in traffic()]
    assert propose(lines, CONTEXT).definition.fields.user == "display_name"


def test_missing_values_are_told_with_what_to_configure() -> None:
    """A log without request sizes gets a warning, and the appliance's configuration line that adds them."""
    found = proposed("squid")
    assert "no field has the bytes that clients send: uploads cannot be measured" in found.warnings
    (advice,) = found.advice
    assert advice.appliance == "Squid"
    assert "%>st" in advice.line
    assert not proposed("w3c").advice


def test_local_times_are_warned_of() -> None:
    """Times without a zone and ambiguous dates give warnings."""
    lines = [f"0{n}/0{n}/2025 11:00:00,10.0.0.{n},bob{n},files{n}.example.com,{n}0" for n in range(1, 10)]
    told = propose(["when,client ip,user,host,bytes sent", *lines], CONTEXT).warnings
    assert any(text.startswith("times have no zone") for text in told)
    assert any(text.startswith("days and months") for text in told)


@pytest.mark.parametrize("lines", [[], [""], [" " * 9_000 + "x"], ["nothing to see here"] * 9, ["a=1 b=2 c=3"] * 9])
def test_nothing_is_said_of_what_is_no_traffic(lines: list[str]) -> None:
    """A log without clients or destinations is rejected with the reason."""
    with pytest.raises(NothingFound, match=r"no lines|client's address"):
        propose(lines, CONTEXT)


@pytest.mark.parametrize("opening", ["[", '{"records":['])
def test_how_to_get_records_out_of_an_array_is_told(opening: str) -> None:
    """Downloads from cloud consoles are a single JSON value."""
    record = '{"src": "10.0.0.1", "host": "files.example.com"}'
    with pytest.raises(NothingFound, match="jq -c"):
        propose([opening + ", ".join([record] * 20) + "]" + "}" * (len(opening) > 1)], CONTEXT)


@settings(max_examples=40, deadline=None)
@example(lines=["#Fields: date time c-ip cs-host time c-ip", "2025-11-20 10:20:30 10.0.0.1 box.com 10:20:30 10.0.0.1"])
@given(LINES | st.lists(st.binary(max_size=60).map(lambda raw: raw.decode("utf-8", "replace")), max_size=12))
def test_any_lines_are_read_without_an_exception(lines: list[str]) -> None:
    """Any lines give a proposal that loads, or one specific error."""
    try:
        found = propose(lines, CONTEXT)
    except NothingFound:
        return
    assert read_document(found.document) == found.definition


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(name=st.sampled_from(sorted(LOGS)), data=st.data())
def test_damage_raises_nothing(name: str, data: st.DataObject) -> None:
    """A log with lines cut, duplicated and changed anywhere still gives a proposal or that error."""
    lines = [list(line) for line in lines_of(name)[:12]]
    for _ in range(data.draw(st.integers(1, 12))):
        line = data.draw(st.sampled_from(lines))
        if line:
            line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.characters())
    try:
        propose(["".join(line) for line in lines], CONTEXT)
    except NothingFound:
        return


@pytest.mark.parametrize("key", ["u", "who"])
def test_a_user_may_have_a_short_key(key: str) -> None:
    lines = [
        f'h=10.0.0.{n % 5} {key}="ann{n % 5}" s=200 in=1{n} out=2{n} dom="files{n % 3}.example.com"' for n in range(40)
    ]
    assert propose(lines, CONTEXT).definition.fields.user == key
