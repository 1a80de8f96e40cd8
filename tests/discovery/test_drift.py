"""The drift alarm: silent for normal variation, once for each change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise
from random import Random

import polars as pl
import pytest

from opencasb.discovery.drift import Baseline, Change, detect
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.line_shape import WINDOW, LineShape, shape_of
from opencasb.discovery.recognise import format_of
from tests.conftest import NOW

WITHIN = 2 * WINDOW
"""Lines within which a change must be reported."""

Line = Callable[[Random], str]


def squid(choose: Random) -> str:
    """Return a proxy line with varying users, addresses, sizes and paths."""
    size = choose.randrange(10**7)
    host = f"www{choose.randrange(300)}.example{choose.randrange(20)}.com"
    request = f"CONNECT {host}:443" if choose.random() < 0.6 else f"GET http://{host}/a,b;c?d={size}&e=f|g"
    user = f"user{choose.randrange(900)}" if choose.random() < 0.7 else "-"
    head = f"{NOW // 1000}.{size % 1000:03d} {size % 90000:6d} 10.0.{size % 9}.7 TCP_MISS/200 {size}"
    return f"{head} {request} {user} DIRECT/192.0.2.7 -"


def fortigate(choose: Random) -> str:
    """Return a firewall line whose pairs depend on the event."""
    pairs = [
        'date=2025-11-20 time=11:00:00 devname="fw1" devid="FG1" logid="0000000013" type="traffic" subtype="forward"',
        f"level=notice srcip=10.0.0.{choose.randrange(250)} srcport=5 dstip=192.0.2.{choose.randrange(250)}",
        "dstport=443",
        "action=close policyid=1 proto=6",
        f"sentbyte={choose.randrange(10**6)} rcvdbyte={choose.randrange(10**6)}",
    ]
    more = ['user="ana"', 'hostname="www.example.com"', "duration=7", 'app="x, y; z"', "vpntype=a vpn=b", "craction=4"]
    return " ".join([*pairs, *(each for each in more if choose.random() < 0.5)])


def palo_alto(choose: Random) -> str:
    """Return a firewall line in columns: two kinds of records, of which only one occurs at night."""
    day = "2025/11/20 11:00:00"
    address = f"10.0.0.{choose.randrange(250)}"
    head = f"1,{day},001801000000,TRAFFIC,end,1,{day},{address},192.0.2.9,0.0.0.0,0.0.0.0,rule"
    user = f"corp\\user{choose.randrange(50)}" if choose.random() < 0.3 else ""
    sizes = choose.randrange(10**6)
    return (
        f"{head},{user},,ssl,vsys1,trust,untrust,e1,e2,fwd,{day},7,1,{sizes % 60000},443,0,0,0x0,tcp,allow,"
        f"{2 * sizes},{sizes},{sizes},9,{day},30,any,0,1,0x0,10.0.0.0-10.255.255.255,US,0,4,5,tcp-fin"
    )


GENERATORS: dict[str, Line] = {"SQUID_NATIVE": squid, "FORTIGATE": fortigate, "PALO_ALTO": palo_alto}


def shapes(source: str, *batches: Sequence[str]) -> list[LineShape]:
    """Return the shape of each batch, parsed together for speed."""
    texts = [line for batch in batches for line in batch]
    lines = pl.DataFrame({"text": texts}).select(pl.int_range(1, pl.len() + 1).alias("line"), "text")
    parser = format_of(source).open(ParseContext(received_at=NOW, want_url=False))
    rows = pl.concat([parser.end(parser.begin(lines)()), parser.finish()])
    ends = [*accumulate(len(batch) for batch in batches)]
    within = [pl.col("line").is_between(*cut, closed="right") for cut in pairwise([0, *ends])]
    return [shape_of(lines.filter(own), rows.filter(own)) for own in within]


def batches(choose: Random, line: Line, count: int) -> Iterator[list[str]]:
    """Yield batches of all sizes, with occasional broken lines, and varying mixtures over the day."""
    for number in range(count):
        size = choose.choice([1, 7, 60, 300, 800])
        made = [line(choose) for _ in range(size)]
        yield [each[:20] if choose.random() < 0.004 * (number % 3) else each for each in made]


def like(lines: Sequence[str]) -> str:
    """Recognise nothing."""
    del lines
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("source", sorted(GENERATORS))
def test_lines_that_vary_raise_no_alarm(source: str) -> None:
    """A thousand seeded batches, of three kinds of logs."""
    baseline, choose = Baseline(), Random(20251120)  # noqa: S311 -- seeded
    assert detect(baseline, shapes(source, *batches(choose, GENERATORS[source], 334)), like) == []
    assert baseline.usual.lines > 10 * WINDOW


def without_users(line: str) -> str:
    """Return a Squid line without a user."""
    parts = line.split(" ")
    return " ".join([*parts[:-3], "-", *parts[-2:]])


CHANGES: dict[str, tuple[str, Callable[[str], str], str]] = {
    "a column more": ("PALO_ALTO", lambda line: line + ",new", "field count"),
    "columns less": ("PALO_ALTO", lambda line: ",".join(line.split(",")[:-3]), "field count"),
    "a column of blanks more": ("SQUID_NATIVE", lambda line: line + " new", "field count"),
    "no users": ("SQUID_NATIVE", without_users, "empty field"),
    "no sizes": ("FORTIGATE", lambda line: line.replace("sentbyte", "x").replace("rcvdbyte", "y"), "empty field"),
    "cut lines": ("SQUID_NATIVE", lambda line: line[:30], "rejected lines"),
    "another log": ("SQUID_NATIVE", lambda line: f"CEF:0|a|b|c|d|{line}", "rejected lines"),
}


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_each_change_raises_one_alarm(name: str) -> None:
    """Soon, with lines from before and after it; then the new shape is normal, and reverting is another change."""
    source, change, kind = CHANGES[name]
    baseline, choose = Baseline(), Random(7)  # noqa: S311 -- seeded
    assert detect(baseline, shapes(source, *batches(choose, GENERATORS[source], 20)), like) == []
    told: list[tuple[int, Change]] = []
    lines = 0
    changed = [[change(line) for line in batch] for batch in batches(choose, GENERATORS[source], 40)]
    for batch, shape in zip(changed, shapes(source, *changed), strict=True):
        told += [(lines, each) for each in detect(baseline, [shape], like)]
        lines += len(batch)
    assert [each.kind for _, each in told] == [kind], told
    before, found = told[0]
    assert before < WITHIN, "lines before the batch in which it is told"
    assert found.before
    assert found.after
    assert not set(found.before) & set(found.after)
    assert all(len(line) <= 500 for line in [*found.before, *found.after])
    assert len(detect(baseline, shapes(source, *batches(choose, GENERATORS[source], 40)), like)) <= 1


def test_a_change_of_some_appliances_is_told_when_it_lasts() -> None:
    """A third of the lines may be one batch of a rare kind; if it recurs it is a change, reported once."""
    baseline, choose = Baseline(), Random(3)  # noqa: S311 -- seeded

    def mixed() -> list[str]:
        return [palo_alto(choose) + (",new" if choose.random() < 0.33 else "") for _ in range(WINDOW)]

    usual = [*batches(choose, palo_alto, 20)]
    assert detect(baseline, shapes("PALO_ALTO", *usual, mixed(), *usual), like) == []
    changes = detect(baseline, shapes("PALO_ALTO", *(mixed() for _ in range(10))), like)
    assert [each.kind for each in changes] == ["field count"]


def test_another_format_is_named() -> None:
    """By its format now and before."""
    baseline, choose = Baseline(), Random(1)  # noqa: S311 -- seeded
    detect(baseline, shapes("SQUID_NATIVE", [squid(choose) for _ in range(WITHIN)]), lambda _: "SQUID_NATIVE")
    detect(baseline, shapes("SQUID_NATIVE", [squid(choose) for _ in range(WITHIN)]), lambda _: "SQUID_NATIVE")
    (change,) = detect(baseline, shapes("SQUID_NATIVE", ["CEF:0|a|b|c|d|e|f|src=1"] * WITHIN), lambda _: "GENERIC_CEF")
    assert change.kind == "format"
    assert change.text.startswith(
        "lines look like GENERIC_CEF, no longer like SQUID_NATIVE; 100% of lines cannot be read"
    )
