"""A month of the proxy log of a fictitious company: sample data for ``opencasb demo``.

Everything comes from one seeded generator, so a seed, a time and a size always give the same lines. The format is that
of a Symantec (Blue Coat) ProxySG, whose main log records the bytes in both directions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from opencasb.discovery.demo_log import Person, Request, header, written
from opencasb.discovery.demo_services import DEPARTMENTS, MACHINES, MB, SERVICES, Service

DOMAIN: Final = "lindgren-logistics.example"

_GIVEN: Final = (
    "anna", "erik", "maria", "lars", "karin", "anders", "eva", "johan", "lena", "mikael", "sara", "per", "emma", "jan",
    "ingrid", "nils", "sofia", "olof", "elin", "karl", "hanna", "gustav", "ida", "axel", "frida", "oskar", "linnea",
    "hugo", "alva", "viktor",
)  # fmt: skip
_FAMILY: Final = (
    "berg", "lindqvist", "holm", "sandberg", "dahl", "ekman", "forsberg", "lund", "wallin", "hedlund", "bergman",
    "norberg", "engstrom", "nyberg", "sundin",
)  # fmt: skip
_CHROME: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
_FIREFOX: Final = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0"
_AGENTS: Final = (_CHROME, f"{_CHROME} Edg/142.0.0.0", _FIREFOX)
_HOURS: Final = (1, 1, 1, 1, 2, 8, 40, 90, 100, 95, 80, 55, 85, 95, 90, 70, 35, 14, 9, 8, 6, 4, 2, 1)
"""Weight of each UTC hour of a working day, in a place one hour ahead of UTC."""

_WEEKEND: Final = 0.05
"""Share of people at work on a Saturday or Sunday."""

_BURSTS: Final = (
    (0.80, 21.6, ("gfs270n112.userstorage.mega.co.nz",), 46, 95 * MB),
    (0.45, 16.9, ("storage.wetransfer.net",), 14, 160 * MB),
    (0.93, 4.3, ("store3.gofile.io",), 25, 70 * MB),
)
"""Exfiltration: when (share of the log, hour of the day), where to, how many requests, and of what size."""


def lines(seed: int, now: int, days: int = 30, users: int = 60) -> Iterator[str]:
    """Yield the log of the ``days`` up to ``now`` (ms since the epoch UTC) in chronological order, without line ends.

    Sixty users produce about 85,000 lines in thirty days.
    """
    rng = Random(seed)  # noqa: S311 -- demo data, and it must be reproducible
    people = [_person(rng, number) for number in range(users)]
    servers = [Person(None, f"10.20.8.{number + 10}", "servers", "-", MACHINES) for number in range(3)]
    end = now // 1000
    last_midnight = datetime.fromtimestamp(end, UTC).replace(hour=0, minute=0, second=0)
    first_midnight = last_midnight - timedelta(days=days - 1)
    bursts = _bursts(rng, people, int(first_midnight.timestamp()), days) if people else []
    for number in range(days):
        midnight = first_midnight + timedelta(days=number)
        requests = [
            *_working_day(rng, people, midnight, number / days),
            *_machines(rng, servers, int(midnight.timestamp())),
            *(request for request in bursts if 0 <= request.time - midnight.timestamp() < 86_400),
        ]
        yield from header(midnight)
        for request in sorted(requests, key=lambda each: each.time):
            if request.time <= end:
                yield from written(rng, request)


def user_name(number: int) -> str:
    """Return the sign-in name of the person with that number."""
    again = number // len(_GIVEN)
    name = f"{_GIVEN[number % len(_GIVEN)]}.{_FAMILY[(number * 7 + again) % len(_FAMILY)]}"
    return f"{name}{again // len(_FAMILY) or ''}@{DOMAIN}"


def _person(rng: Random, number: int) -> Person:
    department = DEPARTMENTS[number % len(DEPARTMENTS)]
    used = tuple(each for each in SERVICES if department in each.departments and rng.random() < each.share)
    return Person(
        user_name(number),
        f"10.20.{16 + number // 200}.{number % 200 + 20}",
        department,
        rng.choice(_AGENTS),
        used,
    )


def _working_day(rng: Random, people: list[Person], midnight: datetime, progress: float) -> Iterator[Request]:
    at_work = _WEEKEND if midnight.weekday() >= 5 else 0.92
    for person in people:
        if rng.random() > at_work:
            continue
        for service in person.services:
            if progress < service.since:
                continue
            use = service.sessions * (1 + (service.growth - 1) * progress)
            for _ in range(_about(rng, use)):
                start = int(midnight.timestamp()) + rng.choices(range(24), _HOURS)[0] * 3600 + rng.randrange(3600)
                yield from _session(rng, person, service, start)


def _session(rng: Random, person: Person, service: Service, start: int) -> Iterator[Request]:
    time = start
    for _ in range(1 + _about(rng, service.requests - 1)):
        yield _request(rng, person, service, time)
        time += 1 + int(rng.expovariate(1 / 40))


def _request(rng: Random, person: Person, service: Service, time: int) -> Request:
    denied = rng.random() < service.denied
    return Request(
        time=time,
        person=person,
        service=service,
        host=rng.choice(service.hosts),
        uploaded=700 if denied else _size(rng, service.up),
        downloaded=1_400 if denied else _size(rng, service.down),
        denied=denied,
    )


def _machines(rng: Random, servers: list[Person], midnight: int) -> Iterator[Request]:
    for server in servers:
        for time in range(midnight, midnight + 86_400, 1_800):
            yield _request(rng, server, rng.choice(server.services), time + rng.randrange(1_800))


def _bursts(rng: Random, people: list[Person], first_midnight: int, days: int) -> list[Request]:
    found = []
    for share, hour, hosts, count, size in _BURSTS:
        person = rng.choice(people)
        service = Service(hosts, "Storage", 3_000, size)
        time = first_midnight + int(share * days) * 86_400 + int(hour * 3600)
        for _ in range(count):
            found.append(_request(rng, person, service, time))
            time += rng.randrange(15, 90)
    return found


def _about(rng: Random, mean: float) -> int:
    return int(rng.expovariate(1 / mean) + rng.random()) if mean > 0 else 0


def _size(rng: Random, median: int) -> int:
    return max(200, int(median * rng.lognormvariate(0, 0.8)))
