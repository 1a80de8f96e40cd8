"""The demo company's proxy log."""

from __future__ import annotations

import csv
import ipaddress
import itertools
from collections import Counter
from datetime import UTC, datetime

import pytest

from opencasb.discovery import demo
from opencasb.discovery.demo_log import FIELDS
from tests.conftest import NOW

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo-log")]  # the log takes seconds: one worker makes it

Row = dict[str, str]


def rows_of(lines: list[str]) -> list[Row]:
    """Return the records of a log by field name; every record has every field."""
    records = list(csv.reader((line for line in lines if not line.startswith("#")), delimiter=" "))
    names = FIELDS.split()
    assert {len(record) for record in records} == {len(names)}
    return [dict(zip(names, record, strict=True)) for record in records]


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """Return the log as ``opencasb demo`` makes it."""
    return list(demo.lines(1, NOW))


@pytest.fixture(scope="module")
def rows(lines: list[str]) -> list[Row]:
    """Return its records."""
    return rows_of(lines)


def test_the_same_seed_gives_the_same_log(lines: list[str]) -> None:
    """Seed and time decide everything; another seed is another month."""
    assert list(demo.lines(1, NOW)) == lines
    other = list(itertools.islice(demo.lines(2, NOW), 50))
    assert other[:6] == lines[:6]
    assert other != lines[:50]


def test_the_size_of_the_log(lines: list[str]) -> None:
    """Sixty people make some ten thousand lines in a month; size and length follow the arguments."""
    assert 50_000 < len(lines) < 100_000
    assert 100 < len(list(demo.lines(1, NOW, days=3, users=4))) < 3_000
    assert list(demo.lines(1, NOW, days=0)) == []
    assert all(row["cs-username"] == "-" for row in rows_of(list(demo.lines(1, NOW, days=2, users=0))))


def test_time_runs_forward_and_ends_now(rows: list[Row]) -> None:
    """Records come in order, the last ones today, none in the future, over thirty days."""
    times = [f"{row['date']} {row['time']}" for row in rows]
    assert times == sorted(times)
    assert f"{datetime.fromtimestamp(NOW / 1000, UTC):%Y-%m-%d %H:%M:%S}" >= times[-1]
    assert {row["date"] for row in rows} == {f"2025-10-{day}" for day in range(22, 32)} | {
        f"2025-11-{day:02}" for day in range(1, 21)
    }


def test_people_work_by_day_and_rest_at_weekends(rows: list[Row]) -> None:
    """A Saturday has less than a fifth of a Tuesday, the night a tenth of the morning."""
    days = Counter(row["date"] for row in rows)
    assert days["2025-11-15"] < days["2025-11-18"] / 5
    hours = Counter(row["time"][:2] for row in rows if row["cs-username"] != "-")
    assert hours["02"] < hours["08"] / 10


def test_who_is_who(rows: list[Row]) -> None:
    """Sixty people with an own address each, and servers without a user."""
    people = {(row["cs-username"], row["c-ip"]) for row in rows if row["cs-username"] != "-"}
    assert len(people) == len({user for user, _ in people}) == len({address for _, address in people}) == 60
    assert all(user.endswith("@lindgren-logistics.example") for user, _ in people)
    assert all(ipaddress.ip_address(address).is_private for _, address in people)
    crowd = {(row["cs-username"], row["c-ip"]) for row in rows_of(list(demo.lines(1, NOW, days=1, users=700)))}
    named = {(user, address) for user, address in crowd if user != "-"}
    assert len(named) == len({user for user, _ in named}) > 500


def test_every_kind_of_traffic_is_there(rows: list[Row]) -> None:
    """Paid services, shadow IT, generative AI, unknown domains, addresses, denied requests, and noise."""
    hosts = Counter(row["cs-host"] for row in rows)
    for host in ("outlook.office365.com", "github.com", "www.dropbox.com", "claude.ai", "140.82.121.4", "wiki"):
        assert hosts[host] > 10
    assert hosts["app.truckbay-scheduler-demo.net"] > 10
    denied = {row["cs-host"] for row in rows if row["sc-filter-result"] == "DENIED" and row["sc-status"] == "403"}
    assert {"www.bet365.com", "pastebin.com"} <= denied
    challenges = [row for row in rows if row["sc-status"] == "407"]
    assert challenges
    assert {row["cs-username"] for row in challenges} == {"-"}
    assert any(row["cs-method"] == "CONNECT" and row["cs-uri-path"] == "-" for row in rows)


def test_somebody_carries_data_out(rows: list[Row]) -> None:
    """Three people upload gigabytes to file sharing within hours: each more than the rest of their month."""
    sent: Counter[tuple[str, str]] = Counter()
    for row in rows:
        sent[row["cs-username"], row["cs-host"]] += int(row["cs-bytes"])
    hosts = ("gfs270n112.userstorage.mega.co.nz", "storage.wetransfer.net", "store3.gofile.io")
    assert [host for (_, host), size in sent.most_common(3) if size > 1_000_000_000] == list(hosts)


def test_generative_ai_grows(rows: list[Row]) -> None:
    """The last full week has more of it than the first, and one service is new."""
    days = {row["date"]: Counter[str]() for row in rows}
    for row in rows:
        days[row["date"]][row["cs-host"]] += 1
    first = sum(days[f"2025-10-{day}"]["chatgpt.com"] for day in range(27, 32))
    last = sum(days[f"2025-11-{day}"]["chatgpt.com"] for day in range(10, 15))
    assert last > first * 1.1
    assert not any(days[f"2025-10-{day}"]["chat.deepseek.com"] for day in range(22, 32))
    assert days["2025-11-19"]["chat.deepseek.com"]


def test_each_day_begins_with_its_header(lines: list[str]) -> None:
    """The proxy starts a new file every midnight: thirty headers, the first line among them."""
    assert lines[0].startswith("#Software: SGOS")
    assert sum(line.startswith("#Fields: ") for line in lines) == 30
    assert all(line.isascii() and line == line.strip() for line in lines)
