"""Logs with lines in several formats, and logs with a wrong source type."""

from __future__ import annotations

import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.logfile import LogFile
from opencasb.discovery.other_formats import LEAST_LINES, LEAST_PURE, LOOKED_FOR
from opencasb.discovery.parsing import LineParser, ParsedLog
from opencasb.discovery.recognise import Recognition, format_of
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.logs import parsed

CONTEXT = ParseContext(RECEIVED)
NUMBER = 60


def native(number: int) -> str:
    """Return a line in Squid's native format."""
    time, url = 1_763_640_000 + number, f"http://s{number}.example/"
    return f"{time}.642 161 10.0.0.1 TCP_MISS/200 1037 GET {url} - DIRECT/- text/html"


def fortigate(number: int) -> str:
    """Return a FortiGate line with a syslog header."""
    return (
        f'<189>date=2025-11-20 time=11:00:00 devname="fw" devid="FG1" logid="0000000013" type="traffic"'
        f' subtype="forward" level="notice" srcip=10.0.0.2 dstip=203.0.113.9 dstport=443 action="close"'
        f' hostname="f{number}.example" sentbyte=10 rcvdbyte=20'
    )


def w3c(number: int) -> str:
    """Return a line below :data:`HEAD`."""
    return f"2025-11-20 11:00:00 10.0.0.3 w{number}.example 200 30 40"


HEAD = "#Fields: date time c-ip cs-host sc-status sc-bytes cs-bytes"
SQUID, FORTIGATE = [native(n) for n in range(NUMBER)], [fortigate(n) for n in range(NUMBER)]
CEF = [f"CEF:0|Ex|Gw|1|100|web|3|src=10.0.0.4 dhost=c{n}.example act=allow" for n in range(NUMBER)]
W3C = [HEAD, *(w3c(n) for n in range(NUMBER))]


class Trickle(io.BytesIO):
    """A stream that returns a few KiB at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most ``size`` of the next bytes."""
        return super().read(4096 if size is None or size < 0 else min(size, 4096))


def hosts(rows: pl.DataFrame) -> list[str]:
    """Return the hosts of transactions, sorted."""
    used = rows.filter(pl.col("rejected").is_null() & pl.col("ignored").is_null())
    return sorted(used["destination_host"])


def whole(log: ParsedLog) -> bool:
    """Return whether every line was counted once."""
    counts = log.counts
    return counts.used + counts.ignored.total() + counts.rejected.total() == counts.read


def test_formats_one_after_the_other() -> None:
    """As in concatenated files, or several in one archive, with the header lines of a format."""
    rows, log = parsed(*SQUID, *FORTIGATE, *W3C)
    names = [f"{letter}{number}.example" for letter in "sfw" for number in range(NUMBER)]
    assert hosts(rows) == sorted(names)
    assert log.counts.used == len(names)
    assert whole(log)
    assert log.mismatch() is None
    assert log.remark == (
        "the log has lines of other formats: 60 of GENERIC_W3C, 60 of FORTIGATE_SYSLOG, beside 60 of SQUID_NATIVE"
    )


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(0, 30))
def test_formats_mixed_line_by_line(random: object, noise: int) -> None:
    """In any order, with noise: every line is parsed as in a log of its own."""
    lines = [*SQUID, *FORTIGATE, *[f"noise {number}" for number in range(noise)]]
    random.shuffle(lines)  # type: ignore[attr-defined]  # a source of chance
    rows, log = parsed(*lines)
    assert hosts(rows) == sorted(f"{letter}{number}.example" for letter in "sf" for number in range(NUMBER))
    assert log.counts.rejected.total() == noise
    assert whole(log)


FIREWALLS = {
    "CISCO_ASA": "<166>Nov 20 11:00:00 asa : %ASA-6-302014: Teardown TCP connection {0} for outside:203.0.113.9/443 to"
    " inside:10.0.0.4/5{0} duration 0:00:01 bytes 99 TCP FINs",
    "JUNIPER_SRX_SYSLOG": "<14>Nov 20 11:00:00 srx RT_FLOW: RT_FLOW_SESSION_CLOSE: session closed TCP FIN:"
    " 10.0.0.5/5{0}->203.0.113.9/443 None None 6 out trust untrust {0} 1(30) 1(40) 5",
    "SONICWALL_SYSLOG": '<134>id=firewall sn=1 time="2025-11-20 11:00:00" fw=198.51.100.1 pri=6 c=1024 m=537'
    ' msg="Connection Closed" n={0} src=10.0.0.6:5{0}:X0 dst=203.0.113.9:443:X1 proto=tcp/https sent=3 rcvd=4',
    "STORMSHIELD_SYSLOG": 'id=firewall time="2025-11-20 11:00:00" fw="SN1" tz=+0000 src=10.0.0.7 srcport=5{0}'
    ' dst=203.0.113.9 dstport=443 sent=3 rcvd=4 action=pass logtype="connection"',
    "PALO_ALTO": "1,2025/11/20 11:00:00,7,TRAFFIC,end,1,2025/11/20 11:00:00,10.0.0.8,203.0.113.9,,,out,,,ssl,vsys1,"
    "a,b,c,d,e,2025/11/20 11:00:00,{0},1,5{0},443,0,0,0x0,tcp,allow,7,3,4",
}


@pytest.mark.parametrize("number", [10, NUMBER])
@settings(max_examples=5)
@given(st.randoms(use_true_random=False))
def test_one_file_of_a_collector_with_many_vendors(number: int, random: object) -> None:
    """The log is recognised though each vendor has a small share of it."""
    lines = [line.format(100 + n) for line in FIREWALLS.values() for n in range(number)] + FORTIGATE[:number]
    random.shuffle(lines)  # type: ignore[attr-defined]  # a source of chance
    rows, log = parsed(*lines, source=None)
    assert log.counts.used == len(lines)
    assert set(rows["source_ip"]) == {"10.0.0.2", *(f"10.0.0.{n}" for n in range(4, 9))}
    assert log.source.removesuffix("_SYSLOG") in {name.removesuffix("_SYSLOG") for name in [*FIREWALLS, "FORTIGATE"]}


def test_many_ignored_lines_hide_no_other_format() -> None:
    events = [line.replace("traffic", "event") for line in FORTIGATE * 5]
    rows, log = parsed(*FORTIGATE, *events, *SQUID, source=None)
    assert hosts(rows) == sorted([f"f{n}.example" for n in range(NUMBER)] + [f"s{n}.example" for n in range(NUMBER)])
    assert whole(log)
    assert log.counts.ignored.total() == len(events)


LEEF = [f"LEEF:1.0|Ex|Gw|1|web|src=10.0.0.4\tdst=203.0.113.9\turl=http://c{n}.example/" for n in range(NUMBER)]


@pytest.mark.parametrize("size", [25, 30, NUMBER])
@pytest.mark.parametrize(("source", "lines"), [("WEBSENSE_SIEM_CEF_SYSLOG", CEF), ("FORCEPOINT_LEEF_SYSLOG", LEEF)])
def test_a_record_held_back_is_offered_too(source: str, lines: list[str], size: int) -> None:
    """A parser that joins lines reads the last one of a batch with the next batch, and that of the log at its end."""
    parser = LineParser(format_of(source), CONTEXT)
    parts = [parser.feed(lines[start : start + size]) for start in range(0, NUMBER, size)]
    rows = pl.concat([*parts, parser.finish()])
    assert hosts(rows) == sorted(f"c{n}.example" for n in range(NUMBER))
    assert (parser.counts.used, parser.counts.rejected.total()) == (NUMBER, 0)


def test_a_rejected_record_at_the_end_is_shown() -> None:
    """Its text is among the samples."""
    parser = LineParser(format_of("WEBSENSE_SIEM_CEF_SYSLOG"), CONTEXT)
    parser.feed([CEF[0]])
    parser.finish()
    assert [(sample.line, sample.text) for sample in parser.counts.samples] == [(1, CEF[0])]


def test_lines_that_were_counted_do_not_come_back() -> None:
    """A line ignored by the log's own parser may wait for its session in another one, but counts once."""
    web = '<14>1 2025-11-20T11:00:00Z srx RT_UTM - WEBFILTER_URL_PERMITTED [junos@2636 source-address="10.0.0.5"'
    web += ' source-port="{0}" destination-address="203.0.113.9" destination-port="80" url="w.example" obj="/"]'
    flow = (
        "<14>Nov 20 11:00:00 srx RT_FLOW: RT_FLOW_SESSION_CLOSE: session closed TCP FIN: 10.0.0.6/{0}->203.0.113.9/443"
    )
    flow += " None None 6 out trust untrust {0} 1(30) 1(40) 5"
    frame, log = parsed(*(line.format(n) for n in range(1, NUMBER) for line in (web, flow)), source="WANDERA_SYSLOG")
    assert frame["line"].is_unique().all()
    assert log.counts.used + log.counts.ignored.total() + log.counts.rejected.total() == log.counts.read == frame.height


def test_a_wrong_name_is_told_and_the_log_parsed() -> None:
    """It is parsed in the detected format if nothing fits the given one."""
    rows, log = parsed(*FORTIGATE)
    assert len(hosts(rows)) == NUMBER
    assert log.mismatch() is None
    assert log.remark == "this looks like FORTIGATE_SYSLOG and was parsed as that, not as SQUID_NATIVE"


@pytest.mark.parametrize(
    "lines",
    [
        [*SQUID, *FORTIGATE[: LEAST_PURE - 1]],
        [*SQUID, *FORTIGATE[: LEAST_LINES - 1], *[f"noise {number}" for number in range(NUMBER)]],
        [*SQUID, *CEF[: LEAST_LINES - 1]],
        [*SQUID, *[f"noise {number}" for number in range(NUMBER)]],
    ],
)
def test_no_guess_without_proof(lines: list[str]) -> None:
    """For few lines, or noise, what the given format rejects stays rejected."""
    _, log = parsed(*lines)
    assert log.counts.used == NUMBER
    assert log.counts.rejected.total() == len(lines) - NUMBER
    assert log.remark is None
    assert whole(log)


def test_a_few_lines_are_enough_where_all_are_of_one_vendor() -> None:
    """They suffice if nothing else is rejected."""
    rows, log = parsed(*SQUID, *FORTIGATE[:LEAST_PURE])
    assert len(hosts(rows)) == NUMBER + LEAST_PURE
    assert log.remark == "the log has lines of other formats: 5 of FORTIGATE_SYSLOG, beside 60 of SQUID_NATIVE"
    assert whole(log)


def test_noise_is_not_looked_at_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some unsuccessful batches, the rest is rejected without detection."""
    asked: list[int] = []

    def candidates(lines: list[str]) -> list[Recognition]:
        asked.append(len(lines))
        return []

    monkeypatch.setattr("opencasb.discovery.other_formats.candidates", candidates)
    content = "".join(f"{line}\n" for line in [*SQUID, *[f"noise {number}" for number in range(20_000)]]).encode()
    list(ParsedLog(LogFile(Trickle(content), batch_bytes=4096), CONTEXT, "SQUID_NATIVE").frames())
    assert len(asked) == 2 * LOOKED_FOR  # with and without the ignored lines
